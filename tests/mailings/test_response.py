"""What came back of a mailing of the tiny town, counted by hand; who may read it."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
import shapely.geometry
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy
from geoparticipation.mailings.domain.letterbox_codes import use_code
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.domain.record_delivery import record_delivery
from geoparticipation.mailings.errors import DeliveredBeforeMade, DeliveredInFuture
from geoparticipation.mailings.models import LetterboxCode, Mailing
from geoparticipation.mailings.queries import Figures, response_of
from layers.registry import LayerNotFound, get_layer_for
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing(consultation: Consultation, tiny_town: TinyTown, agent: User) -> Mailing:
    """5 letterboxes in Rue Haute, 3 in Rue Basse, 4 in Avenue du Parc; delivered today."""
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    made = make_mailing(name="Autumn", consultation=consultation, target=target)
    return record_delivery(mailing=made, delivered_on=timezone.localdate())


def more_homes(street: str, *, lat: float, lon: float, count: int, town: TinyTown, first: int = 101) -> None:
    """Homes with the numbers from `first` on, 7 m apart."""
    for at in range(count):
        Address.objects.create(
            register_id=f"more {street} {first + at}", source="tiny", street=getattr(town, street),
            house_number=str(first + at), number=first + at, postcode="1000", locality="Tinyville",
            geometry=Point(lon + at * 0.0001, lat, srid=4326), district=town.west if lon < 4.41 else town.east,
            dwellings=1,
        )  # fmt: skip


def code_of_home(mailing: Mailing, street: str, number: str) -> LetterboxCode:
    return LetterboxCode.objects.get(
        letterbox__mailing=mailing, letterbox__segment__street_name=street, letterbox__house_number=number
    )


def test_counts_by_hand(mailing: Mailing) -> None:
    """Haute 1 and 3 answer, haute 2 only looks, basse 2 answers."""
    today = timezone.localdate()
    yesterday = timezone.now() - timedelta(days=1)
    use_code(code=code_of_home(mailing, "Rue Haute", "1"), at=yesterday)
    use_code(code=code_of_home(mailing, "Rue Haute", "3"))
    use_code(code=code_of_home(mailing, "Rue Basse", "2"))
    LetterboxCode.objects.filter(pk=code_of_home(mailing, "Rue Haute", "2").pk).update(opened_on=today)

    response = response_of(mailing)

    assert response.total == Figures(12, 12, 4, 3)
    assert response.answers == 3
    assert {street.name: street.figures for street in response.streets} == {
        "Avenue du Parc": None,  # four
        "Rue Basse": None,  # three; with the avenue seven are left, so Rue Haute can be told
        "Rue Haute": Figures(5, 5, 3, 2),
    }
    # West has 7 and East 5; West without Rue Haute would be the two of Rue Basse, so neither is told.
    assert {row.name: row.figures for row in response.districts} == {"West": None, "East": None}
    assert all(segment.figures is None for street in response.streets for segment in street.segments)
    assert [(day.scanned, day.answered, day.answered_so_far) for day in response.days] == [(1, 1, 1), (3, 2, 3)]
    assert (response.median, response.streets_below) == (0.4, ())


def test_streets_below_the_median_and_silent_segments(
    consultation: Consultation, tiny_town: TinyTown, agent: User
) -> None:
    """With five more homes around 4.4062 and three around 4.4046 in Rue Haute, and six around 4.4055 in Rue Basse."""
    more_homes("rue_haute", lat=50.8453, lon=4.4062, count=5, town=tiny_town)
    more_homes("rue_haute", lat=50.8453, lon=4.4046, count=3, town=tiny_town, first=201)
    more_homes("rue_basse", lat=50.8422, lon=4.4055, count=6, town=tiny_town)
    more_homes("avenue_du_parc", lat=50.8455, lon=4.4153, count=6, town=tiny_town)
    parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="Everybody", parts=parts, user=agent)
    mailing = make_mailing(name="Autumn", consultation=consultation, target=target)
    record_delivery(mailing=mailing, delivered_on=timezone.localdate())
    for street, numbers in {
        "Rue Haute": ("1", "2", "3"),
        "Rue Basse": ("101",),
        "Avenue du Parc": ("101", "102"),
    }.items():
        for number in numbers:
            use_code(code=code_of_home(mailing, street, number))

    response = response_of(mailing)

    assert {street.name: street.figures for street in response.streets} == {
        "Rue Haute": Figures(13, 13, 3, 3),  # 23.1 %
        "Rue Basse": Figures(9, 9, 1, 1),  # 11.1 %
        "Avenue du Parc": Figures(10, 10, 2, 2),  # 20 %, the median
    }
    assert response.median == pytest.approx(0.2)
    assert [street.name for street in response.streets_below] == ["Rue Basse"]
    # Rue Haute's last third has 5 bis, 6 and five new ones, and nobody answered; the other two thirds have 2 and 4.
    haute = next(street for street in response.streets if street.name == "Rue Haute")
    assert [segment.figures for segment in haute.segments] == [None, None, Figures(7, 7, 0, 0)]
    assert haute in response.silent_streets
    told = set(mailing.segments.filter(is_told=True).values_list("pk", flat=True))
    assert told == {s.pk for street in response.streets for s in street.segments if s.figures}


def test_a_home_with_several_flyers_counts_once(mailing: Mailing) -> None:
    letterbox = code_of_home(mailing, "Rue Haute", "6").letterbox
    mailing.letterboxes.filter(pk=letterbox.pk).update(voices=2)
    second = LetterboxCode.objects.create(letterbox=letterbox, number=2, code_hash="b" * 64)
    use_code(code=code_of_home_first(letterbox))
    use_code(code=second)

    response = response_of(mailing)

    assert (response.total, response.answers) == (Figures(12, 12, 1, 1), 2)


def code_of_home_first(letterbox: Any) -> LetterboxCode:
    return letterbox.codes.get(number=1)


def test_undelivered_has_no_figures(mailing: Mailing) -> None:
    record_delivery(mailing=mailing, delivered_on=None)

    assert response_of(mailing).total is None
    assert not mailing.segments.filter(is_told=True).exists()


def test_a_day_that_cannot_be(mailing: Mailing) -> None:
    today = timezone.localdate()

    with pytest.raises(DeliveredInFuture):
        record_delivery(mailing=mailing, delivered_on=today + timedelta(days=1))
    with pytest.raises(DeliveredBeforeMade):
        record_delivery(mailing=mailing, delivered_on=date(2020, 1, 1))


def test_constant_number_of_queries(mailing: Mailing, consultation: Consultation, agent: User, client: Client) -> None:
    client.force_login(agent)
    path = f"/workspace/mailings/{mailing.pk}/response/"
    client.get(path)
    with CaptureQueriesContext(connection) as alone:
        client.get(path)
    for name in ("Winter", "Spring"):
        make_mailing(name=name, consultation=consultation, target=mailing.target)
    with CaptureQueriesContext(connection) as three:
        client.get(path)
    with CaptureQueriesContext(connection) as reading:
        response_of(mailing)

    assert len(three) == len(alone)
    assert len(reading) == 3


@pytest.mark.parametrize(
    ("who", "status"),
    [("agent", 200), ("moderator", 403), ("planner", 403), ("councillor", 403), ("citizen", 403), (None, 302)],
)
def test_only_agents_read_it(
    mailing: Mailing, cast: dict[str, User], client: Client, who: str | None, status: int
) -> None:
    if who:
        client.force_login(cast[who])

    assert client.get("/workspace/mailings/").status_code == status
    assert client.get(f"/workspace/mailings/{mailing.pk}/response/").status_code == status
    refused = client.post(f"/workspace/mailings/{mailing.pk}/response/", {"day": ""})
    assert refused.status_code == (302 if who in {"agent", None} else status)
    mailing.refresh_from_db()
    assert (mailing.delivered_on is None) == (who == "agent")


def test_only_agents_see_the_layer(mailing: Mailing, cast: dict[str, User], client: Client) -> None:
    mailing.segments.update(is_told=True)
    use_code(code=code_of_home(mailing, "Rue Haute", "1"))
    assert {row.answered for row in get_layer_for(cast["agent"], "mailing-response").queryset(cast["agent"])} == {0, 1}
    for who in ("moderator", "planner", "councillor", "citizen"):
        with pytest.raises(LayerNotFound):
            get_layer_for(cast[who], "mailing-response")
    path = f"/tiles/mailing-response/14/8392/5496.mvt?mailing={mailing.pk}"
    assert client.get(path).status_code == 404
    assert client.get("/tiles/mailing-response.json").status_code == 404
    client.force_login(cast["agent"])
    tile = client.get(path)
    assert tile.status_code == 200
    assert "private" in tile.headers["Cache-Control"] or "no-store" in tile.headers["Cache-Control"]
    assert client.get("/tiles/mailing-response/14/8392/5496.mvt?mailing=x").status_code == 404


def test_the_page_says_the_figures_and_takes_the_day(mailing: Mailing, agent: User, client: Client) -> None:
    client.force_login(agent)
    use_code(code=code_of_home(mailing, "Rue Haute", "1"))
    path = f"/workspace/mailings/{mailing.pk}/response/"
    english = {"accept-language": "en"}

    page = client.get(path, headers=english).content.decode()
    assert "8.3 %" in page  # 1 of 12
    assert "20.0 %" in page  # 1 of 5
    wrong = client.post(path, {"day": "2020-01-01"}, headers=english)
    assert wrong.status_code == 422
    assert "cannot have been delivered before" in wrong.content.decode()
    assert client.post(path, {"day": "soon"}, headers=english).status_code == 422
    mailing.refresh_from_db()
    assert mailing.delivered_on == timezone.localdate()


def test_two_mailings_of_a_target_beside_each_other(
    mailing: Mailing, consultation: Consultation, agent: User, client: Client
) -> None:
    second = make_mailing(name="Winter", consultation=consultation, target=mailing.target)
    record_delivery(mailing=second, delivered_on=timezone.localdate())
    for number in ("1", "2", "3"):
        use_code(code=code_of_home(mailing, "Rue Haute", number))
    use_code(code=code_of_home(second, "Rue Haute", "1"))
    client.force_login(agent)

    page = client.get(
        f"/workspace/mailings/{second.pk}/response/?with={mailing.pk}", headers={"accept-language": "en"}
    ).content.decode()

    assert "Autumn: 25.0 % (3 of 12)." in page
    assert "60.0 %" in page
    assert "20.0 %" in page


def test_no_public_tile_holds_the_door(
    mailing: Mailing, consultation: Consultation, tiny_town: TinyTown, client: Client
) -> None:
    """After an answer: the contribution's tile has no vertex within 15 m of the door."""
    door = tiny_town.addresses["haute 5"].geometry
    submit_contribution(
        actor=Actor(source="a connection"),
        consultation=consultation,
        kind=Kind.PROPOSAL,
        title="A bench",
        located_by=LocatedBy.LETTERBOX,
        letterbox=code_of_home(mailing, "Rue Haute", "5 bis"),
    )
    x, y, zoom = 134280, 87938, 18  # of the door
    across = 360 / 2**zoom

    tiles = 0
    for column in range(x - 3, x + 4):
        for row in range(y - 3, y + 4):
            answer = client.get(f"/tiles/contributions/{zoom}/{column}/{row}.mvt")
            if answer.status_code == 204:
                continue
            tiles += 1
            box = box_of_tile(column, row, zoom)
            assert "5 bis" not in str(answer.content)
            for feature in mapbox_vector_tile.decode(answer.content)["contributions"]["features"]:
                shape = shapely.geometry.shape(feature["geometry"])
                for u, v in shapely.get_coordinates(shape):
                    lon, lat = box[0] + u / 4096 * across, box[1] + v / 4096 * (box[3] - box[1])
                    assert max(abs(lon - door.x) * 70_400, abs(lat - door.y) * 111_000) > 15
    assert tiles
    for layer in ("contributions", "streets", "districts"):
        assert client.get(f"/tiles/{layer}.json").status_code == 200
        assert "5 bis" not in client.get(f"/tiles/{layer}.json").content.decode()


def box_of_tile(column: int, row: int, zoom: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees."""

    def lat(at: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * at / 2**zoom))))

    return column / 2**zoom * 360 - 180, lat(row + 1), (column + 1) / 2**zoom * 360 - 180, lat(row)
