"""Finding the places of answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from geoparticipation.contributions.domain.placement import Placement, place_contribution
from geoparticipation.contributions.enums import PublicPlace
from geoparticipation.contributions.errors import PlaceMissing
from geoparticipation.contributions.locating import locate
from geoparticipation.surveys.answers.keeping import GivenPlace
from geoparticipation.surveys.errors import PlaceOfAnswerRefused
from geoparticipation.surveys.models import Survey
from layers.errors import Refusal
from neighbourhoods.models import Target


@dataclass(frozen=True)
class PlacedAnswer:
    """One place of an answer, found."""

    question: str
    position: int
    placement: Placement
    follow_up: Mapping[str, Any]


def place_answers(*, survey: Survey, places: Iterable[GivenPlace]) -> list[PlacedAnswer]:
    """Check each place and find what it lies in, as for a contribution. Two to six queries for each.

    A place that must lie in the target lies in the survey's, else in the consultation's. Raises PlaceOfAnswerRefused,
    which says of which question, for the first that is not taken.
    """
    return [
        PlacedAnswer(given.question, given.position, find_place(survey=survey, given=given), given.follow_up)
        for given in places
    ]


def find_place(*, survey: Survey, given: GivenPlace) -> Placement:
    """The place of one answer; raises PlaceOfAnswerRefused with what speaks against it."""
    try:
        located = locate(
            {
                "geometry": given.entry.get("geometry"),
                "place": _words(given.entry, "chosen"),
                "place_text": _words(given.entry, "text"),
            }
        )
        if located is None:
            raise PlaceMissing
        return place_contribution(
            consultation=survey.consultation,
            geometry=located.geometry,
            located_by=located.located_by,
            street=located.street,
            district=located.district,
            inside=_target(survey) if given.inside == "target" else None,
            public_place=PublicPlace.EXACT,
        )
    except Refusal as refusal:
        raise PlaceOfAnswerRefused(f"{given.question}[{given.position}]", refusal) from refusal


def _words(entry: Mapping[str, Any], name: str) -> str:
    words = entry.get(name)
    return words.replace("\0", "") if isinstance(words, str) else ""


def _target(survey: Survey) -> Target | None:
    return survey.target or survey.consultation.target
