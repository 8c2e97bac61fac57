"""The map layers of surveys: places of answers for agents, hexagons of enough people for everybody."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.filters import UnknownFilterValue
from geoparticipation.surveys.models import PlaceAnswer, ReleasedHexagon, ResultRelease
from geoparticipation.surveys.results.narrowing import condition
from geoparticipation.surveys.results.tallies import Narrowing
from layers.layer import Clustering, Layer, Rows, Viewer
from layers.registry import register
from neighbourhoods.permissions import is_agent


def _places(user: Viewer) -> Rows:
    """The places of answers that count; nothing for anybody but agents."""
    if not is_agent(user):
        return PlaceAnswer.objects.none()
    return PlaceAnswer.objects.filter(response__contribution__status=Status.COUNTED)


def _of_survey(rows: Rows, parameters: QueryDict, survey: str) -> Rows:
    """Only those of `survey` (its address) and `question` (its key)."""
    if slug := parameters.get("survey"):
        rows = rows.filter(**{survey: slug})
    if question := parameters.get("question"):
        rows = rows.filter(question=question)
    return rows


def _filter_places(rows: Rows, parameters: QueryDict) -> Rows:
    """As the page of results narrows: also by `district` and `street` of the person, days and `origin`."""
    rows = _of_survey(rows, parameters, "survey__slug")
    narrowing = Narrowing(
        district=_number(parameters, "district"),
        street=_number(parameters, "street"),
        first_day=_day(parameters, "first_day"),
        last_day=_day(parameters, "last_day"),
        origin=parameters.get("origin", ""),
    )
    return rows.filter(condition(narrowing, "response__contribution__")) if narrowing else rows


def _number(parameters: QueryDict, name: str) -> int | None:
    text = parameters.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise UnknownFilterValue(name, text)
    return int(text)


def _day(parameters: QueryDict, name: str) -> date | None:
    text = parameters.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UnknownFilterValue(name, text) from None


def _filter_hexagons(rows: Rows, parameters: QueryDict) -> Rows:
    return _of_survey(rows, parameters, "release__survey__slug")


_PLACE_PROPERTIES: dict[str, Any] = {
    "id": "pk",
    "survey": "survey__slug",
    "question": "question",
    "response": "response__contribution__code",
    "district": "district__name",
    "street": "street__name",
}

PLACES = register(
    Layer(
        name="survey-places",
        title=_("Places in answers to surveys"),
        description=_("Where people put their answers, exactly"),
        queryset=_places,
        properties=_PLACE_PROPERTIES,
        tile_properties=("id", "question", "district"),
        is_public=False,
        is_open_to=is_agent,
        filters=_filter_places,
        clustering=Clustering(below_zoom=14, cells=16),
    )
)

HEXAGONS = register(
    Layer(
        name="survey-hexagons",
        title=_("Where people put their answers to surveys"),
        description=_("Hexagons in which five people or more put a place"),
        queryset=lambda user: ReleasedHexagon.objects.filter(release__in=ResultRelease.objects.public()),
        properties={
            "id": "pk",
            "survey": "release__survey__slug",
            "question": "question",
            "people": "people",
            "near": "near",
        },
        tile_properties=("id", "question", "people", "near"),
        label="near",
        geometry_types=("Polygon",),
        filters=_filter_hexagons,
        importance=("-people", "pk"),
    )
)
