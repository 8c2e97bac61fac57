"""The .pb files of Toulouse in and out by the commands; rows that are refused; nothing left behind by a failure."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Count
from pabutools.election import parse_pabulib

from geoparticipation.budgets.models import Ballot, BallotChoice, Budget, Project
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from neighbourhoods.models import District
from tests.fixtures.real_data import real_file
from tests.fixtures.tiny_town import TinyTown

SEPT_DENIERS = "toulouse-pb/pb/France_Toulouse_2022_7_-_Sept_Deniers_Ginestous-Sesquieres_Lalande.pb"
POINTS_2019 = "toulouse-pb/pb/France_Toulouse_2019.pb"

SMALL = """META
key;value
description;Small vote
country;Belgium
unit;Tinyville
instance;2024
num_projects;2
num_votes;3
budget;1000
vote_type;approval
rule;greedy
date_begin;01.03.2024
date_end;31.03.2024
max_length;2
PROJECTS
project_id;cost;votes;name;district;latitude;longitude
p1;400.0;2;Trees, and "more";West;50.8451;4.405
p2;700;2;Benches;East;;
VOTES
voter_id;vote;age
a;p1;33
b;p2,p1;
c;p2;70
"""


def run(command: str, *arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def elections_are_equal(one: Path, other: Path) -> bool:
    """Whether pabutools reads the same projects, ballots and everything said about them from both."""
    (instance, profile), (again, ballots) = parse_pabulib(str(one)), parse_pabulib(str(other))
    said = [[election.project_meta[project] for project in sorted(election)] for election in (instance, again)]
    return (
        (instance, instance.meta, instance.budget_limit, said[0]) == (again, again.meta, again.budget_limit, said[1])
        and list(profile) == list(ballots)
        and [ballot.meta for ballot in profile] == [ballot.meta for ballot in ballots]
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.pb"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.mark.django_db
def test_a_real_vote_in_its_district_and_back(tmp_path: Path) -> None:
    path, districts = real_file(SEPT_DENIERS), real_file("toulouse-pb/quartiers.geojson")

    run("import_pb", path, consultation="toulouse", districts=districts)

    [quartier] = District.objects.filter(code="7")
    assert District.objects.current().count() == 20
    assert Contribution.objects.filter(district=quartier, located_by="district").count() == 10
    instance, _profile = parse_pabulib(str(path))
    counted = Project.objects.annotate(votes=Count("choices")).values_list("number", "votes")
    assert dict(counted) == {p.name: int(instance.project_meta[p]["votes"]) for p in instance}
    run("export_pb", "toulouse", output=tmp_path / "out.pb")
    assert elections_are_equal(path, tmp_path / "out.pb")
    assert (tmp_path / "out.pb").read_text() == path.read_text(encoding="utf-8-sig")


@pytest.mark.django_db
def test_points_come_back_as_they_were(tiny_town: TinyTown, tmp_path: Path) -> None:
    path = real_file(POINTS_2019)

    run("import_pb", path, consultation="toulouse-2019")
    run("export_pb", "toulouse-2019", output=tmp_path / "out.pb")

    assert elections_are_equal(path, tmp_path / "out.pb")
    assert Contribution.objects.filter(district=tiny_town.commune).count() == 30  # no district of the town is meant


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(tiny_town: TinyTown, small: Path) -> None:
    run("import_pb", small, consultation="small")
    before = sorted(BallotChoice.objects.values_list("pk", "ballot__receipt", "project", "position"))

    run("import_pb", small, consultation="small")

    assert sorted(BallotChoice.objects.values_list("pk", "ballot__receipt", "project", "position")) == before
    assert (Budget.objects.count(), Project.objects.count(), Ballot.objects.count()) == (1, 2, 3)


@pytest.mark.django_db
def test_the_consultation_has_the_address_that_was_named(tiny_town: TinyTown, small: Path) -> None:
    for _again in range(2):
        run("import_pb", small, consultation="Small_2024")

    assert json.loads(run("tally", "Small_2024", rule="greedy-votes", format="json"))["winners"] == ["p1"]
    with pytest.raises(CommandError, match="slug_unusable"):
        run("import_pb", small, consultation="l’été")


@pytest.mark.django_db
def test_a_changed_ballot_of_the_file_is_changed(tiny_town: TinyTown, small: Path) -> None:
    run("import_pb", small, consultation="small")
    small.write_text(SMALL.replace("b;p2,p1;", "b;p2;"), encoding="utf-8")

    run("import_pb", small, consultation="small")

    assert list(BallotChoice.objects.filter(ballot__file_id="b").values_list("project__number", flat=True)) == ["p2"]
    assert BallotChoice.objects.count() == 3


@pytest.mark.django_db
def test_projects_lie_where_the_file_says(tiny_town: TinyTown, small: Path) -> None:
    run("import_pb", small, consultation="small")

    places = {p.number: p.contribution for p in Project.objects.select_related("contribution__district")}
    assert (places["p1"].geometry.coords, places["p1"].located_by) == ((4.405, 50.8451), "pin")
    assert (places["p1"].district, places["p2"].district) == (tiny_town.west, tiny_town.east)
    assert places["p2"].located_by == "district"
    vote = Consultation.objects.get(slug="small").phases.get()
    assert (vote.kind, str(vote.starts_at.date()), str(vote.ends_at.date())) == ("vote", "2024-02-29", "2024-03-31")


@pytest.mark.django_db
def test_tally_prints_the_contracts_json(tiny_town: TinyTown, small: Path) -> None:
    run("import_pb", small, consultation="small")

    printed = run("tally", "small", rule="greedy-votes", format="json")

    # Two votes each; p1 goes first and leaves 600 €, which is not enough for p2.
    assert json.loads(printed) == {"winners": ["p1"], "spent": 400}


@pytest.mark.django_db
def test_unusable_rows_are_refused_and_named(tiny_town: TinyTown, small: Path, tmp_path: Path) -> None:
    bad = SMALL.replace("VOTES\n", "p1;5;0;Again;;;\np3;free;0;No cost;;;\nVOTES\n")
    small.write_text(bad + "d;p9;\na;p2;\ne;p1,p1;\n", encoding="utf-8")

    run("import_pb", small, consultation="small", refused=tmp_path / "refused.csv")

    refused = [line.split(",")[1:3] for line in (tmp_path / "refused.csv").read_text("utf-8-sig").splitlines()[1:]]
    assert [code for _row, code in refused] == [
        "number_twice", "cost_unreadable", "unknown_project", "voter_twice", "project_twice",
    ]  # fmt: skip
    assert (Project.objects.count(), Ballot.objects.count()) == (2, 3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    ["", "no such file", SMALL.replace("budget;1000", "budget;much"), SMALL.replace("approval", "shouting"), "META\n"],
)
def test_what_is_no_vote_leaves_nothing_behind(tiny_town: TinyTown, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.pb"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CommandError, match="pabulib_unreadable"):
        run("import_pb", path, consultation="bad")

    assert not Consultation.objects.exists()


@pytest.mark.django_db
def test_an_empty_territory_is_said_and_left_empty(small: Path) -> None:
    with pytest.raises(CommandError, match="places_unknown"):
        run("import_pb", small, consultation="small")

    assert not Consultation.objects.exists()


@pytest.mark.django_db
def test_an_agents_budget_is_not_overwritten(budget: Budget, small: Path) -> None:
    with pytest.raises(CommandError, match="budget_not_of_file"):
        run("import_pb", small, consultation=budget.consultation.slug)

    assert Budget.objects.get().source == {}


@pytest.mark.django_db
def test_a_vote_of_the_site_is_exported_without_who_or_when(budget: Budget, tmp_path: Path) -> None:
    from django.utils import timezone

    from geoparticipation.budgets.ballot_paper import Choice, ballot_paper
    from geoparticipation.budgets.domain.cast_ballot import store_ballot

    for number in range(3):
        paper = ballot_paper(budget, [Choice(str(number + 1))])
        store_ballot(paper=paper, voter_hash=f"{number}" * 64, origin="web", at=timezone.now())

    run("export_pb", budget.consultation.slug, output=tmp_path / "out.pb")

    text = (tmp_path / "out.pb").read_text()
    instance, profile = parse_pabulib(str(tmp_path / "out.pb"))
    assert sorted(next(iter(ballot)).name for ballot in profile) == ["1", "2", "3"]
    assert (instance.budget_limit, len(instance)) == (10_000, 4)
    assert text.endswith("VOTES\nvoter_id;vote\n" + "\n".join(text.splitlines()[-3:]) + "\n")
    assert not any(ballot.receipt in text or ballot.voter_hash in text for ballot in Ballot.objects.all())
