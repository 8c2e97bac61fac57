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


COLUMNS = {
    "box": gettext_lazy("box"),
    "district": gettext_lazy("district"),
    "dwellings": gettext_lazy("dwellings"),
    "geometry": gettext_lazy("place"),
    "house_number": gettext_lazy("house number"),
    "kind": gettext_lazy("kind of way"),
    "locality": gettext_lazy("locality"),
    "name": gettext_lazy("name"),
    "names": gettext_lazy("names by language"),
    "no_flyers": gettext_lazy("does not want flyers"),
    "postcode": gettext_lazy("postcode"),
    "source": gettext_lazy("source"),
    "street": gettext_lazy("street"),
    "surface": gettext_lazy("surface"),
}
"""What people read for each column that an import can change."""


def column_in_words(column: str) -> str:
    """The column in the language of the moment."""
    return str(COLUMNS.get(column, column))


def kind_in_words(kind: str) -> str:
    """The kind in the language of the moment; the name of a level after it ("districts (commune)") stays."""
    name, bracket, level = kind.partition(" (")
    return f"{KINDS.get(name, name)}{bracket}{level}"


@dataclass
class ImportReport:
    """Counts by kind of thing ("streets", "addresses" …), and each refused row with its code and reason.

    A row read is new (`created`), `changed`, `reopened` (closed by an earlier import and there again), `unchanged` or
    refused: one of these five. `changed_columns` counts, for the changed and the reopened, each column that differs.
    `closed` are rows of the register that the file no longer has. Refused rows go to
    `refused_file` as they come (columns kind, row, code, reason), so that a file of a million bad rows does not
    fill the memory; the first ones of each code are kept in `examples`.
    """

    refused_file: Path | None = None
    read: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    reopened: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    changed_columns: Counter[tuple[str, str]] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _refused_names: dict[str, set[str]] = field(default_factory=dict, repr=False)
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

    def refuse(self, kind: str, row: str, code: str, reason: str, *, name: str = "") -> None:
        """Note that `row` (its line, or its identifier in the register) is left out, and why.

        `name` is what a thing stored earlier would be known by (an identifier, a code): what the register still has,
        though in a row that cannot be used, is not gone.
        """
        if name:
            self._refused_names.setdefault(kind, set()).add(name)
        self.refused[kind, code] += 1
        kept = self.examples.setdefault((kind, code), [])
        if len(kept) < 3:
            kept.append(_("%(row)s: %(reason)s") % {"row": row, "reason": reason})
        if self._writer:
            self._writer.writerow([harmless_cell(cell) for cell in (kind, row, code, reason)])

    def refused_names(self, kind: str) -> set[str]:
        """What the refused rows of the kind would be known by, as far as they say."""
        return self._refused_names.get(kind, set())

    def count(self, kind: str, *, staged: int, created: int, changed: int, reopened: int = 0) -> None:
        """Add what one upsert did with `staged` rows."""
        self.created[kind] += created
        self.changed[kind] += changed
        self.reopened[kind] += reopened
        self.unchanged[kind] += staged - created - changed - reopened

    def written(self, kind: str) -> int:
        """Rows of the kind that are in the database now because of this import or an earlier one."""
        return self.created[kind] + self.changed[kind] + self.reopened[kind] + self.unchanged[kind]

    def refused_of(self, kind: str) -> int:
        """Refused rows of the kind, for whatever reason."""
        return sum(count for (of, _code), count in self.refused.items() if of == kind)

    @property
    def kinds(self) -> list[str]:
        """The kinds met, in the order in which they were."""
        return list(
            dict.fromkeys(
                [*self.read, *self.created, *self.unchanged, *(kind for kind, _code in self.refused), *self.closed]
            )
        )

    def as_json(self) -> dict[str, Any]:
        """The report as plain values, for a column of JSON; words are in the language of the moment.

        `{"kinds": [{"kind", "label", "read", "written", "created", "changed", "unchanged", "reopened", "closed",
        "refused", "columns": [{"column", "label", "count"}]}], "refusals": [{"kind", "label", "code", "count",
        "examples"}], "notes": […]}`, both lists in the order of the printed tables.
        """
        return {
            "kinds": [
                {
                    "kind": kind,
                    "label": kind_in_words(kind),
                    "read": self.read[kind],
                    "written": self.written(kind),
                    "created": self.created[kind],
                    "changed": self.changed[kind],
                    "unchanged": self.unchanged[kind],
                    "reopened": self.reopened[kind],
                    "closed": self.closed[kind],
                    "refused": self.refused_of(kind),
                    "columns": [
                        {"column": column, "label": column_in_words(column), "count": count}
                        for column, count in self.columns_of(kind)
                    ],
                }
                for kind in self.kinds
            ],
            "refusals": [
                {
                    "kind": kind,
                    "label": kind_in_words(kind),
                    "code": code,
                    "count": count,
                    "examples": list(self.examples.get((kind, code), [])),
                }
                for (kind, code), count in self.refused.most_common()
            ],
            "notes": [str(note) for note in self.notes],
        }

    def columns_of(self, kind: str) -> list[tuple[str, int]]:
        """What changed in the rows of the kind: each column with the number of rows, most first."""
        return [(column, count) for (of, column), count in self.changed_columns.most_common() if of == kind and count]
