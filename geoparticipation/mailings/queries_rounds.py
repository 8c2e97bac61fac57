"""What the page of a mailing's rounds shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import F, Func, Value

from geoparticipation.mailings.models import Mailing, Round

DRAWN_WITHIN_DEG: Final = 0.00003
"""Paths on the map of all rounds may be off by two or three metres, which makes them a tenth as long to send."""

COLOURS: Final = 6
"""Of rounds on the map and in the table (rounds.css)."""


@dataclass(frozen=True)
class RoundRow:
    """A round, and how far its time is from the mean of all, in hundredths of it."""

    round: Round
    percent_off: float

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
    """All rounds without their paths, in their order: one query."""
    rounds = list(mailing.rounds.order_by("number").defer("geometry"))
    mean = sum(one.seconds for one in rounds) / len(rounds) if rounds else 0.0
    return [RoundRow(one, 100 * (one.seconds - mean) / mean if mean else 0.0) for one in rounds]


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
