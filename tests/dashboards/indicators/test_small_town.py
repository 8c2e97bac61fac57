"""The page before anything is counted, the description of the data, and the number of queries."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from geoparticipation.dashboards.models import CountRun, MonthPeople
from geoparticipation.dashboards.tasks import count_all
from tests.dashboards.indicators.test_pages import API, PAGE, shown_on
from tests.fixtures.question import Submit
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def test_page_of_an_empty_town_says_when_there_will_be_figures(client: Client) -> None:
    page = client.get(PAGE).content.decode()

    assert "Nothing was counted yet" in page
    count_all(timestamp=0)
    page = client.get(PAGE).content.decode()
    assert "Nothing was counted yet" not in page
    assert shown_on(page)["ideas"] == "0"
    assert shown_on(page)["active"] == "not told"
    assert not MonthPeople.objects.exists()


def test_data_are_described_with_their_licence(client: Client, tiny_town: TinyTown) -> None:
    found = client.get("/about/data/indicators.jsonld")

    assert found["Content-Type"] == "application/ld+json"
    described = found.json()
    assert described["@type"] == "dcat:Dataset"
    for distribution in described["dcat:distribution"]:
        path = re.sub(r"^https?://[^/]+", "", distribution["dcat:accessURL"]["@id"])
        assert client.get(path).status_code == 200
        assert distribution["dct:license"]["@id"].startswith("https://creativecommons.org/")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        (PAGE, 9),  # districts; sums twice, people and their first month, last count, course; the word kept twice
        (API, 7),
        ("/indicators/figures.csv", 3),
        ("/indicators/figures.geojson", 8),
        ("/indicators/figures.gpkg", 8),
    ],
)
def test_queries_do_not_grow_with_what_is_counted(
    client: Client,
    submit: Submit,
    count: int,
    path: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        submit(title=f"Idea {number}")
    count_all(timestamp=0)
    period = f"?period={timezone.localdate():%Y-%m}"
    client.get(path + period)
    with django_assert_num_queries(queries):
        client.get(path + period)
    assert CountRun.objects.count() == 1
