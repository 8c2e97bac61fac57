"""What is shown as an area of several homes: nothing that is public says more than the area."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.test import Client

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy
from geoparticipation.contributions.errors import IdentityTooLow, NoAreaToShow
from geoparticipation.contributions.models import Contribution
from neighbourhoods.domain.boundaries import replace_boundaries
from neighbourhoods.models import Address, BoundaryRelease, District, DistrictPiece
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import MakeConsultation, Submit, actor_of, device_actor
from tests.fixtures.tiny_town import TinyTown


@pytest.fixture
def offer(submit: Submit, make_consultation: MakeConsultation, tiny_town: TinyTown) -> Contribution:
    return submit(
        into=make_consultation(PhaseKind.VOLUNTEERING),
        kind=Kind.OFFER,
        title="I can read aloud",
        geometry=tiny_town.addresses["haute 3"].geometry,
        located_by=LocatedBy.ADDRESS,
        typed_address="3 rue Haute",
    )


def test_offer_is_shown_as_an_area_without_street_address_or_name(offer: Contribution, tiny_town: TinyTown) -> None:
    home = tiny_town.addresses["haute 3"].geometry

    assert offer.geometry == home
    assert offer.public_geometry.geom_type == "MultiPolygon"
    assert offer.street is None
    assert offer.typed_address == ""
    assert offer.author_name == ""
    # The districts are those of the area, whose shares anybody can work out, not that of the home.
    shares = dict(offer.shares.values_list("district__code", "share"))
    inside = {code: offer.public_geometry.intersection(shape).area for code, shape in
              District.objects.filter(code__in=["W", "E"]).values_list("code", "geometry")}  # fmt: skip
    assert shares["W"] / (shares.get("E", 0) or 1e-9) == pytest.approx(
        inside["W"] / (inside["E"] or 1e-9 * offer.public_geometry.area), rel=0.02
    )


def test_offers_of_one_home_share_their_area(submit: Submit, make_consultation: MakeConsultation) -> None:
    exchange = make_consultation(PhaseKind.VOLUNTEERING)

    areas = {
        submit(
            into=exchange, kind=Kind.OFFER, title="Help", geometry=Point(4.4045 + dx, 50.8453 + dx, srid=4326)
        ).public_geometry.wkt
        for dx in (-0.0001, 0, 0.0001)
    }

    assert len(areas) == 1


def test_district_chosen_by_name_is_shown_whole_where_it_has_enough_homes(
    citizen: User, make_consultation: MakeConsultation, tiny_town: TinyTown
) -> None:
    exchange = make_consultation(PhaseKind.VOLUNTEERING)

    def public_of(district: District) -> GEOSGeometry:
        return submit_contribution(
            actor=actor_of(citizen), consultation=exchange, kind=Kind.OFFER, title="Help", district=district
        ).public_geometry

    assert public_of(tiny_town.west).equals(tiny_town.west.geometry)
    Address.objects.filter(district=tiny_town.east).exclude(street=tiny_town.rue_basse).update(
        geometry=tiny_town.addresses["haute 1"].geometry
    )
    assert not public_of(tiny_town.east).equals(tiny_town.east.geometry)


def test_town_without_enough_homes_takes_no_offer(
    submit: Submit, make_consultation: MakeConsultation, tiny_town: TinyTown
) -> None:
    Address.objects.exclude(street=tiny_town.avenue_du_parc).update(closed_at="2026-01-01T00:00:00Z")

    with pytest.raises(NoAreaToShow):
        submit(into=make_consultation(PhaseKind.VOLUNTEERING), kind=Kind.OFFER, title="Help")


def test_offering_needs_a_confirmed_address_in_every_consultation(
    submit: Submit, make_consultation: MakeConsultation, make_user: MakeUser
) -> None:
    exchange = make_consultation(PhaseKind.VOLUNTEERING)
    for actor in (device_actor(), actor_of(make_user("unconfirmed", confirmed=False))):
        with pytest.raises(IdentityTooLow) as refusal:
            submit(into=exchange, actor=actor, kind=Kind.OFFER, title="Help")
        assert refusal.value.extra == {"needed_level": 1}


def test_new_boundaries_give_an_offer_the_districts_of_its_area(offer: Contribution, tiny_town: TinyTown) -> None:
    """A new district around one house alone would tell the house, if the offer were placed by it."""
    x, y = tiny_town.addresses["haute 3"].geometry.coords
    level = tiny_town.west.release.level
    new = BoundaryRelease.objects.create(level=level, name="2027")
    shapes = {"TINY-HOUSE": Polygon.from_bbox((x - 1e-4, y - 1e-4, x + 1e-4, y + 1e-4))}
    shapes["REST"] = Polygon.from_bbox((4.4, 50.84, 4.42, 50.85)).difference(shapes["TINY-HOUSE"])
    for code, shape in shapes.items():
        district = District.objects.create(
            release=new, code=code, name=code, geometry=MultiPolygon(shape, srid=4326), area_m2=1
        )
        DistrictPiece.objects.create(district=district, geometry=shape)

    replace_boundaries(release=new)

    offer.refresh_from_db()
    assert offer.district.code == "REST"
    shares = dict(offer.shares.filter(district__release=new).values_list("district__code", "share"))
    assert set(shares) == {"REST"}  # the house's own share of the area is less than one in a hundred


@pytest.mark.parametrize("kind", ["offer", "mission", "response", "nonsense"])
def test_api_takes_no_kind_that_has_a_form_of_its_own(
    kind: str, client: Client, citizen: User, make_consultation: MakeConsultation
) -> None:
    client.force_login(citizen)
    exchange = make_consultation(PhaseKind.VOLUNTEERING)

    answer = client.post(
        "/api/v1/contributions/",
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [4.405, 50.8451]},
            "properties": {"consultation": exchange.slug, "kind": kind, "title": "Help"},
        },
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "unknown_choice"
    assert not Contribution.objects.exists()
