"""A layer of letterboxes that everybody may see, for what the tests of tiles need: many points, some of them hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiLineString, Point
from django.db import connection
from django.http import QueryDict

from layers.layer import Clustering, Layer, Rows
from layers.registry import register, unregister
from neighbourhoods.models import Address, Street


@pytest.fixture
def street() -> Street:
    """A street from west to east across the middle of tile 13/4312/2884."""
    return Street.objects.create(
        code="haute",
        name="Haute",
        kind="residential",
        geometry=MultiLineString(LineString((9.45, 47.1), (9.55, 47.1))),
    )


def make_address(street: Street, number: int, lon: float, lat: float, **fields: Any) -> Address:
    """A letterbox at this place."""
    return Address.objects.create(
        register_id=str(number),
        source="test",
        street=street,
        house_number=str(number),
        geometry=Point(lon, lat, srid=4326),
        **fields,
    )


def scatter_addresses(street: Street, count: int) -> None:
    """So many letterboxes over 0.2 × 0.2 degrees, always at the same places; every tenth is hidden."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO neighbourhoods_address
                (register_id, source, street_id, house_number, number_suffix, box, postcode, locality, geometry,
                 dwellings, no_flyers)
            SELECT i, 'test', %s, i, '', '', 9490 + i %% 3, '', ST_SetSRID(ST_MakePoint(
                9.4 + (i * 7919 %% 100003) / 500015.0, 47.0 + (i * 104729 %% 99991) / 499955.0), 4326),
                1, i %% 10 = 0
            FROM generate_series(1, %s) AS i""",
            [street.pk, count],
        )
        cursor.execute("ANALYZE neighbourhoods_address")


def _filtered(rows: Rows, parameters: QueryDict) -> Rows:
    if "postcode" in parameters:
        return rows.filter(postcode=parameters["postcode"])
    return rows


@pytest.fixture
def pins() -> Iterator[Layer]:
    """Letterboxes, hidden ones left out, clustered below zoom 16 and counted by postcode."""
    layer = Layer(
        name="pins",
        title="Pins",
        queryset=lambda user: Address.objects.filter(no_flyers=False),
        properties={"id": "pk", "number": "house_number", "postcode": "postcode", "street": "street__name"},
        filters=_filtered,
        clustering=Clustering(below_zoom=16, counts_by=("postcode",)),
    )
    yield register(layer)
    unregister(layer.name)
