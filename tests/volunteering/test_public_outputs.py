"""No page, tile, feed or file that anybody can have tells the home of who offers help."""

from __future__ import annotations

import io
import math
import re
import zipfile
from pathlib import Path

import mapbox_vector_tile
import pyogrio
import pytest
import shapely
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import LocatedBy
from geoparticipation.volunteering.domain.agreements import ask_to_help
from geoparticipation.volunteering.models import Association, Mission, VolunteerOffer
from layers.exports.formats import FORMATS
from layers.geometry import to_shapely
from neighbourhoods.models import Address, Target
from tests.fixtures.question import actor_of
from tests.volunteering.conftest import MakeMission, MakeOffer

HOME = "haute 3"
NAME = "Zébulon Quartier"
"""Of the person, which nothing else on the site is called."""


@pytest.fixture
def offer(make_offer: MakeOffer, make_mission: MakeMission, citizen: User, tiny_town: object) -> VolunteerOffer:
    """At 3, Rue Haute, with a mission, an agreement, and a visitor's and an association's eyes on it."""
    User.objects.filter(pk=citizen.pk).update(name=NAME)
    citizen.refresh_from_db()
    address = Address.objects.get(register_id=HOME)
    made = make_offer(geometry=address.geometry, located_by=LocatedBy.ADDRESS)
    ask_to_help(actor=actor_of(citizen), mission=make_mission(), message="I come.", offer=made)
    return made


def tells(offer: VolunteerOffer, text: str) -> list[str]:
    """What of the home occurs in a text: its coordinates to four decimals (11 m), its street, the person."""
    lon, lat = offer.contribution.geometry.coords
    found = []
    # The town's own streets and addresses are public; here it is about what goes with the offer.
    for number in (lon, lat):
        found += re.findall(rf"(?<![\d.]){re.escape(f'{number:.4f}')}\d*", text)
    return found + [word for word in (NAME, "citizen@example.org") if word in text]


def test_pages_feeds_and_files_of_contributions(offer: VolunteerOffer, client: Client) -> None:
    code, slug = offer.contribution.code, offer.contribution.consultation.slug
    public = to_shapely(offer.contribution.public_geometry)
    addresses = [
        reverse("exchange", args=[slug]), f"{reverse('exchange', args=[slug])}?skill=jardinage&time=15&district=W",
        reverse("volunteer-offer", args=[code]), reverse("contribution", args=[code]), reverse("contributions"),
        reverse("home"), reverse("consultation", args=[slug]), reverse("consultation-results", args=[slug]),
        reverse("consultation-report", args=[slug, "html"]), reverse("places") + "?q=rue+haute+3",
        reverse("mission", args=[Mission.objects.get().contribution.code]), reverse("associations"),
        reverse("association", args=[Association.objects.get().slug]),
        "/api/v1/contributions/", f"/api/v1/contributions/{code}/", "/api/v1/contributions/?kind=offer&district=W",
        "/api/v1/consultations/", f"/api/v1/consultations/{slug}/", "/tiles/contributions.json",
    ]  # fmt: skip

    leaks = {}
    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        if found := tells(offer, answer.content.decode()):
            leaks[address] = found
    shown = client.get(f"/api/v1/contributions/{code}/").json()

    # A place that somebody looks for is in the page that answers; nothing there comes from the offer.
    leaks.pop(reverse("places") + "?q=rue+haute+3", None)
    assert leaks == {}
    assert shapely.from_geojson(str(shown["geometry"]).replace("'", '"')).equals_exact(public, 1e-6)
    assert shown["properties"]["street"] is None
    assert set(shown["properties"]) == {
        "body", "code", "consultation", "districts", "kind", "parent", "status", "street", "submitted_at",
        "support_count", "title", "url",
    }  # fmt: skip


@pytest.mark.parametrize("file_format", [str(name) for name in FORMATS])
def test_exports(file_format: str, offer: VolunteerOffer, client: Client, tmp_path: Path) -> None:
    answer = client.get(f"/api/v1/contributions/export.{file_format}?kind=offer")
    content = b"".join(answer) if answer.streaming else answer.content

    assert answer.status_code == 200
    home = to_shapely(offer.contribution.geometry)
    path = tmp_path / f"export.{'shp.zip' if file_format == 'shp' else file_format}"
    path.write_bytes(content)
    if file_format in {"gpkg", "shp"}:
        source = f"/vsizip/{path}" if file_format == "shp" else str(path)
        layers = [name for name, _type in pyogrio.list_layers(source)]
        shapes = [shape for layer in layers for shape in pyogrio.read_dataframe(source, layer=layer).geometry]
        assert shapes
        assert all(shape.area > 1e-7 and shape.boundary.distance(home) > 0 for shape in shapes)
        text = "".join(str(pyogrio.read_dataframe(source, layer=layer).drop(columns="geometry").to_dict()) for layer in layers)  # fmt: skip  # noqa: E501
    elif file_format == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            text = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    else:
        text = content.decode()
    assert tells(offer, text) == []
    assert "Rue Haute" not in text


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """The formula of the OpenStreetMap wiki."""
    n = 2**z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


@pytest.mark.parametrize("zoom", [0, 8, 12, 13, 14, 16, 19])
def test_tiles(zoom: int, offer: VolunteerOffer, client: Client) -> None:
    """Above the zoom of counts, the area cut to the tile; below, a point that is worked out from the area."""
    home, area = to_shapely(offer.contribution.geometry), to_shapely(offer.contribution.public_geometry)
    seen = 0
    for at in (home, area.representative_point()):
        answer = client.get("/tiles/contributions/{}/{}/{}.mvt?kind=offer".format(zoom, *tile_of(at.x, at.y, zoom)))
        if answer.status_code == 204:
            continue
        assert NAME.encode() not in answer.content
        for feature in mapbox_vector_tile.decode(answer.content)["contributions"]["features"]:
            seen += 1
            assert set(feature["properties"]) <= {
                "code", "kind", "title", "status", "support_count", "consultation", "point_count", "kind_offer",
            }  # fmt: skip
            if zoom >= 14:
                assert feature["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert seen


def test_counts_of_a_tile_are_where_the_areas_are(offer: VolunteerOffer) -> None:
    """The density cells add up coordinates of the public place: another home of the area gives the same sums."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(public_geometry) AS p FROM"
            " contributions_contribution WHERE id = %s) t",
            [offer.pk],
        )
        lon, lat = cursor.fetchone()
    home = offer.contribution.geometry
    assert (round(lon, 4), round(lat, 4)) != (round(home.x, 4), round(home.y, 4))


def test_public_exports_by_command(offer: VolunteerOffer, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"

    call_command("export_contributions", "--output", str(path), verbosity=0)

    assert tells(offer, path.read_text()) == []
    assert not Target.objects.exists()
