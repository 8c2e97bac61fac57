"""`manage.py bench` runs, on a small town; what it measures is for people to read."""

from __future__ import annotations

import pytest

from geoparticipation.benchmarks import measures
from geoparticipation.benchmarks.town import BenchTown
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from neighbourhoods.models import Address, District


@pytest.fixture
def bench_town(transactional_db: None) -> BenchTown:
    return BenchTown(addresses=400)  # VACUUM wants no transaction around it


def test_bench_town_has_the_size_asked_and_everything_in_its_district(bench_town: BenchTown) -> None:
    bench_town.grow_to(50)
    bench_town.grow_to(120)

    assert Address.objects.count() == 400
    assert District.objects.count() == 400
    assert Contribution.objects.count() == ContributionDistrict.objects.count() == 120
    for contribution in Contribution.objects.select_related("district"):
        assert contribution.district.geometry.covers(contribution.geometry)
    for address in Address.objects.select_related("district"):
        assert address.district.geometry.covers(address.geometry)


def test_mailing_list_is_measured_on_a_square_of_about_as_many_homes(bench_town: BenchTown) -> None:
    rows = list(measures.mailing_list(bench_town, 100))

    # A quarter of the area: half of the 100 homes along each of the middle 2 of the 4 streets.
    assert rows[0].what == "mailing list of an area with 100 letterboxes against bare COPY"
    assert rows[0].ratio is not None
    assert rows[0].ratio > 0
