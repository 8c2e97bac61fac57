"""What an import read, wrote and refused."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from layers.spreadsheets import harmless_cell

KINDS = {
    "addresses": gettext_lazy("addresses"),
    "districts": gettext_lazy("districts"),
    "parks, water, buildings": gettext_lazy("parks, water, buildings"),
    "streets": gettext_lazy("streets"),
    "streets known only by their addresses": gettext_lazy("streets known only by their addresses"),
}
"""What people read for each kind; the kinds themselves stay as they are, in the file of refused rows too."""


def kind_in_words(kind: str) -> str:
    """The kind in the language of the moment; the name of a level after it ("districts (commune)") stays."""
    name, bracket, level = kind.partition(" (")
    return f"{KINDS.get(name, name)}{bracket}{level}"


@dataclass
class ImportReport:
    """Counts by kind of thing ("streets", "addresses" …), and each refused row with its code and reason.

    `created`, `changed` and `unchanged` add up to what was written or found as it should be. Refused rows go to
    `refused_file` as they come (columns kind, row, code, reason), so that a file of a million bad rows does not
    fill the memory; the first ones of each code are kept in `examples`.
    """

    refused_file: Path | None = None
    read: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _stream: TextIO | None = field(default=None, repr=False)
    _writer: Any = field(default=None, repr=False)

    def __enter__(self) -> Self:
        if self.refused_file:
            self._stream = self.refused_file.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._stream)
            self._writer.writerow(["kind", "row", "code", "reason"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            self._stream.close()

    def refuse(self, kind: str, row: str, code: str, reason: str) -> None:
        """Note that `row` (its line, or its identifier in the register) is left out, and why."""
        self.refused[kind, code] += 1
        kept = self.examples.setdefault((kind, code), [])
        if len(kept) < 3:
            kept.append(_("%(row)s: %(reason)s") % {"row": row, "reason": reason})
        if self._writer:
            self._writer.writerow([harmless_cell(cell) for cell in (kind, row, code, reason)])

    def count(self, kind: str, *, staged: int, created: int, changed: int) -> None:
        """Add what one upsert did with `staged` rows."""
        self.created[kind] += created
        self.changed[kind] += changed
        self.unchanged[kind] += staged - created - changed

    def written(self, kind: str) -> int:
        """Rows of the kind that are in the database now because of this import or an earlier one."""
        return self.created[kind] + self.changed[kind] + self.unchanged[kind]

    def refused_of(self, kind: str) -> int:
        """Refused rows of the kind, for whatever reason."""
        return sum(count for (of, _code), count in self.refused.items() if of == kind)

    @property
    def kinds(self) -> list[str]:
        """The kinds met, in the order in which they were."""
        return list(
            dict.fromkeys([*self.read, *self.created, *self.unchanged, *(kind for kind, _code in self.refused)])
        )
