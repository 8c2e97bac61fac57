"""What the page of a mailing's rounds shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import Count, F, Func, Value
from django.utils import timezone

from geoparticipation.mailings.models import Mailing, Round, RoundLetterbox, RoundLink

DRAWN_WITHIN_DEG: Final = 0.00003
"""Paths on the map of all rounds may be off by two or three metres, which makes them a tenth as long to send."""

COLOURS: Final = 6
"""Of rounds on the map and in the table (rounds.css)."""


@dataclass(frozen=True)
class RoundRow:
    """A round, and how far its time is from the mean of all, in hundredths of it.

    `delivered` letterboxes got their flyers, as far as was noted on the way; `has_link` when somebody may have it on a
    phone.
    """

    round: Round
    percent_off: float
    delivered: int
    has_link: bool

    @property
    def colour(self) -> int:
        """Which of the page's colours it has."""
        return (self.round.number - 1) % COLOURS

    @property
    def minutes(self) -> int:
        """What it takes, in whole minutes."""
        return round(self.round.seconds / 60)

    @property
    def km(self) -> float:
        """What is walked."""
        return self.round.length_m / 1000


def round_rows(mailing: Mailing) -> list[RoundRow]:
    """All rounds without their paths, in their order: three queries."""
    rounds = list(mailing.rounds.order_by("number").defer("geometry"))
    mean = sum(one.seconds for one in rounds) / len(rounds) if rounds else 0.0
    delivered = dict(
        RoundLetterbox.objects.filter(stop__round__mailing=mailing, letterbox__delivered_on__isnull=False)
        .order_by()
        .values_list("stop__round")
        .annotate(count=Count("pk"))
    )
    links = RoundLink.objects.filter(
        round__mailing=mailing, withdrawn_at__isnull=True, expires_at__gt=timezone.now()
    ).values_list("round", flat=True)
    handed_out = set(links)
    return [
        RoundRow(
            round=one,
            percent_off=100 * (one.seconds - mean) / mean if mean else 0.0,
            delivered=delivered.get(one.pk, 0),
            has_link=one.pk in handed_out,
        )
        for one in rounds
    ]


def paths_of_rounds(mailing: Mailing) -> dict[str, Any]:
    """Give the paths as a GeoJSON FeatureCollection with `round` in the properties, simplified in SQL: one query."""
    simplified = Func(F("geometry"), Value(DRAWN_WITHIN_DEG), function="ST_Simplify", output_field=GeometryField())
    rows = (
        mailing.rounds.filter(geometry__isnull=False)
        .order_by("number")
        .values_list("number", AsGeoJSON(simplified, precision=5))
    )
    features = [
        {"type": "Feature", "properties": {"round": number}, "geometry": json.loads(shape)}
        for number, shape in rows
        if shape
    ]
    return {"type": "FeatureCollection", "features": features}
