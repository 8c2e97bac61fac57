"""The query that lists are copied from chooses, orders and counts as `choosing_letterboxes` does, by another way."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from django.contrib.gis.geos import Point, Polygon
from django.db import connection
from psycopg import sql

from neighbourhoods.domain.targets import PartSpec, list_letterboxes
from neighbourhoods.domain.targets.letterbox_query import letterbox_query
from neighbourhoods.domain.targets.list_letterboxes import choosing_letterboxes
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import Address, Street
from tests.fixtures.tiny_town import TinyTown

EVERY_OPTION = pytest.mark.parametrize("deduplicate", [True, False])
EVERY_OTHER = pytest.mark.parametrize("respect_no_flyers", [True, False])


def copied(parts: list[PartSpec], *, deduplicate: bool, respect_no_flyers: bool) -> list[str]:
    """The first column of every row."""
    query = letterbox_query(
        parts,
        cells=[sql.SQL("box")],
        lines=[sql.SQL("1 AS line")],
        of_street=[sql.SQL("2 AS of_street")],
        deduplicate=deduplicate,
        respect_no_flyers=respect_no_flyers,
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [first for first, _box in cursor.fetchall()]


def assert_agrees(parts: list[PartSpec], *, deduplicate: bool, respect_no_flyers: bool) -> list[int]:
    options = {"deduplicate": deduplicate, "respect_no_flyers": respect_no_flyers}
    with choosing_letterboxes(parts, **options) as selection:
        pass

    rows = copied(parts, **options)

    listed = [int(row) for row in rows if row.isdigit()]
    left_out = Counter(row for row in rows if not row.isdigit())
    assert listed == [box.address_id for box in list_letterboxes(parts, **options)]
    assert rows[-1] == "e"
    assert left_out == +Counter(e=1, d=selection.duplicates_left_out, n=selection.no_flyers_left_out)
    return listed


@pytest.fixture
def untidy(tiny_town: TinyTown) -> TinyTown:
    """The tiny town, and in its streets whatever a register can say of one letterbox, again and again."""
    streets = [tiny_town.rue_haute, tiny_town.rue_basse]
    Street.objects.filter(pk=streets[0].pk).update(name="Écluse")
    rows = itertools.product(
        streets,
        [("7", 7, ""), ("7 B", 7, "b"), ("7B", 7, "B"), ("7é", 7, "é"), ("Farm", None, ""), ("farm", None, ""),
         ("", None, "")],
        ["", "9", "10", "a", "A"],
        [("1000", 1, False), ("1000", 3, False), ("1001", 1, True)],
    )  # fmt: skip
    Address.objects.bulk_create(
        Address(
            register_id=f"untidy {at}", source="tiny", street=street, house_number=written, number=number,
            number_suffix=suffix, box=box, postcode=postcode, dwellings=dwellings,
            no_flyers=no_flyers or at % 11 == 0, geometry=Point(4.403 + at / 100_000, 50.845, srid=4326),
        )
        for at, (street, (written, number, suffix), box, (postcode, dwellings, no_flyers)) in enumerate(rows)
    )  # fmt: skip
    Address.objects.filter(register_id="untidy 5").update(closed_at="2026-01-01T00:00Z")
    return tiny_town


@EVERY_OPTION
@EVERY_OTHER
def test_duplicates_and_unwanted_ones(untidy: TinyTown, deduplicate: bool, respect_no_flyers: bool) -> None:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=untidy.commune.pk)]

    listed = assert_agrees(parts, deduplicate=deduplicate, respect_no_flyers=respect_no_flyers)

    # All but the closed one; told apart or not, there is something to leave out.
    assert (len(listed) == 14 + 2 * 7 * 5 * 3 - 1) == (not deduplicate and not respect_no_flyers)


def parts_of_every_kind(town: TinyTown) -> dict[str, list[PartSpec]]:
    shape = Polygon.from_bbox((4.4030, 50.8440, 4.4036, 50.8460))
    shape.srid = 4326
    district = PartSpec(kind=PartKind.DISTRICT, district_id=town.west.pk)
    whole = PartSpec(kind=PartKind.STREET, street_id=town.rue_haute.pk)
    return {
        "shape": [PartSpec(kind=PartKind.SHAPE, shape=shape)],
        "overlapping": [district, whole, PartSpec(kind=PartKind.DISTRICT, district_id=town.commune.pk)],
        "side": [PartSpec(kind=PartKind.STREET, street_id=town.rue_haute.pk, side=Side.ODD)],
        "range": [
            PartSpec(kind=PartKind.STREET, street_id=town.rue_basse.pk, side=Side.EVEN, number_from=2, number_to=6)
        ],
        "open range": [PartSpec(kind=PartKind.STREET, street_id=town.rue_basse.pk, number_from=3)],
        "without a range": [
            district,
            PartSpec(kind=PartKind.STREET, operation=PartOperation.EXCLUDE, street_id=town.rue_haute.pk, number_to=7),
            PartSpec(kind=PartKind.SHAPE, operation=PartOperation.EXCLUDE, shape=shape),
        ],
        "buffer": [PartSpec(kind=PartKind.STREET, street_id=town.rue_haute.pk, buffer_m=60)],
        "ring": [PartSpec(kind=PartKind.SHAPE, shape=shape, buffer_m=200, ring_only=True), whole],
    }  # fmt: skip


@pytest.mark.parametrize(
    "of", ["shape", "overlapping", "side", "range", "open range", "without a range", "buffer", "ring"]
)
def test_parts_of_every_kind(untidy: TinyTown, of: str) -> None:
    parts = parts_of_every_kind(untidy)[of]

    assert assert_agrees(parts, deduplicate=False, respect_no_flyers=False)
    assert_agrees(parts, deduplicate=True, respect_no_flyers=True)


def test_district_that_is_gone_has_no_letterboxes(tiny_town: TinyTown) -> None:
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=0)]

    assert copied(parts, deduplicate=True, respect_no_flyers=True) == ["e"]
