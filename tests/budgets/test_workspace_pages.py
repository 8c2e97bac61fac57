"""Agents' pages: a budget made, projects chosen, papers read twice, the vote closed; nobody else gets in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from geoparticipation.accounts.models import User
from geoparticipation.budgets.models import Budget, Project
from geoparticipation.contributions.models import Contribution
from tests.budgets.conftest import MakeBudget, end_vote
from tests.budgets.test_vote_page import words
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import MakeConsultation, Submit

NAMES = ["workspace-budget", "workspace-budget-projects", "workspace-budget-paper", "workspace-budget-count"]


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def address(name: str, budget: Budget, *more: object) -> str:
    return reverse(name, args=[budget.consultation.slug, *more])


@pytest.mark.parametrize("who", ["moderator", "planner", "councillor", "citizen", "visitor"])
def test_only_agents_get_in(who: str, budget: Budget, cast: dict[str, User]) -> None:
    client = signed_in(cast[who]) if who in cast else Client()
    idea = budget.projects.first().contribution
    pages = [
        reverse("workspace-budgets"),
        *(address(name, budget) for name in NAMES),
        address("workspace-budget-project", budget, idea.code),
    ]

    expected = 302 if who == "visitor" else 403
    assert {client.get(page).status_code for page in pages} == {expected}
    assert {client.post(page, {"sure": "1"}).status_code for page in pages} == {expected, 405}  # lists take no form
    assert Budget.objects.get().closed_at is None


FORM = {
    "method": "envelope", "min_projects": "1", "max_projects": "0", "max_points": "10", "max_points_each": "10",
    "one_per": "", "rule": "greedy-votes", "tie_rule": "cheaper", "tie_word": "", "open_to_outside": "on",
    "envelopes-TOTAL_FORMS": "2", "envelopes-INITIAL_FORMS": "0", "envelopes-0-amount": "40000",
    "envelopes-1-amount": "",
}  # fmt: skip


def test_a_budget_is_made_and_an_idea_becomes_a_project(
    agent: User, make_consultation: MakeConsultation, submit: Submit
) -> None:
    consultation = make_consultation()
    idea = submit(into=consultation)
    client = signed_in(agent)

    made = client.post(reverse("workspace-budget", args=[consultation.slug]), FORM)

    budget = Budget.objects.get()
    assert made.headers["Location"] == address("workspace-budget-projects", budget)
    assert (budget.method, budget.envelopes.get().amount, budget.open_to_outside) == ("envelope", 40_000, True)
    decision = {"state": "shortlisted", "cost": "1200.50", "upkeep": "30", "category": "Nature"}
    client.post(address("workspace-budget-project", budget, idea.code), decision)
    project = Project.objects.get()
    assert (project.number, str(project.cost), project.state, project.decided_by) == (
        "1", "1200.50", "shortlisted", agent,
    )  # fmt: skip
    assert "1 ideas online, 1 put to the vote" in words(client.get(address("workspace-budget-projects", budget)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"envelopes-0-amount": ""}, "Say how much money there is."),
        ({"min_projects": "3", "max_projects": "2"}, "The least is more than the most."),
        ({"method": "points", "max_points": "0"}, "Say how many points there are to share out."),
    ],
)
def test_what_is_missing_in_a_budget_is_said(
    change: dict[str, str], sentence: str, agent: User, make_consultation: MakeConsultation
) -> None:
    answer = signed_in(agent).post(reverse("workspace-budget", args=[make_consultation().slug]), FORM | change)

    assert (answer.status_code, Budget.objects.count()) == (422, 0)
    assert sentence in words(answer)


def test_an_idea_that_is_not_kept_needs_a_reason(budget: Budget, agent: User) -> None:
    idea = Contribution.objects.get(project__number="1")
    client, page = signed_in(agent), address("workspace-budget-project", budget, idea.code)

    without = client.post(page, {"state": "refused"})
    client.post(page, {"state": "refused", "reason": "The land is not the town's."})

    assert (without.status_code, "Say why it is not kept" in words(without)) == (422, True)
    assert budget.projects.get(number="1").reason == "The land is not the town's."


def test_two_agents_enter_a_paper_and_neither_sees_what_the_other_read(
    budget: Budget, agent: User, make_user: MakeUser
) -> None:
    page, colleague = address("workspace-budget-paper", budget), make_user("colleague", "agent")
    paper = {"paper_number": "A-1", "voter": "Anna Peeters, 1941", "project": ["1", "2"]}

    signed_in(agent).post(page, paper)

    shown = signed_in(colleague).get(page)
    assert "A-1" in words(shown)
    assert "checked" not in shown.content.decode()
    assert "Anna" not in words(shown)
    told = signed_in(colleague).post(page, paper, follow=True)
    assert "Both of you read the same: the ballot is taken." in words(told)
    assert list(budget.ballots.get().choices.values_list("project__number", flat=True)) == ["1", "2"]


def test_a_paper_that_cannot_be_taken_says_why_and_can_be_dropped(budget: Budget, agent: User) -> None:
    client, page = signed_in(agent), address("workspace-budget-paper", budget)

    refused = client.post(page, {"paper_number": "A-1", "voter": "", "project": ["1"]})
    client.post(page, {"paper_number": "A-1", "voter": "Anna", "project": ["1"]})
    client.post(page, {"act": "drop", "number": "A-1"})

    assert (refused.status_code, "Write what the voter is known by." in words(refused)) == (422, True)
    assert not budget.paper_entries.exists()


def test_the_vote_is_closed_by_who_is_sure(budget: Budget, agent: User) -> None:
    client, page = signed_in(agent), address("workspace-budget-count", budget)
    while_open = client.post(page, {"sure": "1"})
    end_vote(budget.consultation)

    unsure = client.post(page)
    sure = client.post(page, {"sure": "1"})

    assert (while_open.status_code, unsure.status_code) == (422, 422)
    assert "People can still vote." in words(while_open)
    assert sure.headers["Location"] == address("vote-result", budget)
    assert Budget.objects.get().counted["winners"] == ["2", "4", "3"]  # nobody voted: the cheapest first


def test_the_page_of_counting_tells_how_many_and_never_what(budget: Budget, agent: User) -> None:
    shown = words(signed_in(agent).get(address("workspace-budget-count", budget)))

    assert not any(project.title in shown for project in budget.projects.all())


@pytest.mark.parametrize("projects", [1, 3])
def test_queries_of_the_projects(
    projects: int, make_budget: MakeBudget, agent: User, django_assert_num_queries: Any
) -> None:
    budget = make_budget()
    Contribution.objects.filter(project__position__gt=projects).delete()
    client = signed_in(agent)
    client.get(address("workspace-budget-projects", budget))

    # session, user, offer of residence none; budget, phases, ideas; ballots, papers; what waits for a moderator
    with django_assert_num_queries(8):
        client.get(address("workspace-budget-projects", budget))


@pytest.mark.parametrize("budgets", [1, 3])
def test_queries_of_the_list(
    budgets: int, make_budget: MakeBudget, agent: User, django_assert_num_queries: Any
) -> None:
    for _number in range(budgets):
        make_budget()
    client = signed_in(agent)
    client.get(reverse("workspace-budgets"))

    # session, user; budgets, consultations without; what waits for a moderator
    with django_assert_num_queries(5):
        client.get(reverse("workspace-budgets"))


PAGES_OF_ONE = {
    "workspace-budget": 11,
    "workspace-budget-paper": 9,
    "workspace-budget-count": 9,
    "workspace-budget-project": 12,
}


@pytest.mark.parametrize("projects", [1, 3])
@pytest.mark.parametrize("name", PAGES_OF_ONE)
def test_queries_of_the_other_pages(
    name: str, projects: int, budget: Budget, agent: User, django_assert_num_queries: Any
) -> None:
    Contribution.objects.filter(project__position__gt=projects).delete()
    client, more = signed_in(agent), []
    if name == "workspace-budget-project":
        more = [budget.projects.first().contribution.code]
    client.get(address(name, budget, *more))

    with django_assert_num_queries(PAGES_OF_ONE[name]):
        client.get(address(name, budget, *more))


@pytest.mark.parametrize("papers", [1, 3])
def test_queries_of_papers(papers: int, budget: Budget, agent: User, django_assert_num_queries: Any) -> None:
    client, page = signed_in(agent), address("workspace-budget-paper", budget)
    for number in range(papers):
        client.post(page, {"paper_number": f"A-{number}", "voter": f"Anna {number}", "project": ["1"]})
    client.get(page)

    with django_assert_num_queries(PAGES_OF_ONE["workspace-budget-paper"]):
        client.get(page)
