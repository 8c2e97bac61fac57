"""Winners against pabutools run by itself and against sums done by hand; what a loser would have needed, tried out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pabutools.election import (
    ApprovalBallot,
    ApprovalProfile,
    Cardinality_Sat,
    Cost_Sat,
    Instance,
    Project,
    parse_pabulib,
)
from pabutools.rules import completion_by_rule_combination, greedy_utilitarian_welfare, method_of_equal_shares

from geoparticipation.budgets.counting.count import count_votes
from geoparticipation.budgets.counting.election import Candidate, Election, Vote, natural
from geoparticipation.budgets.enums import Method, Rule, TieRule
from tests.fixtures.real_data import real_file


def election(
    costs: dict[str, int],
    ballots: list[str],
    *,
    amount: int = 10_000,
    method: Method = Method.APPROVAL,
    ties: TieRule = TieRule.NUMBER,
    word: str = "",
) -> Election:
    """Ballots as "1 3", or with points as "1:3 2:1"."""
    votes = []
    for ballot in ballots:
        pairs = [choice.partition(":") for choice in ballot.split()]
        votes.append(Vote(tuple((number, int(points or 1)) for number, _colon, points in pairs)))
    candidates = tuple(Candidate(number, Decimal(cost), 1) for number, cost in costs.items())
    return Election(candidates, {1: Decimal(amount)}, tuple(votes), method, ties, word)


BY_THEMSELVES = {
    Rule.GREEDY_VOTES: lambda instance, profile: greedy_utilitarian_welfare(instance, profile, sat_class=Cost_Sat),
    Rule.GREEDY_COST: lambda instance, profile: greedy_utilitarian_welfare(
        instance, profile, sat_class=Cardinality_Sat
    ),
    Rule.EQUAL_SHARES: lambda instance, profile: completion_by_rule_combination(
        instance,
        profile,
        [method_of_equal_shares, greedy_utilitarian_welfare],
        [{"sat_class": Cost_Sat}, {"sat_class": Cost_Sat}],
    ),
}


@pytest.mark.parametrize(
    "name", ["7_-_Sept_Deniers_Ginestous-Sesquieres_Lalande", "17_-_Mirail-Universite_Reynerie_Bellefontaine"]
)
def test_winners_are_those_of_pabutools_by_itself(name: str) -> None:
    path = real_file(f"toulouse-pb/pb/France_Toulouse_2022_{name}.pb")
    instance, profile = parse_pabulib(str(path))
    ours = _read(path)

    by_rule = {rule: list(count_votes(ours, rule).winners) for rule in Rule}

    expected = {rule: by_itself(instance, profile) for rule, by_itself in BY_THEMSELVES.items()}
    assert by_rule == {rule: [project.name for project in chosen] for rule, chosen in expected.items()}


def _read(path: Path) -> Election:
    """The file's election, read with a few lines of our own and not with the importer."""
    rows = path.read_text(encoding="utf-8-sig").split("\n")
    cells = [row.strip().split(";") for row in rows if row.strip()]
    begin, end = cells.index(["PROJECTS"]) + 2, cells.index(["VOTES"])
    [amount] = [Decimal(row[1]) for row in cells if row[0] == "budget"]
    candidates = tuple(Candidate(row[0], Decimal(row[1]), 1) for row in cells[begin:end])
    votes = tuple(Vote(tuple((number, 1) for number in row[1].split(","))) for row in cells[end + 2 :])
    return Election(candidates, {1: amount}, votes, Method.APPROVAL, TieRule.TEXT)


def test_most_votes_first_passes_over_what_no_longer_fits() -> None:
    # 6,000 + 1,500 leave 2,500: 3 (4,000) does not fit, 4 (2,500) does.
    held = election({"1": 6000, "2": 1500, "3": 4000, "4": 2500}, ["1 2", "1 2", "1 3", "1 3", "2 3", "2", "4"])

    outcome = count_votes(held, Rule.GREEDY_VOTES)

    assert (outcome.winners, outcome.spent) == (("1", "2", "4"), Decimal(10_000))
    [third] = [finding for finding in outcome.findings if finding.number == "3"]
    # With 3 votes it is third; with 4 it is level with 1 and 2, and the lower number goes first; with 5 it is in.
    assert (third.won, third.turn, third.left, third.more_points) == (False, 3, "2500", 2)


def test_most_votes_per_euro_first() -> None:
    held = election({"dear": 10_000, "cheap": 100}, ["dear", "dear", "cheap"])

    assert count_votes(held, Rule.GREEDY_VOTES).winners == ("dear",)
    assert count_votes(held, Rule.GREEDY_COST).winners == ("cheap",)


def test_equal_shares_gives_a_minority_its_part() -> None:
    # Six voters agree on A, B and C, four on D, each of 4,000: by votes A and B are in. A voter's share is 1,000.
    held = election({"A": 4000, "B": 4000, "C": 4000, "D": 4000}, ["A B C"] * 6 + ["D"] * 4)

    by_votes, by_shares = count_votes(held, Rule.GREEDY_VOTES), count_votes(held, Rule.EQUAL_SHARES)

    assert by_votes.winners == ("A", "B")
    assert by_shares.winners == ("A", "D")
    found = {finding.number: finding for finding in by_shares.findings}
    assert (found["D"].shared, found["D"].price) == (True, "1000.00")  # 4,000 among four
    assert found["B"].voters_left == "2000.00"  # six had 1,000 each, and paid 4,000 for A


def test_completion_spends_what_the_shares_leave() -> None:
    held = election({"A": 6000, "B": 5000}, ["A", "A", "A", "B", "B"])  # three have 6,000 together, two have 4,000

    outcome = count_votes(election({"A": 6000, "B": 4500}, ["A", "A", "A", "B", "B"], amount=10_500), Rule.EQUAL_SHARES)

    assert count_votes(held, Rule.EQUAL_SHARES).winners == ("A",)
    assert outcome.winners == ("A", "B")
    assert {finding.number: finding.shared for finding in outcome.findings} == {"A": True, "B": False}


def test_districts_spend_their_own_envelope_only() -> None:
    west, east = Candidate("1", Decimal(900), 1), Candidate("2", Decimal(900), 2)
    late = Candidate("3", Decimal(200), 1)
    votes = tuple(Vote(((number, 1),)) for number in ["1", "1", "3", "2"])
    held = Election((west, east, late), {1: Decimal(1000), 2: Decimal(1000)}, votes, Method.APPROVAL, TieRule.NUMBER)

    outcome = count_votes(held, Rule.GREEDY_VOTES)

    assert outcome.winners == ("1", "2")  # 3 would fit into what East has left, and is not paid from it


@pytest.mark.parametrize(
    ("ties", "winner"), [(TieRule.CHEAPER, "10"), (TieRule.NUMBER, "9"), (TieRule.TEXT, "10"), (TieRule.LOT, "10")]
)
def test_level_projects_are_told_apart_as_announced(ties: TieRule, winner: str) -> None:
    # The lot: SHA-256 of "oak:10" begins with 3, that of "oak:9" with 4 (sha256sum).
    held = election({"9": 6000, "10": 5500}, ["9 10"], ties=ties, word="oak")

    assert count_votes(held, Rule.GREEDY_VOTES).winners == (winner,)


def test_points_count_as_points() -> None:
    held = election({"1": 6000, "2": 6000}, ["1:1", "1:1", "2:5"], method=Method.POINTS)

    outcome = count_votes(held, Rule.GREEDY_VOTES)

    assert outcome.winners == ("2",)
    assert {f.number: (f.points, f.voters) for f in outcome.findings} == {"1": (2, 2), "2": (5, 1)}


def test_numbers_sort_as_people_read_them() -> None:
    assert sorted(["A-10", "10", "9", "A-2"], key=natural) == ["9", "10", "A-2", "A-10"]


NUMBERS = [str(number) for number in range(1, 7)]
ELECTIONS = st.builds(
    election,
    st.fixed_dictionaries({number: st.sampled_from([100, 300, 300, 700, 1000]) for number in NUMBERS}),
    st.lists(
        st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3, unique=True).map(" ".join), min_size=1, max_size=12
    ),
    amount=st.integers(900, 2000),
    ties=st.sampled_from(list(TieRule)),
)


@settings(max_examples=50, deadline=None)
@given(held=ELECTIONS, rule=st.sampled_from([Rule.GREEDY_VOTES, Rule.GREEDY_COST]))
def test_what_a_project_needed_is_exactly_what_it_needed(held: Election, rule: Rule) -> None:
    for finding in count_votes(held, rule).findings:
        if finding.more_points is None:
            continue
        for more, wins in ((finding.more_points - 1, False), (finding.more_points, True)):
            extra = tuple(Vote(((finding.number, 1),)) for _ in range(more))
            again = Election(held.candidates, held.envelopes, held.votes + extra, held.method, held.tie_rule)
            assert (finding.number in count_votes(again, rule).winners) == wins


@settings(max_examples=30, deadline=None)
@given(held=ELECTIONS, rule=st.sampled_from(list(Rule)))
def test_never_more_is_spent_than_there_is(held: Election, rule: Rule) -> None:
    outcome = count_votes(held, rule)

    assert outcome.spent <= held.envelopes[1]
    costs = {candidate.number: candidate.cost for candidate in held.candidates}
    left = held.envelopes[1] - outcome.spent
    assert all(costs[number] > left for number in costs if number not in outcome.winners)


@settings(max_examples=50, deadline=None)
@given(held=ELECTIONS, rule=st.sampled_from(list(Rule)))
def test_any_election_has_the_winners_of_pabutools_by_itself(held: Election, rule: Rule) -> None:
    """Level projects go by their number read as text, as pabutools has it where nothing is said."""
    held = replace(held, tie_rule=TieRule.TEXT)
    projects = {candidate.number: Project(candidate.number, int(candidate.cost)) for candidate in held.candidates}
    instance = Instance(projects.values(), budget_limit=int(held.envelopes[1]))
    profile = ApprovalProfile([ApprovalBallot([projects[number] for number, _ in vote.points]) for vote in held.votes])

    chosen = BY_THEMSELVES[rule](instance, profile)

    assert list(count_votes(held, rule).winners) == [project.name for project in chosen]
