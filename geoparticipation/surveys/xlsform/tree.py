"""The rows of the sheet `survey` as a tree: groups and repeats hold what stands between their begin and their end."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from geoparticipation.surveys.xlsform.form import Form
from geoparticipation.surveys.xlsform.report import Outcome, Remark
from geoparticipation.surveys.xlsform.types import Type, read_type
from geoparticipation.surveys.xlsform.workbook import Row

_YES = {"yes", "true", "true()", "1", "oui"}


@dataclass
class Node:
    """A row with its type, and for a group what it holds."""

    row: Row
    type: Type
    inside: list[Node] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the question."""
        return self.cell("name")

    def cell(self, column: str) -> str:
        """What stands in this column."""
        return self.row.cells.get(column, "").strip()

    def says(self, column: str) -> bool:
        """Whether a yes stands in this column."""
        return self.cell(column).lower() in _YES


def tree_of(form: Form) -> list[Node]:
    """What stands outside of any group, in order; rows that are switched off or have no type are left out."""
    root: list[Node] = []
    open_groups: list[Node] = []
    for row in form.survey:
        if row.cells.get("disabled", "").lower() in _YES or not row.cells.get("type"):
            continue
        node = Node(row, read_type(row.cells["type"]))
        if node.type.word == "end":
            if open_groups:
                open_groups.pop()
            else:
                _tell(form, row, _("It ends a group that never began."), _("Take the row out."))
            continue
        (open_groups[-1].inside if open_groups else root).append(node)
        if node.type.word == "begin":
            open_groups.append(node)
    for group in open_groups:
        _tell(form, group.row, _("The group never ends; it now goes to the last row."), _("Look at where it ends."))
    return root


def _tell(form: Form, row: Row, what: str, advice: str) -> None:
    form.report.remarks.append(
        Remark(
            "survey", row.number, row.cells.get("name", ""), "type", Outcome.CHANGED, "group_unbalanced", what, advice
        )
    )
