"""The indicators in the API."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.indicators.districts import Place
from geoparticipation.dashboards.indicators.files import plain
from geoparticipation.dashboards.indicators.periods import Period
from geoparticipation.dashboards.indicators.reading import Values
from geoparticipation.dashboards.views_indicators import asked_for

_NUMBERS = "By the id of a figure; null: not told, or not known."


class PeriodSerializer(serializers.Serializer[Any]):
    """Whole months, both included."""

    first = serializers.CharField(help_text="2026-01")
    last = serializers.CharField(help_text="2026-12")


class FigureSerializer(serializers.Serializer[Any]):
    """One figure with what it means."""

    id = serializers.ChoiceField(Figure.choices)
    label = serializers.CharField()
    definition = serializers.CharField()
    is_about_people = serializers.BooleanField(help_text="Then of whole months that are over, and of five and more.")
    value = serializers.FloatField(allow_null=True)
    previous = serializers.FloatField(allow_null=True, help_text="In as many months before.")


class DistrictFiguresSerializer(serializers.Serializer[Any]):
    """The figures of a district; code and name are null for what lies outside of all."""

    code = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    level = serializers.CharField(allow_null=True)
    values = serializers.DictField(child=serializers.FloatField(allow_null=True), help_text=_NUMBERS)
    previous = serializers.DictField(child=serializers.FloatField(allow_null=True), help_text=_NUMBERS)


class MonthFiguresSerializer(serializers.Serializer[Any]):
    """The figures of a month."""

    month = serializers.CharField(help_text="2026-03")
    values = serializers.DictField(child=serializers.FloatField(allow_null=True), help_text=_NUMBERS)


class IndicatorsSerializer(serializers.Serializer[Any]):
    """What comes of taking part, in figures."""

    licence = serializers.URLField()
    counted_at = serializers.DateTimeField(allow_null=True, help_text="Null before the first count.")
    period = PeriodSerializer()
    previous = PeriodSerializer()
    district = serializers.CharField(allow_null=True, help_text="level:code, null for the town.")
    figures = FigureSerializer(many=True)
    districts = DistrictFiguresSerializer(many=True)
    months = MonthFiguresSerializer(many=True)


def _period(period: Period) -> dict[str, str]:
    return {"first": period.parameters["from"], "last": period.parameters["to"]}


def _values(values: Values) -> dict[str, int | float | None]:
    return {figure.value: plain(value) for figure, value in values.items()}


def _place(place: Place | None) -> dict[str, str | None]:
    if place is None:
        return {"code": None, "name": None, "level": None}
    return {"code": place.code, "name": place.name, "level": place.level}


class IndicatorsView(APIView):
    """The indicators."""

    @extend_schema(
        parameters=[
            OpenApiParameter("period", str, description="2026, 2026-q1 or 2026-03; without it the last twelve months."),
            OpenApiParameter("from", str, description="First month, 2026-01; a day stands for its month."),
            OpenApiParameter("to", str, description="Last month."),
            OpenApiParameter("district", str, description="level:code; the figures of this district."),
            OpenApiParameter("level", str, description="Name of the level whose districts are listed."),
        ],
        responses=IndicatorsSerializer,
        operation_id="indicators",
        tags=["indicators"],
    )
    def get(self, request: Request) -> Response:
        """Figures of a period and the one before, by district and by month. Seven queries."""
        asked = asked_for(request.query_params.dict(), timezone.localdate())
        found = asked.read()
        return Response(
            {
                "licence": settings.DATA_LICENCE,
                "counted_at": found.counted_at,
                "period": _period(found.period),
                "previous": _period(found.period.previous),
                "district": asked.district.key if asked.district else None,
                "figures": [
                    {
                        "id": shown.figure.value,
                        "label": shown.label,
                        "definition": str(shown.definition),
                        "is_about_people": shown.is_about_people,
                        "value": plain(shown.now),
                        "previous": plain(shown.before),
                    }
                    for shown in found.figures
                ],
                "districts": [
                    {**_place(line.place), "values": _values(line.now), "previous": _values(line.before)}
                    for line in found.lines
                ],
                "months": [{"month": f"{month:%Y-%m}", "values": _values(values)} for month, values in found.course],
            }
        )
