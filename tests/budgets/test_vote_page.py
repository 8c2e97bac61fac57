"""The page on which people vote, as a browser without JavaScript uses it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.test import Client
from django.urls import reverse

from geoparticipation.accounts.models import User
from geoparticipation.budgets.domain.save_budget import EnvelopeInput
from geoparticipation.budgets.models import Ballot, Budget
from geoparticipation.consultations.enums import ConsultationState
from tests.budgets.conftest import MakeBudget, end_vote
from tests.fixtures.question import MakeConsultation


def address(budget: Budget) -> str:
    return reverse("vote", args=[budget.consultation.slug])


def words(response: Any) -> str:
    """The page's text."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def visitor(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_a_voter_chooses_adds_up_sends_and_gets_a_receipt(visitor: Client, budget: Budget, citizen: User) -> None:
    visitor.force_login(citizen)

    added = visitor.post(address(budget), {"act": "check", "project": ["1", "2"]})

    assert "2 projects of 2 at the most" in words(added)
    assert "7,500 € in all" in words(added)
    assert re.findall(r'no-fit[^>]*data-number="(\d)"', added.content.decode()) == ["3", "4"]
    assert not Ballot.objects.exists()
    sent = visitor.post(address(budget), {"act": "send", "project": ["1", "2"]}, follow=True)
    ballot = Ballot.objects.get()
    assert f"{ballot.receipt[:5]}-{ballot.receipt[5:]}" in words(sent)
    assert re.findall(r'value="(\d)" checked', sent.content.decode()) == ["1", "2"]


def test_a_ballot_that_is_too_much_comes_back_as_it_was(visitor: Client, budget: Budget, citizen: User) -> None:
    visitor.force_login(citizen)

    answer = visitor.post(address(budget), {"act": "send", "project": ["1", "2", "3"]})

    assert answer.status_code == 422
    assert "You chose 3 projects; a ballot has 2 at the most." in words(answer)
    assert re.findall(r'value="(\d)" checked', answer.content.decode()) == ["1", "2", "3"]
    assert not Ballot.objects.exists()


def test_a_visitor_signs_in_and_finds_the_choices_again(visitor: Client, budget: Budget, citizen: User) -> None:
    answer = visitor.post(address(budget), {"act": "send", "project": ["3"]})

    assert answer.status_code == 403
    assert f'href="{reverse("account_login")}?next={address(budget)}"' in answer.content.decode()
    visitor.force_login(citizen)
    assert re.findall(r'value="(\d)" checked', visitor.get(address(budget)).content.decode()) == ["3"]


def test_a_device_votes_and_changes_where_no_more_is_asked(visitor: Client, make_budget: MakeBudget) -> None:
    budget = make_budget(identity_level=0)

    for choice in ("3", "4"):
        visitor.post(address(budget), {"act": "send", "project": [choice]})

    assert [list(b.choices.values_list("project__number", flat=True)) for b in Ballot.objects.all()] == [["4"]]
    assert Client().get(address(budget)).context["own"] is None  # another browser sees no ballot


def test_who_lives_elsewhere_is_asked(visitor: Client, make_budget: MakeBudget, citizen: User) -> None:
    budget = make_budget(open_to_outside=False)
    visitor.force_login(citizen)

    without = visitor.post(address(budget), {"act": "send", "project": ["1"]})
    with_it = visitor.post(address(budget), {"act": "send", "project": ["1"], "lives_here": "on"})

    assert (without.status_code, with_it.status_code) == (403, 302)
    assert "please say that you do" in words(without)


def test_points_and_ranks_are_read(visitor: Client, make_budget: MakeBudget, citizen: User) -> None:
    points, ranks = make_budget(method="points", max_points=5, max_points_each=5), make_budget(method="ranking")
    visitor.force_login(citizen)

    visitor.post(address(points), {"act": "send", "points-1": "2", "points-3": "3", "points-4": "0"})
    visitor.post(address(ranks), {"act": "send", "rank-3": "1", "rank-1": "2", "rank-2": ""})

    given = [list(b.choices.values_list("project__number", "points")) for b in Ballot.objects.order_by("pk")]
    assert given == [[("1", 2), ("3", 3)], [("3", 1), ("1", 1)]]


@pytest.mark.parametrize(
    ("method", "sent", "sentence"),
    [
        ("points", {"points-1": "many"}, "Write a whole number for project 1."),
        ("ranking", {"rank-1": "1", "rank-2": "1"}, "Two projects have place 1: 1, 2."),
        ("points", {"points-1": "-4"}, "Project 1 may have between 1 and 10 points."),
        ("approval", {"project": ["99"]}, "There is no project 99 in this vote."),
    ],
)
def test_what_cannot_be_read_is_said(
    method: str, sent: dict[str, Any], sentence: str, visitor: Client, make_budget: MakeBudget, citizen: User
) -> None:
    budget = make_budget(method=method)
    visitor.force_login(citizen)

    answer = visitor.post(address(budget), {"act": "send", **sent})

    assert (answer.status_code, Ballot.objects.count()) == (422, 0)
    assert sentence in words(answer)


def test_each_envelope_says_what_is_left(
    visitor: Client, make_budget: MakeBudget, district_envelopes: list[EnvelopeInput]
) -> None:
    budget = make_budget(method="envelope", max_projects=0, envelopes=district_envelopes)

    added = visitor.post(address(budget), {"act": "check", "project": ["1", "4"]})

    assert "East 1,500 € left" in words(added)
    assert "West 0 € left" in words(added)
    assert re.findall(r'no-fit[^>]*data-number="(\d)"', added.content.decode()) == ["2", "3"]


def test_after_the_phase_the_page_only_shows(visitor: Client, budget: Budget, citizen: User) -> None:
    end_vote(budget.consultation)
    visitor.force_login(citizen)

    answer = visitor.post(address(budget), {"act": "send", "project": ["1"]})

    assert answer.status_code == 403
    assert "There is no vote at the moment." in words(answer)
    assert "The vote is over." in words(visitor.get(address(budget)))


def test_a_draft_and_a_consultation_without_a_budget_are_not_found(
    visitor: Client, budget: Budget, make_consultation: MakeConsultation
) -> None:
    other = make_consultation()
    with pytest.raises(ObjectDoesNotExist):
        _ = other.budget
    budget.consultation.state = ConsultationState.DRAFT
    budget.consultation.save()

    assert [visitor.get(reverse("vote", args=[c.slug])).status_code for c in (budget.consultation, other)] == [404, 404]


def test_everybody_reads_why_an_idea_was_not_kept(visitor: Client, budget: Budget) -> None:
    budget.projects.filter(number="4").update(state="refused", reason="The land is not the town’s.")

    shown = words(visitor.get(address(budget)))

    assert "A shelter for bicycles The land is not the town’s." in shown
    assert len(visitor.get(address(budget)).context["rows"]) == 3


def test_the_consultations_page_leads_to_the_vote(visitor: Client, budget: Budget) -> None:
    shown = visitor.get(reverse("consultation", args=[budget.consultation.slug])).content.decode()

    assert f'href="{address(budget)}"' in shown


@pytest.mark.parametrize("projects", [1, 4])
def test_queries_of_the_page(
    projects: int, visitor: Client, budget: Budget, citizen: User, django_assert_num_queries: Any
) -> None:
    budget.projects.filter(number__gt=str(projects)).update(state="waiting")
    visitor.force_login(citizen)
    visitor.get(address(budget))  # the town's name and extent are kept for a minute

    # session, user; budget, phases; projects, envelopes; e-mail address of the voter; own ballot; what is not kept
    with django_assert_num_queries(9):
        visitor.get(address(budget))
