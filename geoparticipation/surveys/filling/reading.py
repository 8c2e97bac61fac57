"""From a posted form to answers as `answers.checking` describes them; what cannot be read stays as it was typed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.http import QueryDict

from geoparticipation.surveys.definition.model import (
    Budget,
    Consent,
    LongText,
    Matrix,
    MultipleChoice,
    Number,
    PlaceQuestion,
    PlacesChoice,
    Question,
    Ranking,
    Scale,
    ShortText,
    SingleChoice,
)
from geoparticipation.surveys.filling.names import name_of

OTHER_CHOSEN: Final = "_other"
"""Posted for the choice "other"; its words are in a field of their own."""
LONGEST_TEXT: Final = 20_000
LONGEST_GEOMETRY: Final = 200_000


def read_answers(questions: Iterable[Question], posted: QueryDict) -> dict[str, Any]:
    """The answers of a form to these questions, without what is empty. Photos are read by `filling.photos`."""
    found = {}
    for question in questions:
        value = _read(question, question.key, posted)
        if value not in (None, "", [], {}):
            found[question.key] = value
    return found


def _read(question: Question, path: str, posted: QueryDict) -> Any:
    read = _READERS.get(type(question))
    return read(question, path, posted) if read is not None else _text(posted, name_of(path))


def _text(posted: QueryDict, name: str) -> str:
    return posted.get(name, "")[:LONGEST_TEXT]


def _figure(text: str) -> Any:
    """A number with point or comma, spaces between its thousands; else the text, which is then told to be none."""
    plain = "".join(text.split()).replace(",", ".")
    try:
        figure = float(plain)
    except ValueError:
        return text
    if not math.isfinite(figure):
        return text
    return int(figure) if figure.is_integer() else figure


def _number(_question: Question, path: str, posted: QueryDict) -> Any:
    return _figure(_text(posted, name_of(path)))


def _other(path: str, posted: QueryDict) -> dict[str, str]:
    return {"other": _text(posted, name_of(f"{path}.other"))}


def _single(question: SingleChoice, path: str, posted: QueryDict) -> Any:
    chosen = _text(posted, name_of(path))
    return _other(path, posted) if question.other and chosen == OTHER_CHOSEN else chosen


def _multiple(question: MultipleChoice, path: str, posted: QueryDict) -> Any:
    chosen = posted.getlist(name_of(path))[:200]
    return [_other(path, posted) if question.other and one == OTHER_CHOSEN else one for one in chosen]


def _several(_question: Question, path: str, posted: QueryDict) -> Any:
    return posted.getlist(name_of(path))[:200]


def _ranking(question: Ranking, path: str, posted: QueryDict) -> Any:
    ranks = (posted.get(name_of(f"{path}.{rank}"), "") for rank in range(1, len(question.choices) + 1))
    return [key for key in ranks if key]


def _matrix(question: Matrix, path: str, posted: QueryDict) -> Any:
    chosen = {row.key: _text(posted, name_of(f"{path}.{row.key}")) for row in question.rows}
    return {row: choice for row, choice in chosen.items() if choice}


def _budget(question: Budget, path: str, posted: QueryDict) -> Any:
    given = {item.key: _text(posted, name_of(f"{path}.{item.key}")) for item in question.items}
    return {item: _figure(text) for item, text in given.items() if text.strip()}


def _consent(_question: Consent, path: str, posted: QueryDict) -> Any:
    return name_of(path) in posted or None


def _places(question: PlaceQuestion, path: str, posted: QueryDict) -> Any:
    """Every place of which something is said, as far as the form counts them."""
    count = posted.get(name_of(f"{path}._count"), "0")
    entries = []
    for number in range(min(int(count), question.max_places + 1) if count.isdecimal() and len(count) < 4 else 0):
        here = f"{path}[{number}]"
        entry = read_place(here, posted)
        follow_up = {}
        for asked in question.follow_up:
            value = _read(asked, f"{here}.{asked.key}", posted)
            if value not in (None, "", [], {}):
                follow_up[asked.key] = value
        if entry or follow_up:
            entries.append({**entry, "follow_up": follow_up})
    return entries


def read_place(path: str, posted: QueryDict) -> dict[str, Any]:
    """What the fields of one place say: drawn, chosen from a list, or typed."""
    entry: dict[str, Any] = {}
    drawn = posted.get(name_of(f"{path}._geometry"), "")[:LONGEST_GEOMETRY].strip()
    if drawn:
        try:
            entry["geometry"] = json.loads(drawn)
        except ValueError:
            entry["geometry"] = drawn  # no JSON: refused as a place, with the sentence for that
    for member, field in (("chosen", "_place"), ("text", "_text")):
        words = posted.get(name_of(f"{path}.{field}"), "").strip()[:200]
        if words:
            entry[member] = words
    return entry


_READERS: Final[Mapping[type[Question], Callable[[Any, str, QueryDict], Any]]] = {
    SingleChoice: _single,
    MultipleChoice: _multiple,
    Ranking: _ranking,
    Scale: _number,
    Matrix: _matrix,
    Number: _number,
    PlaceQuestion: _places,
    PlacesChoice: _several,
    Budget: _budget,
    Consent: _consent,
    ShortText: lambda _question, path, posted: _text(posted, name_of(path)),
    LongText: lambda _question, path, posted: _text(posted, name_of(path)),
}
