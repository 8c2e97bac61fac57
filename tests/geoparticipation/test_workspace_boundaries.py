"""The workspace's pages of boundary releases: who may, what they show, and the switch."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import reverse
from django.utils import translation

from geoparticipation.accounts.models import User
from geoparticipation.contributions.models import Contribution
from neighbourhoods.domain.boundaries import replace_boundaries
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.districts import DistrictRow, store_districts
from neighbourhoods.models import BoundaryRelease
from tests.fixtures.question import Submit
from tests.fixtures.tiny_town import TinyTown, _area


@pytest.fixture
def beside(tiny_town: TinyTown) -> BoundaryRelease:
    """West is 760 m wide instead of 700, East is called Park side."""
    boxes = [("W", "West", (4.400, 50.840, 4.4108, 50.850)), ("E", "Park side", (4.4108, 50.840, 4.420, 50.850))]
    return store_districts(
        [DistrictRow(code, name, _area(box).hex.decode()) for code, name, box in boxes],
        level_name="district",
        release_name="2027",
        source="",
        valid_from=None,
        report=ImportReport(),
    )


def page(release: BoundaryRelease) -> str:
    return reverse("workspace-boundary-release", args=[release.pk])


@pytest.mark.parametrize("name", ["planner", "councillor", "moderator", "citizen"])
def test_for_agents_only(client: Client, beside: BoundaryRelease, cast: dict[str, User], name: str) -> None:
    client.force_login(cast[name])

    for address in (reverse("workspace-boundaries"), page(beside)):
        assert client.get(address).status_code == 403
    assert client.post(page(beside), {"confirmed": "1"}).status_code == 403
    assert not BoundaryRelease.objects.get(pk=beside.pk).is_current


def test_visitors_sign_in_first(client: Client, beside: BoundaryRelease) -> None:
    assert client.get(page(beside)).status_code == 302
    assert client.post(page(beside), {"confirmed": "1"}).url.startswith("/compte/login/")
    assert not BoundaryRelease.objects.get(pk=beside.pk).is_current


def test_shows_what_changes_and_puts_in_force(
    client: Client, beside: BoundaryRelease, agent: User, submit: Submit, tiny_town: TinyTown
) -> None:
    idea = submit(geometry=Point(4.4105, 50.8451, srid=4326))
    client.force_login(agent)
    with translation.override("en"):
        client.cookies["django_language"] = "en"
        said = client.get(page(beside)).content.decode()
        listed = client.get(reverse("workspace-boundaries")).content.decode()

    assert "was called East" in said
    assert "East → West" in said
    assert "2027" in listed
    assert client.post(page(beside)).status_code == 422
    assert not BoundaryRelease.objects.get(pk=beside.pk).is_current
    assert Contribution.objects.get(pk=idea.pk).district == tiny_town.east

    assert client.post(page(beside), {"confirmed": "1"}).status_code == 302
    district = Contribution.objects.select_related("district__release").get(pk=idea.pk).district
    assert district is not None
    assert (district.code, district.release) == ("W", beside)
    assert client.post(page(beside), {"confirmed": "1"}).status_code == 422


def test_an_unknown_release_is_404(client: Client, beside: BoundaryRelease, agent: User) -> None:
    client.force_login(agent)

    assert client.get(reverse("workspace-boundary-release", args=[10**9])).status_code == 404


def test_results_can_be_read_by_the_earlier_edition(
    client: Client, beside: BoundaryRelease, agent: User, submit: Submit, tiny_town: TinyTown
) -> None:
    idea = submit(geometry=Point(4.4105, 50.8451, srid=4326))
    replace_boundaries(release=beside)
    results = reverse("consultation-results", args=[idea.consultation.slug])
    old = tiny_town.east.release

    now = client.get(results).context["figures"].districts
    then = client.get(f"{results}?edition={old.pk}").context["figures"].districts
    assert [(row.name, row.count) for row in now] == [("West", 1)]
    assert [(row.name, row.count) for row in then] == [("East", 1)]
