"""Where so few voted that a result would tell what somebody chose: in the whole town, or in one envelope."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from geoparticipation.accounts.models import User
from geoparticipation.budgets.counting.few import envelopes_with_few_ballots
from geoparticipation.budgets.domain.save_budget import EnvelopeInput
from geoparticipation.budgets.models import Budget
from tests.budgets.conftest import MakeBudget
from tests.budgets.test_result_pages import found_by, hold, page_of
from tests.budgets.test_vote_page import words

FOUR_IN_EAST = [("1",), ("1",), ("2",), ("1", "3"), ("3",), ("4",), ("4",)]
"""Four ballots in West, four in East: 3 and 4 are East's."""


@pytest.fixture
def districts(make_budget: MakeBudget, district_envelopes: list[EnvelopeInput]) -> Budget:
    return make_budget(envelopes=district_envelopes)


def test_with_few_ballots_only_the_winners_are_told(budget: Budget, agent: User) -> None:
    hold(budget, agent, [("4",), ("4",), ("4", "3"), ("2",)])

    shown = page_of("vote-result", budget)

    # By votes: 4 (3), then 2 (1 vote, cheaper than 3), 3. In the order of numbers nobody reads that.
    assert budget.counted["winners"] == ["4", "2", "3"]
    assert [row["project"].number for row in shown.context["winners"]] == ["2", "3", "4"]
    text = words(shown)
    assert "Where fewer than 5 people voted" in text
    assert not any(word in text for word in ("1 vote", "2 votes", "3 votes", "in the order"))


def test_five_ballots_are_told(budget: Budget, agent: User) -> None:
    hold(budget, agent, [("4",)] * 5)

    text = words(page_of("vote-result", budget))

    assert "5 votes." in text
    assert "Where fewer" not in text


def test_an_envelope_with_few_ballots_tells_neither_votes_nor_choices(districts: Budget, agent: User) -> None:
    receipts = hold(districts, agent, [("1",)] * 5 + [("1", "3"), ("4",)])

    result, listed = page_of("vote-result", districts), page_of("vote-ballots", districts)
    mine = found_by(receipts[5], districts)
    file = page_of("vote-ballots-file", districts).content.decode()

    why = {row["project"].number: row["why"] for row in result.context["winners"] + result.context["others"]}
    assert (why["3"], why["4"], bool(why["1"])) == ([], [], True)
    cells = listed.content.decode().split("<tbody>")[1]
    assert "A fountain" not in cells
    assert "A shelter" not in cells
    # Nor which ballots they were: one of three people known to have voted there would show the other choices.
    rows = sorted(" ".join(re.sub(r"<[^>]+>", " ", row).split()[1:]) for row in cells.split("</tr>")[:-1])
    assert rows == ["", *["1 Trees in Rue Haute"] * 6]
    assert "A fountain" in words(mine).split("Ballots have no names")[0]  # who has the receipt
    assert "budget;6000" in file  # of West alone
    assert [line.split(";")[0] for line in file.split("PROJECTS\n")[1].split("VOTES")[0].split("\n")[1:-1]] == [
        "1",
        "2",
    ]
    assert sorted(line.partition(";")[2] for line in file.split("VOTES\n")[1].split("\n")[1:-1]) == ["", *["1"] * 6]


@pytest.mark.parametrize(
    ("ballots", "few"),
    [
        (FOUR_IN_EAST[:4], {"West", "East"}),  # four in all
        (FOUR_IN_EAST, {"West", "East"}),  # four in each
        ([*FOUR_IN_EAST, ("3",)], {"West"}),
        ([*FOUR_IN_EAST, ("2", "4")], set()),
    ],
)
def test_which_envelopes_have_few(
    ballots: list[tuple[str, ...]], few: set[str], districts: Budget, agent: User
) -> None:
    hold(districts, agent, ballots)

    found = envelopes_with_few_ballots(districts)

    assert set(districts.envelopes.filter(pk__in=found).values_list("name", flat=True)) == few


def test_the_file_is_known_by_its_tag_until_something_in_it_is_hidden(
    budget: Budget, agent: User, cast: dict[str, User]
) -> None:
    from tests.budgets.test_taken_off import hide

    hold(budget, agent, [("1",)] * 6)
    address = reverse("vote-ballots-file", args=[budget.consultation.slug])
    first = page_of("vote-ballots-file", budget)

    def again() -> int:
        return (
            page_of("vote-ballots-file", budget)
            .client.get(address, headers={"if-none-match": first["ETag"]})
            .status_code
        )

    assert (first.status_code, first["Cache-Control"], again()) == (200, "no-cache", 304)
    hide(budget, cast["moderator"])
    assert again() == 200
