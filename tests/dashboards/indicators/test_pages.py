"""The page, its files, the API and the tag for other pages."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
from django.template import Context, Template
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.dashboards.enums import Figure
from geoparticipation.dashboards.indicators.counting import count_indicators
from geoparticipation.dashboards.indicators.people import record_people
from geoparticipation.dashboards.indicators.periods import Period
from geoparticipation.dashboards.indicators.reading import read_indicators
from geoparticipation.dashboards.models import MonthPeople
from tests.dashboards.indicators.conftest import TODAY, Planted

pytestmark = pytest.mark.django_db

QUARTER = {"from": "2026-01", "to": "2026-03"}
PAGE, API = "/indicators/", "/api/v1/indicators/"


@pytest.fixture(autouse=True)
def english(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def counted(planted: Planted) -> Planted:
    count_indicators()
    record_people(today=TODAY)
    return planted


def shown_on(page: str) -> dict[str, str]:
    """The figures in words, by their name."""
    found = re.findall(r'data-figure="(\w+)">\s*(.*?)\s*<span', page)
    return dict(found)


def test_page_shows_what_the_domain_gives(client: Client, counted: Planted) -> None:
    expected = read_indicators(period=Period(date(2026, 1, 1), date(2026, 3, 1)))

    page = client.get(PAGE, QUARTER).content.decode()

    shown = shown_on(page)
    for item in expected.figures:
        if item.now is not None:
            assert float(shown[item.figure.value].replace("\xa0€", "")) == pytest.approx(float(item.now), abs=0.051)
        assert str(item.definition).partition(" ")[0] in page
    assert "quarter 1 of 2026" in page
    assert "October 2025 to December 2025" not in page  # that is quarter 4 of 2025
    assert "quarter 4 of 2025" in page
    assert len(re.findall(r'<rect class="chart-bar"', page)) == 12


@pytest.mark.parametrize(
    "asked",
    ["from=2026-13", "period=soon", "from=2026-05&to=2026-01", "from=1900-01&to=2200-12", "period=9999"],
)
def test_nonsense_is_refused_in_words_with_the_page_around_it(client: Client, counted: Planted, asked: str) -> None:
    answer = client.get(f"{PAGE}?{asked}")

    assert answer.status_code == 400
    assert "Give a period as 2026" in answer.content.decode()
    problem = client.get(f"{API}?{asked}")
    assert (problem.status_code, problem.json()["code"]) == (400, "not_a_period")
    assert client.get(f"/indicators/figures.gpkg?{asked}").status_code == 400


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("period=2026", "2026"),
        ("period=2026-q1", "quarter 1 of 2026"),
        ("period=2026-02", "February 2026"),
        ("from=2026-02-17&to=2026-04-03", "February 2026 to April 2026"),
        ("from=2026-02&district=nowhere:W&level=planet&figure=money", "February 2026 to"),
    ],
)
def test_periods_as_addresses_write_them(client: Client, counted: Planted, asked: str, words: str) -> None:
    answer = client.get(f"{PAGE}?{asked}")

    assert answer.status_code == 200
    assert f"· {words}" in answer.content.decode()


def test_a_district_has_a_page_and_figures_that_nobody_knows_there_are_left_out(
    client: Client, counted: Planted
) -> None:
    page = client.get(PAGE, {**QUARTER, "district": "district:W"}).content.decode()

    assert set(shown_on(page)) == {figure.value for figure in Figure} - {"registered", "ballots", "responses"}
    assert "<strong>West</strong>" in page


def test_the_map_gets_the_numbers_of_the_table(client: Client, counted: Planted) -> None:
    page = client.get(PAGE, {**QUARTER, "figure": "supports"}).content.decode()
    words = json.loads(re.search(r'id="indicator-map"[^>]*>(.*?)</script>', page)[1])  # type: ignore[index]
    lines = read_indicators(period=Period(date(2026, 1, 1), date(2026, 3, 1)), level="district").lines

    assert words["level"] == "district"
    assert words["values"] == {line.place.code: line.now[Figure.SUPPORTS] for line in lines if line.place}


def test_files_have_what_the_page_has(client: Client, counted: Planted, tmp_path: Path) -> None:
    lines = read_indicators(period=Period(date(2026, 1, 1), date(2026, 3, 1)), level="district").lines
    ideas = {line.place.code: line.now[Figure.IDEAS] for line in lines if line.place}
    active = {line.place.code: line.now[Figure.ACTIVE] for line in lines if line.place}

    for ending in ("geojson", "gpkg"):
        path = tmp_path / f"file.{ending}"
        path.write_bytes(client.get(f"/indicators/figures.{ending}", QUARTER).content)
        frame = gpd.read_file(path).set_index("code")
        assert frame.crs.to_epsg() == 4326
        assert frame.ideas.to_dict() == ideas
        assert frame.active.dropna().to_dict() == {
            code: round(float(value), 2) for code, value in active.items() if value is not None
        }
        assert frame.geometry["W"].bounds == pytest.approx((4.4, 50.84, 4.41, 50.85))


def test_csv_has_a_line_for_each_month_and_district(client: Client, counted: Planted) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/indicators/figures.csv").content.decode())))

    assert len(rows) == 4 * 4  # January to April; the town, its commune, East and West
    assert sum(int(row["ideas"]) for row in rows if row["code"] == "W") == sum(
        int(line.now[Figure.IDEAS] or 0)
        for line in read_indicators(period=Period(date(2026, 1, 1), date(2026, 4, 1)), level="district").lines
        if line.place and line.place.code == "W"
    )
    so_far = [int(row["registered_so_far"]) for row in rows if not row["code"]]
    assert so_far[-1] == sum(person.role == "citizen" for person in counted.people)
    told = set(MonthPeople.objects.filter(figure="active").values_list("value", flat=True))
    assert {int(row["active"]) for row in rows if row["active"]} == told - {None}


def test_api_gives_the_figures_with_their_definitions(client: Client, counted: Planted) -> None:
    found = client.get(API, QUARTER).json()

    assert found["period"] == {"first": "2026-01", "last": "2026-03"}
    assert found["previous"] == {"first": "2025-10", "last": "2025-12"}
    assert [figure["id"] for figure in found["figures"]] == Figure.values
    assert all(figure["definition"] for figure in found["figures"])
    assert next(figure for figure in found["figures"] if figure["id"] == "taken_up")["value"] == 4
    assert [row["code"] for row in found["districts"]] == ["E", "W", None]
    assert len(found["months"]) == 12


@pytest.mark.parametrize("person", [None, "citizen", "agent"])
def test_everybody_reads_the_same(client: Client, cast: dict[str, User], counted: Planted, person: str | None) -> None:
    anonymous = Client(headers={"accept-language": "en"}).get(API, QUARTER).json()
    if person:
        client.force_login(cast[person])

    assert client.get(API, QUARTER).json() == anonymous
    assert client.post(PAGE).status_code == 405


def test_other_pages_show_the_figures_of_their_area(
    planted: Planted, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    count_indicators()
    by_key = Template("{% load indicators %}{% local_indicators districts=keys %}")
    by_area = Template("{% load indicators %}{% local_indicators area=area %}")

    with django_assert_num_queries(7):
        shown = by_key.render(Context({"keys": [planted.town.west.pk]}))
    with django_assert_num_queries(8):
        again = by_area.render(Context({"area": planted.town.west.geometry}))

    assert "West" in shown
    assert "?district=district%3AW" in shown
    assert shown == again
    assert by_key.render(Context({"keys": []})).strip() == ""
