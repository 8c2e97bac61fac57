"""Answers that came back on paper, entered by municipal staff with the code that was on the flyer."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.domain.submit_contribution import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin
from geoparticipation.contributions.errors import PaperFileUnreadable
from geoparticipation.contributions.models import Contribution
from geoparticipation.mailings.domain.letterbox_codes import open_code
from geoparticipation.mailings.models import LetterboxCode
from layers.errors import Refusal

COLUMNS: Final = ("code", "title", "body")
MOST_ROWS: Final = 500
FILE_MAX_BYTES: Final = 3_000_000


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken: its number in the file (the heading is 1), its title, and why."""

    number: int
    title: str
    code: str
    reason: str


@dataclass
class PaperReport:
    """What became of the rows of a file."""

    read: int = 0
    written: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


def find_flyer(*, text: str, actor: Actor) -> LetterboxCode:
    """The flyer with this code, for whoever holds the paper; nothing is noted as opened by the household.

    Raises NotAllowed (staff only), CodeMistyped, CodeUnknown.
    """
    if not actor.is_moderator:
        raise NotAllowed
    return open_code(text=text[:40], actor=actor, noted=False)


def enter_paper_answer(*, actor: Actor, code_text: str, title: str, body: str) -> Contribution:
    """Store the answer of a household that came on paper, on the segment of its street; it uses up the code.

    It waits for a moderator like everything that came on paper. Raises what `find_flyer` and `submit_contribution`
    raise, CodeUsedUp above all.
    """
    flyer = find_flyer(text=code_text, actor=actor)
    return submit_contribution(
        actor=actor,
        consultation=flyer.letterbox.mailing.consultation,
        kind=Kind.PROPOSAL,
        title=title,
        body=body,
        located_by=LocatedBy.LETTERBOX,
        origin=Origin.PAPER,
        language=flyer.letterbox.mailing.consultation.language,
        letterbox=flyer,
    )


def import_paper_answers(*, actor: Actor, content: bytes) -> PaperReport:
    """Enter each row of a CSV file (columns code, title, body); one that is refused leaves the others be.

    Each row is a transaction of its own. The same file again writes nothing: its codes are used up. UTF-8, or else
    Windows-1252; commas, semicolons or tabs. Raises NotAllowed, PaperFileUnreadable.
    """
    if not actor.is_moderator:
        raise NotAllowed
    report = PaperReport()
    for number, row in _rows(content):
        report.read += 1
        try:
            enter_paper_answer(actor=actor, code_text=row["code"], title=row["title"], body=row["body"])
        except Refusal as refusal:
            report.refused.append(RefusedRow(number, row["title"][:80], refusal.code, refusal.detail))
        else:
            report.written += 1
    return report


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    text = text.replace("\x00", "")
    heading = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise PaperFileUnreadable(
                _("The first line must name the columns code, title and body. Missing: %(names)s.")
                % {"names": ", ".join(missing)}
            )
        for number, cells in enumerate(reader, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            padded = [*cells, *[""] * len(names)]
            rows.append((number, {name: padded[names.index(name)] for name in COLUMNS}))
            if len(rows) > MOST_ROWS:
                raise PaperFileUnreadable(
                    _("A file may have %(limit)d answers at the most: split it.") % {"limit": MOST_ROWS}
                )
    except csv.Error:
        raise PaperFileUnreadable(_("This is not a CSV file, or a quotation mark in it never closes.")) from None
    yield from rows
