"""Reading a .pb file: sections, columns and rows as they are written, checked for their form only."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from geoparticipation.budgets.enums import Method
from geoparticipation.budgets.errors import PabulibUnreadable

MOST_BYTES: Final = 200_000_000
_SECTIONS: Final = ("meta", "projects", "votes")
_METHODS: Final = {
    "approval": Method.APPROVAL,
    "choose-1": Method.APPROVAL,
    "cumulative": Method.POINTS,
    "scoring": Method.POINTS,
    "ordinal": Method.RANKING,
}


@dataclass
class Section:
    """The columns of a section, and its rows with their line numbers."""

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)


@dataclass(frozen=True)
class PabulibFile:
    """A whole file; `meta` in its order."""

    meta: dict[str, str]
    projects: Section
    votes: Section

    @property
    def method(self) -> Method:
        """How people voted. Raises PabulibUnreadable for a type of vote that we do not know."""
        kind = self.meta.get("vote_type", "").strip().lower()
        if kind not in _METHODS:
            raise PabulibUnreadable(
                _("The file says “%(kind)s” for vote_type; we read %(known)s.")
                % {"kind": kind, "known": ", ".join(_METHODS)}
            )
        if kind == "approval" and self.limit("max_sum_cost") and self.limit("max_sum_cost") == int(self.budget):
            return Method.ENVELOPE
        return _METHODS[kind]

    @property
    def budget(self) -> Decimal:
        """The amount of money. Raises PabulibUnreadable."""
        amount = read_amount(self.meta.get("budget", ""))
        if amount is None:
            raise PabulibUnreadable(_("The file does not say the budget as a number."))
        return amount

    def limit(self, name: str) -> int:
        """A whole number of META; 0 where there is none."""
        amount = read_amount(self.meta.get(name, ""))
        return int(amount) if amount is not None else 0


def read_amount(text: str) -> Decimal | None:
    """An amount above 0, to the cent, as the format writes it ("4000.0", "1,5"); None for anything else."""
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 < amount < 10**12 or amount != amount.quantize(Decimal("0.01")):
        return None
    return amount.quantize(Decimal("0.01"))


def read_pabulib(path: Path) -> PabulibFile:
    """Read a file whole. Raises PabulibUnreadable with the line where it stops being one."""
    if path.stat().st_size > MOST_BYTES:
        raise PabulibUnreadable(_("The file is larger than any vote."))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise PabulibUnreadable(_("The file is not text in UTF-8.")) from None
    if "\x00" in text:
        raise PabulibUnreadable(_("The file is not text in UTF-8."))
    return parse_pabulib(text)


def parse_pabulib(text: str) -> PabulibFile:
    """As `read_pabulib`, of the text itself."""
    meta: dict[str, str] = {}
    sections = {"projects": Section(), "votes": Section()}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    current, expects_columns = "", False
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            first = cells[0].strip().lower()
            if len(cells) == 1 and first in _SECTIONS:
                current, expects_columns = first, True
            elif not current:
                raise PabulibUnreadable(_("The first line of a .pb file is META."))
            elif expects_columns:
                expects_columns = False
                if current != "meta":
                    sections[current].columns = [cell.strip() for cell in cells]
            elif current == "meta":
                meta[cells[0].strip()] = cells[1].strip() if len(cells) > 1 else ""
            else:
                section = sections[current]
                padded = [*cells, *[""] * (len(section.columns) - len(cells))]
                section.rows.append(
                    (line, {name: cell.strip() for name, cell in zip(section.columns, padded, strict=False)})
                )
    except csv.Error as error:
        raise PabulibUnreadable(
            _("Line %(line)d is not readable: %(error)s.") % {"line": reader.line_num, "error": error}
        ) from None
    for name, column in (("projects", "project_id"), ("votes", "vote")):
        if column not in sections[name].columns:
            raise PabulibUnreadable(
                _("The section %(section)s is missing, or has no column %(column)s.")
                % {"section": name.upper(), "column": column}
            )
    return PabulibFile(meta, sections["projects"], sections["votes"])
