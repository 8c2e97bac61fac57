"""Matches against an independent computation: geopandas for the places, a calendar for the times."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import geopandas
import networkx
import pytest
import shapely
from django.contrib.gis.geos import Point
from django.core.cache import cache
from django.utils import timezone, translation

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import PublicPlace
from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering.domain.details import When
from geoparticipation.volunteering.domain.matching import matches_of_mission, matches_of_offer
from geoparticipation.volunteering.models import Mission, Skill, VolunteerOffer
from tests.volunteering.conftest import MakeMission, MakeOffer

UTM = 32631
OFFERS, MISSIONS = 40, 12


def fill(make_offer: MakeOffer, make_mission: MakeMission, skills: dict[str, Skill]) -> None:
    """Offers and missions all over the town, with whatever the others can have."""
    chance = random.Random(7)
    today = timezone.localdate()

    def details() -> dict[str, Any]:
        first = chance.choice([None, today + timedelta(days=chance.randrange(9))])
        last = chance.choice([None, (first or today) + timedelta(days=chance.randrange(9))])
        return {
            "geometry": Point(chance.uniform(4.401, 4.419), chance.uniform(50.841, 50.849), srid=4326),
            "when": When(chance.sample(range(21), chance.randint(1, 12)), first, last),
            "skills": chance.sample(list(skills.values()), chance.choice([1, 1, 2])),
            "level": chance.choice([1, 2, 3]),
        }

    for _number in range(OFFERS):
        make_offer(**details(), reach_m=chance.choice([300, 500, 1000]))
    for number in range(MISSIONS):
        said = details()
        make_mission(**{**said, "skills": said["skills"] if number % 4 else []})


def frames() -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    """Offers and missions read with plain SQL values into metres of UTM zone 31."""

    def frame(rows: Any, place: Callable[[Any], Any]) -> geopandas.GeoDataFrame:
        rows = list(rows)
        return geopandas.GeoDataFrame(
            {"row": rows}, geometry=[shapely.from_wkb(bytes(place(row).wkb)) for row in rows], crs=4326
        ).to_crs(UTM)

    offers = frame(VolunteerOffer.objects.select_related("contribution"), lambda row: row.contribution.geometry)
    missions = frame(Mission.objects.select_related("contribution"), lambda row: row.contribution.public_geometry)
    return offers, missions


def suits(offer: VolunteerOffer, mission: Mission, today: date) -> bool:
    """Times day by day, skills and level, written down a second time."""
    wanted, known = set(mission.skills.values_list("pk")), set(offer.skills.values_list("pk"))
    if offer.level < mission.level or (wanted and not wanted & known):
        return False
    for number in range(60):
        day = today + timedelta(days=number)
        free = (offer.available_from or day) <= day <= (offer.available_until or day)
        needed = (mission.starts_on or day) <= day <= (mission.ends_on or day)
        if free and needed and (offer.times & mission.times) >> day.weekday() * 3 & 7:
            return True
    return False


def expected_pairs(*, from_area: bool) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs of keys that suit, and those too near to the limit for two projections to agree on."""
    offers, missions = frames()
    today = timezone.localdate()
    if from_area:
        areas = [shapely.from_wkb(bytes(offer.contribution.public_geometry.wkb)) for offer in offers.row]
        offers = offers.set_geometry(geopandas.GeoSeries(areas, crs=4326).centroid.set_crs(4326).to_crs(UTM))
    found, unsure = set(), set()
    for mission, place in zip(missions.row, missions.geometry, strict=True):
        for offer, metres in zip(offers.row, offers.distance(place), strict=True):
            if abs(metres - offer.reach_m) < 0.002 * offer.reach_m:
                unsure.add((offer.pk, mission.pk))
            if metres <= offer.reach_m and suits(offer, mission, today):
                found.add((offer.pk, mission.pk))
    return found, unsure


@pytest.mark.filterwarnings("ignore:Geometry is in a geographic CRS")
def test_matches_are_those_of_geopandas(
    make_offer: MakeOffer, make_mission: MakeMission, skills: dict[str, Skill]
) -> None:
    fill(make_offer, make_mission, skills)
    from_home, unsure = expected_pairs(from_area=False)
    from_area, unsure_area = expected_pairs(from_area=True)

    of_offers = {(offer.pk, match.mission.pk) for offer in VolunteerOffer.objects.select_related("contribution")
                 for match in matches_of_offer(offer=offer)}  # fmt: skip
    of_missions = {(match.offer.pk, mission.pk) for mission in Mission.objects.select_related("contribution")
                   for match in matches_of_mission(mission=mission)}  # fmt: skip

    assert len(from_home) > 10
    assert of_offers - unsure == from_home - unsure
    assert of_missions - unsure_area == from_area - unsure_area
    assert from_home != from_area  # else the town is too small to tell one from the other


def test_reason_is_told_in_words(make_offer: MakeOffer, make_mission: MakeMission) -> None:
    offer, mission = make_offer(), make_mission()
    metres = frames()[0].distance(frames()[1].geometry[0])[0]

    with translation.override("en"):
        told = matches_of_offer(offer=offer)[0].in_words
        to_others = matches_of_mission(mission=mission)[0].in_words
    with translation.override("fr"):
        french = matches_of_offer(offer=offer)[0].in_words

    assert told == f"{round(metres / 50) * 50} m away · Saturday morning · Gardening"
    assert french.lower() == f"à {round(metres / 50) * 50} m · samedi matin · jardinage"
    area = geopandas.GeoSeries([shapely.from_wkb(bytes(offer.contribution.public_geometry.wkb))], crs=4326).to_crs(UTM)
    assert 0 < area.centroid.distance(frames()[1].geometry[0])[0] < 500 < metres
    assert to_others == "less than 500 m away · Saturday morning · Gardening"


@pytest.mark.parametrize("reach_m", [300, 600, 2000])
def test_ways_on_foot_are_along_the_streets(
    reach_m: int, make_offer: MakeOffer, make_mission: MakeMission, tiny_town: Any
) -> None:
    """Rue Basse is a straight line: its network is worked out here with networkx, by hand."""
    offer = make_offer(geometry=Point(4.4050, 50.8422, srid=4326), on_foot=True, reach_m=reach_m)
    mission = make_mission(geometry=Point(4.4130, 50.8418, srid=4326))

    def at(lon: float, lat: float) -> shapely.Point:
        return geopandas.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(UTM)[0]

    graph = networkx.Graph()
    home, foot_home, foot_mission, place = (
        at(4.4050, 50.8422), at(4.4050, 50.8420), at(4.4130, 50.8420), at(4.4130, 50.8418)
    )  # fmt: skip
    for one, other in ((home, foot_home), (foot_home, foot_mission), (foot_mission, place)):
        graph.add_edge(one.wkt, other.wkt, weight=one.distance(other))
    way = networkx.shortest_path_length(graph, home.wkt, place.wkt, weight="weight")

    own, others = matches_of_offer(offer=offer), matches_of_mission(mission=mission)

    assert 600 < way < 620
    assert [round(match.distance_m) for match in own] == ([pytest.approx(way, abs=2)] if reach_m >= 600 + 20 else [])
    assert way > 1.05 * home.distance(place)
    assert all(match.offer == offer for match in others)


def test_what_is_taken_back_hidden_or_elsewhere_suits_nobody(
    make_offer: MakeOffer, make_mission: MakeMission, exchange: Consultation
) -> None:
    offer, mission = make_offer(), make_mission()
    for status in ("submitted", "hidden", "withdrawn"):
        Contribution.objects.filter(pk=mission.pk).update(status=status)
        assert matches_of_offer(offer=offer) == []
        Contribution.objects.filter(pk=mission.pk).update(status="published")
        Contribution.objects.filter(pk=offer.pk).update(status=status)
        assert matches_of_mission(mission=mission) == []
        Contribution.objects.filter(pk=offer.pk).update(status="published")
    assert len(matches_of_offer(offer=offer)) == len(matches_of_mission(mission=mission)) == 1


def test_many_missions_tell_an_association_nothing_of_the_home(
    make_offer: MakeOffer, make_mission: MakeMission, tiny_town: Any, neighbour: User
) -> None:
    """Two homes of one area: every mission anywhere sees the two in the same way, also when their ways differ."""
    homes = [tiny_town.addresses[key].geometry for key in ("haute 1", "haute 5", "haute 6", "haute 2")]
    offers = [
        make_offer(geometry=home, reach_m=500, on_foot=on_foot, title=f"Help {on_foot}")
        for home in homes
        for on_foot in (True, False)
    ]
    by_area: dict[tuple[str, bool], list[VolunteerOffer]] = {}
    for offer in offers:
        by_area.setdefault((offer.contribution.public_geometry.wkt, offer.on_foot), []).append(offer)
    assert max(map(len, by_area.values())) > 1
    everywhere = [Point(4.401 + 0.0018 * x, 50.841 + 0.0018 * y, srid=4326) for x in range(0, 11, 2) for y in range(5)]

    for place in everywhere:
        mission = make_mission(geometry=place)
        cache.clear()
        told = {match.offer.pk: (match.distance_in_words, match.step) for match in matches_of_mission(mission=mission)}
        for alike in by_area.values():
            assert len({told.get(offer.pk) for offer in alike}) == 1
        Contribution.objects.filter(pk=mission.pk).update(status="withdrawn")


def test_mission_whose_place_is_hidden_is_measured_from_what_is_shown(
    make_offer: MakeOffer, make_mission: MakeMission
) -> None:
    offer = make_offer()
    mission = make_mission(public_place=PublicPlace.AREA)

    distance = matches_of_offer(offer=offer)[0].distance_m

    shown = geopandas.GeoSeries([shapely.from_wkb(bytes(mission.contribution.public_geometry.wkb))], crs=4326)
    home = geopandas.GeoSeries([shapely.from_wkb(bytes(offer.contribution.geometry.wkb))], crs=4326)
    assert distance == pytest.approx(shown.to_crs(UTM).distance(home.to_crs(UTM))[0], abs=2)


@pytest.mark.parametrize("size", [1, 3])
def test_queries_are_constant(
    size: int,
    make_offer: MakeOffer,
    make_mission: MakeMission,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    offers = [make_offer(on_foot=True) for _number in range(size)]
    missions = [make_mission() for _number in range(size)]
    cache.clear()

    with django_assert_num_queries(4):  # missions, their skills, the offer's skills, streets
        assert len(matches_of_offer(offer=offers[0])) == size
    with django_assert_num_queries(4):
        assert len(matches_of_mission(mission=missions[0])) == size
