"""The shared fixtures are what they say."""

from __future__ import annotations

import pytest
from django.db import connection

from geoparticipation.accounts.models import User
from neighbourhoods.models import Address, District
from tests.fixtures.site import OpenSite, Watch
from tests.fixtures.tiny_town import TinyTown


def test_tiny_town_counts(tiny_town: TinyTown) -> None:
    assert Address.objects.count() == 14
    assert sum(Address.objects.values_list("dwellings", flat=True)) == 20
    assert Address.objects.filter(no_flyers=True).count() == 2
    assert tiny_town.west.addresses.count() == 8


def test_tiny_town_districts_share_a_border_and_fill_the_commune(tiny_town: TinyTown) -> None:
    shared = tiny_town.west.geometry.intersection(tiny_town.east.geometry)

    assert shared.geom_type == "LineString"
    assert tiny_town.west.geometry.union(tiny_town.east.geometry).equals(tiny_town.commune.geometry)


def test_tiny_town_areas_are_true_to_one_per_cent(tiny_town: TinyTown) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT area_m2, ST_Area(geometry::geography) FROM {District._meta.db_table}")
        for written, measured in cursor.fetchall():
            assert written == pytest.approx(measured, rel=0.01)


def test_cast_has_every_role_and_confirmed_addresses(cast: dict[str, User]) -> None:
    assert {user.role for user in cast.values()} == {"agent", "moderator", "planner", "councillor", "citizen"}
    assert all(user.emailaddress_set.get().verified for user in cast.values())


def test_browser_draws_webgl_and_reaches_only_the_site(open_site: OpenSite, watch: Watch) -> None:
    page = open_site(None)  # a blank page: ours would refuse the request themselves

    assert page.evaluate("!!document.createElement('canvas').getContext('webgl2')")
    assert page.evaluate("fetch('http://example.org/').catch(() => 'refused')") == "refused"
    assert watch.foreign_requests == ["http://example.org/"]
    watch.foreign_requests.clear()
    watch.allow("example.org|ERR_FAILED")
