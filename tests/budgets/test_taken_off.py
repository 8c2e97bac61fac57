"""What moderation hid, an author took back or an agent took off: before the vote, during it and once it is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pabutools.election.pabulib import parse_pabulib_from_string

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.budgets.ballot_paper import Choice, ballot_paper
from geoparticipation.budgets.counting.read_election import read_election
from geoparticipation.budgets.domain.cast_ballot import cast_ballot, store_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.domain.import_pabulib import import_pabulib
from geoparticipation.budgets.domain.projects import decide_project, take_off_ballot
from geoparticipation.budgets.models import Budget, Project
from geoparticipation.budgets.pabulib.reading import parse_pabulib
from geoparticipation.budgets.pabulib.writing import write_pabulib
from geoparticipation.contributions.domain import withdraw_contribution
from geoparticipation.contributions.models import Contribution
from geoparticipation.moderation.domain.decide import decide
from neighbourhoods.importers.report import ImportReport
from tests.budgets.conftest import MakeBudget, end_vote, on_ballots, picked, refusal_code
from tests.budgets.test_result_pages import found_by
from tests.budgets.test_vote_page import words
from tests.fixtures.question import actor_of

HIDDEN = "A fountain"
"""The title of project 3."""


def hide(budget: Budget, moderator: User, number: str = "3") -> Project:
    """Let a moderator hide the idea of a project."""
    project = budget.projects.get(number=number)
    decide(contribution=project.contribution, moderator=moderator, to_status="hidden", reason="It insults somebody.")
    return project


def shown(name: str, budget: Budget, by: User | None = None) -> Any:
    client = Client(headers={"accept-language": "en"})
    if by is not None:
        client.force_login(by)
    return client.get(reverse(name, args=[budget.consultation.slug]))


def by_moderator(budget: Budget, cast: dict[str, User]) -> None:
    hide(budget, cast["moderator"])


def by_author(budget: Budget, cast: dict[str, User]) -> None:
    withdraw_contribution(actor=actor_of(cast["citizen"]), contribution=Contribution.objects.get(project__number="3"))


@pytest.mark.parametrize("leave", [by_moderator, by_author])
def test_what_is_no_longer_online_is_on_no_ballot(
    leave: Callable[..., None], budget: Budget, cast: dict[str, User]
) -> None:
    leave(budget, cast)

    page = shown("vote", budget)

    assert [row["project"].number for row in page.context["rows"]] == ["1", "2", "4"]
    assert HIDDEN not in page.content.decode()
    code = str(budget.projects.get(number="3").contribution.code)
    assert code not in page.content.decode()
    vote = lambda: cast_ballot(actor=actor_of(cast["neighbour"]), budget=budget, choices=picked("3"))  # noqa: E731
    assert refusal_code(vote) == "unknown_project"


def test_what_is_put_online_again_is_on_the_ballot_again_with_its_votes(
    budget: Budget, cast: dict[str, User], agent: User
) -> None:
    cast_ballot(actor=actor_of(cast["neighbour"]), budget=budget, choices=picked("3"))
    project = hide(budget, cast["moderator"])
    decide(contribution=project.contribution, moderator=cast["moderator"], to_status="published")
    end_vote(budget.consultation)

    closed = close_vote(user=agent, budget=budget)

    assert closed.counted["findings"]["3"]["points"] == 1


def test_ballots_keep_their_other_choices_and_their_voters_are_told(budget: Budget, cast: dict[str, User]) -> None:
    voter = cast["neighbour"]
    cast_ballot(actor=actor_of(voter), budget=budget, choices=picked("1", "3"))

    hide(budget, cast["moderator"])

    page = shown("vote", budget, by=voter)
    assert page.context["gone"] == ["3"]
    assert "Project 3, which you chose, was taken off the ballot since." in words(page)
    assert [row["project"].number for row in page.context["rows"] if row["chosen"]] == ["1"]
    cast_ballot(actor=actor_of(voter), budget=budget, choices=picked("1", "4"))  # there is room for another one
    assert on_ballots(budget) == [["1", "4"]]


def test_an_agent_is_told_and_cannot_close_before_saying_why(
    budget: Budget, cast: dict[str, User], agent: User
) -> None:
    cast_ballot(actor=actor_of(cast["neighbour"]), budget=budget, choices=picked("1", "3"))
    project = hide(budget, cast["moderator"])
    end_vote(budget.consultation)
    told = [words(shown(name, budget, by=agent)) for name in ("workspace-budget-projects", "workspace-budget-count")]

    before = refusal_code(lambda: close_vote(user=agent, budget=budget))
    without = refusal_code(lambda: take_off_ballot(user=agent, budget=budget, project=project, reason=" "))
    take_off_ballot(user=agent, budget=budget, project=project, reason="Its text was not acceptable.")
    again = refusal_code(lambda: take_off_ballot(user=agent, budget=budget, project=project, reason="Twice"))

    assert (before, without, again) == ("projects_out_of_place", "reason_missing", "not_on_ballot")
    assert "1 project is no longer online" in told[0]
    assert "These projects are no longer online." in told[1]
    closed = close_vote(user=agent, budget=budget)
    assert set(closed.counted["findings"]) == {"1", "2", "4"}
    assert closed.counted["ballots"] == 1


def test_what_was_taken_off_shows_its_number_and_why_and_nothing_that_was_hidden(
    budget: Budget, cast: dict[str, User], agent: User
) -> None:
    """A ballot that named it is found whole by its receipt; the file to count again does not name it."""
    for number in range(6):
        paper = ballot_paper(budget, picked("1", "3"))
        receipt = store_ballot(paper=paper, voter_hash=f"{number:064}", origin="web", at=timezone.now()).ballot.receipt
    project = hide(budget, cast["moderator"])
    take_off_ballot(user=agent, budget=budget, project=project, reason="Its text was not acceptable.")
    end_vote(budget.consultation)
    close_vote(user=agent, budget=budget)

    pages = [
        shown("vote-result", budget), found_by(receipt, budget), shown("vote", budget),
        shown("vote-ballots-file", budget),
    ]  # fmt: skip

    assert [page.status_code for page in pages] == [200] * 4
    assert not any(HIDDEN in page.content.decode() for page in pages)
    assert "3 An idea that is no longer online taken off the ballot" in words(pages[1])
    assert "Its text was not acceptable." in words(pages[0])
    assert ";1;" in pages[3].content.decode().split("VOTES")[1].replace("\n", ";") + ";"
    assert "3" not in {line.split(";")[0] for line in pages[3].content.decode().split("PROJECTS")[1].split("\n")[2:6]}


def test_what_is_hidden_after_the_count_stays_counted_and_loses_its_words_and_place(
    budget: Budget, cast: dict[str, User], agent: User
) -> None:
    for number in range(6):
        paper = ballot_paper(budget, picked("3"))
        store_ballot(paper=paper, voter_hash=f"{number:064}", origin="web", at=timezone.now())
    end_vote(budget.consultation)
    close_vote(user=agent, budget=budget)

    hide(budget, cast["moderator"])

    pages = [shown(name, budget) for name in ("vote-result", "vote-ballots", "vote", "vote-ballots-file")]
    text = words(pages[0])
    assert "3 An idea that is no longer online 4,000 €" in text
    assert "6 votes." in text
    code = str(budget.projects.get(number="3").contribution.code)
    assert not any(word in page.content.decode() for page in pages for word in (HIDDEN, code))
    row = next(line for line in write_pabulib(budget).split("\n") if line.startswith("3;"))
    assert row == "3;4000;6;;;;;"  # number, cost and votes; neither name, category, district nor place


def test_an_agent_takes_off_what_turns_out_not_to_be_possible(
    budget: Budget, agent: User, cast: dict[str, User]
) -> None:
    """Moderation did not hide it: its words stay, with why it is no longer voted on."""
    cast_ballot(actor=actor_of(cast["neighbour"]), budget=budget, choices=picked("3"))
    client = Client(headers={"accept-language": "en"})
    client.force_login(agent)
    idea = Contribution.objects.get(project__number="3")
    page = reverse("workspace-budget-project", args=[budget.consultation.slug, idea.code])

    empty = client.post(page, {"act": "take_off", "reason": ""})
    done = client.post(page, {"act": "take_off", "reason": "A pipe lies there."})

    assert (empty.status_code, done.status_code) == (422, 302)
    assert "Say why it is taken off the ballot" in words(empty)
    assert "3 A fountain taken off the ballot A pipe lies there." in words(shown("vote", budget))
    changed = refusal_code(
        lambda: decide_project(user=agent, budget=budget, contribution=idea, state="shortlisted", cost=5)
    )
    assert changed == "vote_began"  # it cannot be put back


@pytest.mark.parametrize("moment", ["before", "during", "over", "closed"])
@pytest.mark.parametrize("who", ["agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider"])
def test_only_agents_take_off_until_the_vote_is_closed(
    who: str, moment: str, budget: Budget, cast: dict[str, User], agent: User
) -> None:
    project = budget.projects.get(number="3")
    if moment != "before":
        cast_ballot(actor=actor_of(cast["neighbour"]), budget=budget, choices=picked("1"))
    if moment in {"over", "closed"}:
        end_vote(budget.consultation)
    if moment == "closed":
        close_vote(user=agent, budget=budget)

    act = lambda: take_off_ballot(user=cast[who], budget=budget, project=project, reason="A pipe.")  # noqa: E731

    if who != "agent":
        with pytest.raises(NotAllowed):
            act()
    else:
        assert refusal_code(act) == ("vote_closed" if moment == "closed" else "taken")


def test_who_moderates_is_told_what_hiding_a_project_means(budget: Budget, cast: dict[str, User]) -> None:
    Contribution.objects.filter(project__number="3").update(reviewed_at=None)
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast["moderator"])

    queue = words(client.get(reverse("workspace-queue")))

    assert "It is project 3 of a vote. Hidden, nobody can choose it any more" in queue


def test_a_ranking_keeps_its_order_when_its_first_project_is_taken_off(
    make_budget: MakeBudget, cast: dict[str, User], agent: User
) -> None:
    """Of four ranks the second is still worth more than the third, and that more than the fourth."""
    budget = make_budget(method="ranking", max_projects=0)
    cast_ballot(actor=actor_of(cast["neighbour"]), budget=budget, choices=picked("3", "1", "2", "4"))
    take_off_ballot(user=agent, budget=budget, project=budget.projects.get(number="3"), reason="It is not possible.")

    assert read_election(budget).points == {"1": 3, "2": 2, "4": 1}


def test_pabutools_reads_points_where_a_ballot_lost_its_only_project(
    make_budget: MakeBudget, cast: dict[str, User], agent: User
) -> None:
    budget = make_budget(method="points", max_projects=0)
    for voter, number in (("neighbour", "3"), ("citizen", "1")):
        cast_ballot(actor=actor_of(cast[voter]), budget=budget, choices=[Choice(number, 4)])
    take_off_ballot(user=agent, budget=budget, project=budget.projects.get(number="3"), reason="It is not possible.")

    written = write_pabulib(budget)

    _instance, profile = parse_pabulib_from_string(written)
    assert sorted(sum(ballot.values()) for ballot in profile) == [0, 4]
    report = ImportReport()
    again = import_pabulib(file=parse_pabulib(written), slug="read-again", report=report)
    assert (again.ballots.count(), report.refused.total()) == (2, 0)


def test_what_is_hidden_while_an_agent_closes_is_counted(budget: Budget, cast: dict[str, User], agent: User) -> None:
    """Between the look at what is online and the count: no vote is lost without a reason."""
    cast_ballot(actor=actor_of(cast["neighbour"]), budget=budget, choices=picked("3"))
    end_vote(budget.consultation)

    def hidden_just_before(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('SELECT "budgets_project"."number"') and '"budgets_project"."cost"' in sql:
            with connection.cursor() as cursor:
                cursor.cursor.execute(
                    "UPDATE contributions_contribution SET status = 'hidden' WHERE title = %s", [HIDDEN]
                )
        return execute(sql, *rest)

    with connection.execute_wrapper(hidden_just_before):
        closed = close_vote(user=agent, budget=budget)

    assert Contribution.objects.filter(project__number="3", status="hidden").exists()
    assert closed.counted["findings"]["3"]["points"] == 1
