"""Which kind of question a row asks, with what belongs to that kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.model import OTHER
from geoparticipation.surveys.definition.reading_kinds import MAX_CHOICES, MAX_RANKED, MAX_SCALE_STEPS
from geoparticipation.surveys.definition.reading_values import LONGEST_CHOICE
from geoparticipation.surveys.xlsform.form import Form
from geoparticipation.surveys.xlsform.report import Outcome, Remark
from geoparticipation.surveys.xlsform.rules import tidy
from geoparticipation.surveys.xlsform.tree import Node

Tell = Callable[..., None]
"""Takes a code, what happened, an advice, and `column` and `lost`."""

MEDIA_COLUMNS: Final = frozenset({"media", "image", "audio", "video"})
_PARAMETER: Final = re.compile(r"([a-z\-]+)\s*=\s*([^\s,;]+)", re.IGNORECASE)
_USUAL_RANGE: Final = {"start": 1.0, "end": 10.0, "step": 1.0}


@dataclass(frozen=True)
class KindOf:
    """A kind of the format, its members, its choices by their names in the form."""

    kind: str
    members: dict[str, Any] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False


def kind_of(node: Node, form: Form, tell: Tell) -> KindOf | None:
    """The kind of a row that can be asked; nothing (and a remark) where its choices are missing."""
    word = node.type.word
    appearance = node.cell("appearance").split()
    match word:
        case "single" | "multiple" | "ranking":
            return _choosing(node, form, tell)
        case "text" if "multiline" in appearance:
            return KindOf("long_text", {"max_length": 2000})
        case "text":
            return KindOf("short_text", {"max_length": 500})
        case "integer":
            return KindOf("number", {"step": 1}, is_whole=True)
        case "decimal":
            return KindOf("number")
        case "range":
            return _range(node, tell)
        case "date" | "datetime":
            if word == "datetime":
                tell("time_left_out", _("Only the day is asked, not the time."), _("Ask for the time as a short text."))
            elif {"month-year", "year", "ethiopian", "islamic", "coptic"} & set(appearance):
                tell(
                    "calendar", _("A whole date is asked, by the usual calendar."), _("Say in the help what you need.")
                )
            return KindOf("date")
        case "time":
            tell("time_as_text", _("A time is asked as a short text."), _("Say in the help how to write it."))
            return KindOf("short_text", {"max_length": 20})
        case "point" | "line" | "area":
            return KindOf("place", {"shapes": [word]})
        case "image":
            if {"signature", "draw", "annotate"} & set(appearance):
                tell("drawing", _("A photo is asked, not a drawing or a signature."), _("Remove it if need be."))
            return KindOf("photo")
    return KindOf("consent")


def _choosing(node: Node, form: Form, tell: Tell) -> KindOf | None:
    rows = form.choices.get(node.type.list_name, [])
    if not rows:
        tell(
            "choices_missing",
            _("The list “%(list)s” is not in the sheet “choices”.") % {"list": node.type.list_name},
            _("Add the list, or add the question by hand."),
            column="type",
            lost=True,
        )
        return None
    kind = node.type.word
    most = MAX_RANKED if kind == "ranking" else MAX_CHOICES
    if len(rows) > most:
        tell(
            "choices_too_many",
            _("Of %(count)d choices only the first %(most)d are taken over.") % {"count": len(rows), "most": most},
            _("Ask for a short text instead, or for a place on the map."),
        )
    other = node.type.other and kind != "ranking"
    choices, keys = _choices(rows[:most], form, reserved={OTHER} if other else set())
    members: dict[str, Any] = {"choices": choices}
    if kind != "ranking":
        parameters = dict(_PARAMETER.findall(node.cell("parameters")))
        members |= {"other": other, "random_order": parameters.get("randomize", "").lower() == "true"}
    return KindOf(kind, members, keys)


def _choices(rows: list[Any], form: Form, *, reserved: set[str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The choices of a list, and their keys by their names; what stands twice is told and left out."""
    keys: dict[str, str] = {}
    taken = {key.lower() for key in reserved}
    found = []
    for row in rows:
        name = row.cells.get("name", "")
        label = form.text(row)
        if not name or name in keys:
            _tell_once(
                form, row.number, name, "choice_twice", Outcome.LEFT_OUT,
                what=_("The choice has no name, or one that stands in its list already."),
                advice=_("Give it a name of its own, then import again, or add it by hand."),
            )  # fmt: skip
            continue
        if not label:
            label = {form.languages[0]: name}
            _tell_once(
                form, row.number, name, "label_missing", Outcome.CHANGED,
                what=_("It has no label; its name stands there now."),
                advice=_("Write the choice in words."),
            )  # fmt: skip
        if any(column.partition(":")[0] in MEDIA_COLUMNS for column in row.cells):
            _tell_once(
                form, row.number, name, "media_ignored", Outcome.CHANGED,
                what=_("Pictures and sounds of choices are left out."),
                advice=_("Describe them in words."),
            )  # fmt: skip
        base = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")[:36] or f"c{len(found) + 1}"
        key, number = base, 2
        while key.lower() in taken:
            key, number = f"{base}_{number}", number + 1
        taken.add(key.lower())
        keys[name] = key
        found.append({"key": key, "label": {code: words[:LONGEST_CHOICE] for code, words in label.items()}})
    return found, keys


def _tell_once(form: Form, row: int, name: str, code: str, outcome: Outcome, *, what: str, advice: str) -> None:
    """A list may serve several questions: its rows are told about once."""
    remark = Remark("choices", row, name, "", outcome, code, what, advice)
    if remark not in form.report.remarks:
        form.report.remarks.append(remark)


def _range(node: Node, tell: Tell) -> KindOf:
    """A scale where it has few whole steps, else a number."""
    parameters = dict(_USUAL_RANGE)
    for name, value in _PARAMETER.findall(node.cell("parameters")):
        try:
            parameters[name.lower()] = float(value)
        except ValueError:
            continue
    start, end, step = parameters["start"], parameters["end"], abs(parameters["step"]) or 1.0
    low, high = min(start, end), max(start, end)
    whole = low == int(low) and high == int(high)
    if whole and step == 1 and 1 <= high - low <= MAX_SCALE_STEPS and -100 <= low <= 99 and high <= 100:
        return KindOf("scale", {"minimum": int(low), "maximum": int(high)}, is_whole=True)
    tell("range_as_number", _("It is asked as a number to type, not as a slider."), _("Nothing to do."))
    members = {"minimum": tidy(low), "maximum": tidy(high), "step": tidy(step)}
    return KindOf("number", members, is_whole=whole and step == int(step))
