"""Closed streets and addresses are out of every look-up, and stay for what refers to them."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import LineString, Point
from django.http import QueryDict
from django.utils import timezone

from geoparticipation.contributions.filters import UnknownFilterValue, filter_contributions
from geoparticipation.contributions.locating import PlaceUnknown, locate
from geoparticipation.contributions.models import Contribution
from layers.registry import get_layer
from neighbourhoods.domain.place_geometry import place_geometry
from neighbourhoods.domain.search_places import search_places
from neighbourhoods.domain.targets import preview_target, resolve_target
from neighbourhoods.domain.targets.find_places import find_streets
from neighbourhoods.domain.targets.list_letterboxes import list_letterboxes
from neighbourhoods.domain.targets.parts import PartSpec
from neighbourhoods.domain.territory import territory_extent
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address, BoundaryRelease, Street
from tests.fixtures.tiny_town import TinyTown

HAUTE_4 = Point(4.4045, 50.8447, srid=4326)


@pytest.fixture
def closed_home(tiny_town: TinyTown) -> Address:
    """Rue Haute 4 is gone from the register."""
    address = tiny_town.addresses["haute 4"]
    Address.objects.filter(pk=address.pk).update(closed_at=timezone.now())
    return address


@pytest.fixture
def closed_street(tiny_town: TinyTown) -> Street:
    """Rue Haute is gone from the register, with all its addresses."""
    Address.objects.filter(street=tiny_town.rue_haute).update(closed_at=timezone.now())
    Street.objects.filter(pk=tiny_town.rue_haute.pk).update(closed_at=timezone.now())
    return tiny_town.rue_haute


def test_a_closed_address_is_in_no_mailing_list(tiny_town: TinyTown, closed_home: Address) -> None:
    for part in (
        PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk),
        PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.west.pk),
        PartSpec(kind=PartKind.SHAPE, shape=HAUTE_4, buffer_m=5),
    ):
        listed = {box.address_id for box in list_letterboxes([part], respect_no_flyers=False)}
        assert closed_home.pk not in listed
    assert resolve_target([PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk)]).addresses == 5
    assert preview_target([PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]).addresses == 13


def test_a_closed_address_is_nobodys_neighbour(tiny_town: TinyTown, closed_home: Address) -> None:
    place = place_geometry(HAUTE_4)

    assert place.address is not None
    assert place.street is not None
    assert place.address.id != closed_home.pk
    assert place.address.distance_m > 50
    assert place.street.id == tiny_town.rue_haute.pk


def test_a_closed_address_is_not_found(closed_home: Address) -> None:
    assert [place.type for place in search_places(text="rue haute 4")] == ["street"]
    with pytest.raises(PlaceUnknown):
        locate({"place": f"address:{closed_home.pk}"})


def test_a_closed_address_is_on_no_map(closed_home: Address, agent: object) -> None:
    shown = get_layer("addresses").queryset(agent)

    assert closed_home not in shown
    assert shown.count() == 13


def test_a_closed_street_is_found_by_its_id_only(tiny_town: TinyTown, closed_street: Street) -> None:
    assert "Rue Haute" not in {place.label for place in search_places(text="rue haute")}
    found = find_streets([closed_street.pk, "Rue Haute", "S1", "Hoogstraat"])
    assert [len(found[reference]) for reference in (closed_street.pk, "Rue Haute", "S1", "Hoogstraat")] == [1, 0, 0, 0]
    with pytest.raises(PlaceUnknown):
        locate({"place": f"street:{closed_street.pk}"})
    assert closed_street not in get_layer("streets").queryset(None)


def test_a_closed_street_is_nobodys_nearest(tiny_town: TinyTown, closed_street: Street) -> None:
    for geometry in (HAUTE_4, LineString((4.403, 50.845), (4.406, 50.845), srid=4326)):
        place = place_geometry(geometry)
        assert place.street is not None
        assert place.street.name == "Rue Basse"


def test_a_closed_street_does_not_stretch_the_town(tiny_town: TinyTown) -> None:
    BoundaryRelease.objects.update(is_current=False)
    west_before = territory_extent()[0]
    Street.objects.filter(pk=tiny_town.rue_haute.pk).update(closed_at=timezone.now())

    assert (west_before, territory_extent()[0]) == (4.402, 4.404)


def test_what_was_said_in_a_closed_street_can_still_be_asked_for(closed_street: Street) -> None:
    everything = Contribution.objects.all()

    assert not filter_contributions(everything, QueryDict("street=Rue+Haute")).exists()
    with pytest.raises(UnknownFilterValue):
        filter_contributions(everything, QueryDict("street=Rue+Inconnue"))
