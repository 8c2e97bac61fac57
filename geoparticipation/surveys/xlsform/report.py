"""What an import tells: for each row what was not taken over as it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What became of something in a row."""

    LEFT_OUT = "left_out"
    CHANGED = "changed"


@dataclass(frozen=True)
class Remark:
    """One thing that is not as it was in the form.

    `sheet` and `row` say where (row 1 has the headings), `name` the question, `column` the column it is about ("" for
    the whole row), `code` is stable, `what` says what happened and `advice` what to do.
    """

    sheet: str
    row: int
    name: str
    column: str
    outcome: Outcome
    code: str
    what: str
    advice: str


@dataclass
class Report:
    """Every remark in the order of the rows, and how many questions were read and written."""

    remarks: list[Remark] = field(default_factory=list)
    read: int = 0
    written: int = 0

    def as_json(self) -> dict[str, Any]:
        """For keeping it until the next page."""
        return {"read": self.read, "written": self.written, "remarks": [asdict(remark) for remark in self.sorted()]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Report:
        """What `as_json` kept."""
        remarks = [Remark(**{**said, "outcome": Outcome(said["outcome"])}) for said in kept["remarks"]]
        return cls(remarks, kept["read"], kept["written"])

    def sorted(self) -> list[Remark]:
        """By sheet and row; those of the whole form come first."""
        return sorted(self.remarks, key=lambda remark: (remark.row > 0, remark.sheet == "choices", remark.row))
