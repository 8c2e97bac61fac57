"""The result with its reasons, and the list of ballots that gives nobody away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.budgets.ballot_paper import ballot_paper
from geoparticipation.budgets.domain.cast_ballot import cast_ballot, store_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.models import Ballot, Budget
from tests.budgets.conftest import MakeBudget, end_vote, picked
from tests.budgets.test_vote_page import words
from tests.fixtures.question import actor_of

BALLOTS = [("1", "2"), ("1", "2"), ("1", "3"), ("1",), ("3", "2"), ("2",), ("4",)]


def page_of(name: str, budget: Budget, **query: str) -> Any:
    client = Client(headers={"accept-language": "en"})
    return client.get(reverse(name, args=[budget.consultation.slug]), query)


def found_by(receipt: str, budget: Budget) -> Any:
    """The page of all ballots after a receipt was typed on it."""
    client = Client(headers={"accept-language": "en"})
    return client.post(reverse("vote-ballots", args=[budget.consultation.slug]), {"receipt": receipt})


def hold(budget: Budget, agent: User, ballots: list[tuple[str, ...]]) -> list[str]:
    """Cast these ballots and close the vote; returns the receipts."""
    receipts = [
        store_ballot(
            paper=ballot_paper(budget, picked(*numbers)), voter_hash=f"{number:064}", origin="web", at=timezone.now()
        ).ballot.receipt
        for number, numbers in enumerate(ballots)
    ]
    end_vote(budget.consultation)
    close_vote(user=agent, budget=budget)
    return receipts


def test_winners_and_losers_are_told_with_reasons(budget: Budget, agent: User) -> None:
    hold(budget, agent, BALLOTS)

    shown = page_of("vote-result", budget)

    # Four votes for 1 and for 2: the cheaper goes first. 3 (2 votes, 4,000 €) meets 2,500 €, 4 (1 vote) fits.
    assert [row["project"].number for row in shown.context["winners"]] == ["2", "1", "4"]
    assert [row["project"].number for row in shown.context["others"]] == ["3"]
    text = words(shown)
    assert "4 votes. It was number 1 in the order: 10,000 € were still there, it costs 1,500 €." in text
    assert "2 votes. It was number 3 in the order: only 2,500 € were still there, it costs 4,000 €." in text
    # Before 1 (6,000 € for 4 votes) there were 8,500 €: with 4 votes 3 is level with it, and cheaper.
    assert "With 2 more votes it would have been in." in text


def test_equal_shares_are_told_by_shares(make_budget: MakeBudget, agent: User) -> None:
    budget = make_budget(rule="equal-shares")
    hold(budget, agent, [("1",)] * 6 + [("3",)] * 3 + [("2",)])

    text = words(page_of("vote-result", budget))

    # 1,000 € each: six pay 6,000 € for 1; three have 3,000 € for 3, which costs 4,000 €; it is paid from the rest.
    assert "6 votes. Its voters paid for it with their shares, each 1,000 € at the most." in text
    assert "3 votes. Its voters had 3,000 € of their shares left together; it costs 4,000 €." in text


def test_money_per_home_by_district(budget: Budget, agent: User) -> None:
    hold(budget, agent, BALLOTS)

    rows = {row["name"]: row for row in page_of("vote-result", budget).context["districts"]}

    # The tiny town has 20 dwellings, 13 of them in West: see its picture.
    assert sum(row["dwellings"] for row in rows.values()) == 20
    west = rows["West"]
    assert (west["won"], west["projects"], west["money"]) == (2, 2, "7500.00")
    assert float(west["per_dwelling"]) == round(7500 / west["dwellings"], 2)
    assert (rows["East"]["won"], rows["East"]["money"]) == (1, "2500.00")


def test_every_receipt_is_in_the_list_and_finds_its_ballot(budget: Budget, agent: User) -> None:
    receipts = hold(budget, agent, BALLOTS)

    text = words(page_of("vote-ballots", budget))
    found = [found_by(f" {r[:5].lower()} {r[5:]}", budget).context["mine"] for r in receipts]

    assert all(f"{receipt[:5]}-{receipt[5:]}" in text for receipt in receipts)
    assert [sorted(b.choices.values_list("project__number", flat=True)) for b in found] == [
        sorted(numbers) for numbers in BALLOTS
    ]


def test_the_list_gives_nobody_away(budget: Budget, agent: User, cast: dict[str, User]) -> None:
    """Its order is that of the receipts; no name, time, origin or key of a row is in page or file."""
    receipts = {
        name: cast_ballot(actor=actor_of(person), budget=budget, choices=picked("1")).ballot.receipt
        for name, person in cast.items()
    }
    marks = set(Ballot.objects.values_list("voter_hash", flat=True))
    end_vote(budget.consultation)
    close_vote(user=agent, budget=budget)

    shown = page_of("vote-ballots", budget).content.decode()
    main = shown[shown.index("<main") : shown.index("</main>")]
    file = page_of("vote-ballots-file", budget).content.decode()

    listed = re.findall(r"<td>([2-9A-Z]{5})-([2-9A-Z]{5})</td>", main)
    assert ["".join(receipt) for receipt in listed] == sorted(receipts.values())
    assert "<time" not in main
    assert not any(f"{hour:02}:" in main for hour in range(24))
    for text in (main, file):
        assert not any(person.email in text or (person.name and person.name in text) for person in cast.values())
        assert not any(mark in text for mark in marks)
        assert not re.search(r"\b(web|paper|West|East)\b", text.split("VOTES")[-1])
    assert not any(receipt in file for receipt in receipts.values())


def test_a_receipt_in_an_address_finds_nothing(budget: Budget, agent: User) -> None:
    """Addresses stand in logs."""
    receipts = hold(budget, agent, BALLOTS)

    assert page_of("vote-ballots", budget, receipt=receipts[0]).context["mine"] is None


def test_few_ballots_are_not_listed_and_still_found(budget: Budget, agent: User) -> None:
    receipts = hold(budget, agent, BALLOTS[:4])

    shown = page_of("vote-ballots", budget)

    assert (len(shown.context["page"].object_list), shown.context["too_few"]) == (0, True)
    assert page_of("vote-ballots-file", budget).status_code == 404
    assert found_by(receipts[0], budget).context["mine"].receipt == receipts[0]


def test_nothing_is_listed_before_the_vote_is_closed(budget: Budget, citizen: User) -> None:
    ballot = cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1")).ballot
    end_vote(budget.consultation)

    assert found_by(ballot.receipt, budget).status_code == 404
    assert page_of("vote-ballots", budget).status_code == 404
    assert page_of("vote-ballots-file", budget).status_code == 404
    assert "The votes are not counted yet." in words(page_of("vote-result", budget))


def test_a_receipt_that_is_none(budget: Budget, agent: User) -> None:
    hold(budget, agent, BALLOTS)

    for receipt in ("AAAAA-AAAAA", "x", "' OR 1=1 --"):
        assert "There is no ballot with this receipt." in words(found_by(receipt, budget))


@pytest.mark.parametrize("projects", [1, 4])
def test_queries_of_the_result(
    projects: int, budget: Budget, agent: User, client: Client, django_assert_num_queries: Any
) -> None:
    budget.projects.filter(number__gt=str(projects)).update(state="waiting")
    hold(budget, agent, [("1",)] * 6)
    client.get(reverse("vote-result", args=[budget.consultation.slug]))

    # budget, phases, projects; whether few voted: envelopes, ballots; envelopes, what was not kept
    with django_assert_num_queries(7):
        client.get(reverse("vote-result", args=[budget.consultation.slug]))


@pytest.mark.parametrize("ballots", [6, 9])
def test_queries_of_the_list(
    ballots: int, budget: Budget, agent: User, client: Client, django_assert_num_queries: Any
) -> None:
    hold(budget, agent, [("1", "2")] * ballots)
    client.get(reverse("vote-ballots", args=[budget.consultation.slug]))

    # budget, phases; ballots counted thrice (all, whether few voted, for the pages) and envelopes; ballots, choices
    with django_assert_num_queries(8):
        client.get(reverse("vote-ballots", args=[budget.consultation.slug]))
