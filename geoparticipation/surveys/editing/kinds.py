"""The kinds of questions in words, and what a new one of each begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from geoparticipation.surveys.definition.model import FOLLOW_UP_KINDS


@dataclass(frozen=True)
class KindInWords:
    """A kind with its name and its icon."""

    kind: str
    name: Any
    icon: str


KINDS_IN_WORDS: Final = (
    KindInWords("single", gettext_lazy("One choice"), "circle-dot"),
    KindInWords("multiple", gettext_lazy("Several choices"), "list-checks"),
    KindInWords("ranking", gettext_lazy("Put in order"), "list-ordered"),
    KindInWords("scale", gettext_lazy("Scale"), "sliders-horizontal"),
    KindInWords("matrix", gettext_lazy("Table of choices"), "table-2"),
    KindInWords("number", gettext_lazy("Number"), "ruler"),
    KindInWords("short_text", gettext_lazy("Short text"), "pen-line"),
    KindInWords("long_text", gettext_lazy("Long text"), "file-text"),
    KindInWords("date", gettext_lazy("Date"), "calendar-days"),
    KindInWords("place", gettext_lazy("Places on the map"), "map-pin"),
    KindInWords("places_choice", gettext_lazy("Choose among places"), "map-pinned"),
    KindInWords("photo", gettext_lazy("Photo"), "camera"),
    KindInWords("budget", gettext_lazy("Share out a budget"), "wallet"),
    KindInWords("consent", gettext_lazy("Consent"), "check"),
)
FOLLOW_UP_KINDS_IN_WORDS: Final = tuple(kind for kind in KINDS_IN_WORDS if kind.kind in FOLLOW_UP_KINDS)
_BY_KIND: Final = {kind.kind: kind for kind in KINDS_IN_WORDS}


def kind_in_words(kind: str) -> KindInWords:
    """The name and icon of a kind."""
    return _BY_KIND[kind]


def new_question(kind: str, *, key: str, languages: Sequence[str], at: Mapping[str, float]) -> dict[str, Any]:
    """A question that could be asked as it is, with words to write over; `at` (lon, lat) is where its places begin."""
    labels = {language: _in(language, lambda: _("New question")) for language in languages}
    return {"key": key, "kind": kind, "label": labels, **_members(kind, languages, at)}


def _in(language: str, say: Any) -> str:
    with override(language):
        return str(say())


def _some(languages: Sequence[str], count: int, first: str = "c") -> list[dict[str, Any]]:
    def label(number: int) -> dict[str, str]:
        return {code: _in(code, lambda: _("Choice %(number)d") % {"number": number}) for code in languages}

    return [{"key": f"{first}{number}", "label": label(number)} for number in range(1, count + 1)]


def _members(kind: str, languages: Sequence[str], at: Mapping[str, float]) -> dict[str, Any]:
    match kind:
        case "single" | "multiple" | "ranking":
            return {"choices": _some(languages, 2)}
        case "scale":
            return {"minimum": 1, "maximum": 5}
        case "matrix":
            return {"rows": _some(languages, 2, "r"), "choices": _some(languages, 3)}
        case "places_choice":
            point = {"type": "Point", "coordinates": [at["lon"], at["lat"]]}
            return {"places": [{**choice, "geometry": point} for choice in _some(languages, 2, "p")]}
        case "budget":
            items = _some(languages, 2, "i")
            return {
                "items": [{**item, "cost_minimum": 0, "cost_maximum": 10_000, "step": 1000} for item in items],
                "total": 10_000,
                "unit": dict.fromkeys(languages, "€"),
            }
    return {}
