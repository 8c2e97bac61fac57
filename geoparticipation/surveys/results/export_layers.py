"""Responses as layers for files: one of all responses, one for each question with places. For agents only.

A cell has what is stored: keys of choices, "; " between several, "other" for one's own words, which have a column of
their own. The places are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Count,
    DateField,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Subquery,
    TextField,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from geoparticipation.contributions.enums import Status
from geoparticipation.surveys.definition.model import (
    Budget,
    Consent,
    Day,
    Matrix,
    MultipleChoice,
    Number,
    Photo,
    PlaceQuestion,
    Question,
    Scale,
    SingleChoice,
)
from geoparticipation.surveys.models import PlaceAnswer, Survey, SurveyResponse
from geoparticipation.surveys.results.narrowing import condition
from geoparticipation.surveys.results.tables import words
from geoparticipation.surveys.results.tallies import Narrowing
from layers.exports.extract import Extract
from layers.layer import Layer

RESPONSES: Final = "responses"
# GDAL and the formats have columns of these names of their own.
_TAKEN: Final = ("fid", "ogc_fid", "geometry", "geom", "lon", "lat", "wkt", "geometry_type", "rowid")


def extracts_of(survey: Survey, narrowing: Narrowing, *, lets_go: bool = False) -> list[Extract]:
    """What goes into files: the responses first, then the places of each question that has any. No query."""
    extracts = [_responses(survey, narrowing, lets_go)]
    taken = {RESPONSES}
    for question in survey.read.questions:
        if has_places(question):
            name = _free(question.key, taken)
            taken.add(name.lower())
            extracts.append(_places(survey, question, name, narrowing, lets_go))
    return extracts


def has_places(question: Question) -> bool:
    """Whether its answers have places."""
    return isinstance(question, PlaceQuestion) or (isinstance(question, Photo) and question.with_place)


def _responses(survey: Survey, narrowing: Narrowing, lets_go: bool) -> Extract:
    columns: list[tuple[str, str | Combinable]] = [
        ("code", "contribution__code"),
        ("submitted_at", "contribution__submitted_at"),
        ("origin", "contribution__origin"),
        ("language", "contribution__language"),
        ("located_by", "contribution__located_by"),
        ("district", "contribution__district__name"),
        ("street", "contribution__street__name"),
    ]
    for question in survey.read.questions:
        columns += _columns(question, "answers")
    rows = SurveyResponse.objects.counted().filter(condition(narrowing, "contribution__"), survey=survey)
    layer = Layer(
        name=RESPONSES,
        title=_("Responses"),
        queryset=lambda user: rows,
        geometry="contribution__geometry",
        properties=_named(columns),
        id_property="code",
        tile_properties=(),
        is_public=False,
    )
    return Extract(layer=layer, rows=rows, title=_("Responses"), lets_go=lets_go)


def _places(survey: Survey, question: Question, name: str, narrowing: Narrowing, lets_go: bool) -> Extract:
    columns: list[tuple[str, str | Combinable]] = [
        ("response", "response__contribution__code"),
        ("position", "position"),
        ("located_by", "located_by"),
        ("district", "district__name"),
        ("street", "street__name"),
    ]
    if isinstance(question, PlaceQuestion):
        for further in question.follow_up:
            columns += _columns(further, "follow_up")
    rows = PlaceAnswer.objects.filter(
        condition(narrowing, "response__contribution__"),
        survey=survey,
        question=question.key,
        response__contribution__status=Status.COUNTED,
    )
    layer = Layer(
        name=name,
        title=words(question.label),
        description=words(question.label),
        queryset=lambda user: rows,
        properties=_named(columns),
        id_property="response",
        tile_properties=(),
        is_public=False,
    )
    return Extract(layer=layer, rows=rows, title=words(question.label), lets_go=lets_go)


def _columns(question: Question, field: str) -> Iterator[tuple[str, str | Combinable]]:
    """The columns of one question."""
    key = question.key
    match question:
        case Scale():
            yield key, Cast(KeyTextTransform(key, field), IntegerField())
        case Number():
            yield key, Cast(KeyTextTransform(key, field), FloatField())
        case Day():
            yield key, Cast(KeyTextTransform(key, field), DateField())
        case Consent():
            yield key, Cast(KeyTextTransform(key, field), BooleanField())
        case Matrix():
            for row in question.rows:
                yield f"{key}_{row.key}", KeyTextTransform(row.key, KeyTransform(key, field))
        case Budget():
            for item in question.items:
                amount = KeyTextTransform(item.key, KeyTransform(key, field))
                yield f"{key}_{item.key}", Cast(amount, FloatField())
        case PlaceQuestion():
            places = PlaceAnswer.objects.filter(response=OuterRef("pk"), question=key).order_by()
            count = places.values("response").annotate(count=Count("pk")).values("count")
            yield f"{key}_places", Coalesce(Subquery(count, output_field=IntegerField()), 0)
        case _:
            yield key, _text("surveys_said", key, field)
            if isinstance(question, SingleChoice | MultipleChoice) and question.other:
                yield f"{key}_other", _text("surveys_own_words", key, field)


def _text(function: str, key: str, field: str) -> Func:
    return Func(KeyTransform(key, field), function=function, output_field=TextField())


def _named(columns: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Columns by names that no format has taken, and none twice, whatever the case."""
    named: dict[str, Any] = {}
    taken = set(_TAKEN)
    for name, source in columns:
        free = _free(name, taken)
        taken.add(free.lower())
        named[free] = source
    return named


def _free(name: str, taken: set[str]) -> str:
    while name.lower() in taken:
        name += "_"
    return name
