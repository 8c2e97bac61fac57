"""Who counts as one voter: by whichever way people come, and not changed while they vote."""

from __future__ import annotations

import threading

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.test import Client

from geoparticipation.accounts.models import User
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.domain.vote_lock import stop_vote
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.domain.save_consultation import save_consultation
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.budgets.conftest import (
    MakeBudget,
    end_vote,
    enter,
    on_ballots,
    picked,
    refusal_code,
    until_somebody_waits_for_a_lock,
)
from tests.budgets.test_one_browser import vote, with_browser
from tests.budgets.test_vote_page import address, words
from tests.fixtures.question import actor_of
from tests.fixtures.tiny_town import TinyTown


def ask_for(level: int, consultation: Consultation, agent: User) -> None:
    """Let an agent save the consultation as it is, but for the level."""
    save_consultation(
        user=agent,
        consultation=Consultation.objects.get(pk=consultation.pk),
        title=consultation.title,
        summary=consultation.summary,
        identity_level=level,
    )


@pytest.mark.parametrize("level", [0, 1])
def test_who_came_with_a_flyer_lives_here_and_is_not_asked(
    level: int, make_budget: MakeBudget, tiny_town: TinyTown, agent: User, citizen: User, client: Client
) -> None:
    """Also where no code is asked for: the page has no box to tick for them."""
    budget = make_budget(identity_level=level, open_to_outside=False)
    whole = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
    target = save_target(name="All", parts=whole, user=agent)
    mailing = make_mailing(name="Vote", consultation=budget.consultation, target=target)
    letterbox = mailing.letterboxes.order_by("position")[0]
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(citizen)
    client.get(f"/l/{code_of(mailing, letterbox, letterbox.codes.get())}")
    assert "I live in the town" not in words(client.get(address(budget)))

    sent = client.post(address(budget), {"act": "send", "project": ["1"]})

    assert sent.status_code == 302
    assert on_ballots(budget) == [["1"]]


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 0), (1, 2)])
def test_the_level_stays_from_the_first_ballot_until_the_vote_is_closed(
    before: int, after: int, make_budget: MakeBudget, agent: User, citizen: User
) -> None:
    """Else a browser, the account at it and the home it is in are three voters."""
    budget = make_budget(identity_level=before)
    ask_for(after, budget.consultation, agent)
    ask_for(before, budget.consultation, agent)
    assert vote(budget, with_browser(citizen if before else None), "1") == "taken"

    assert refusal_code(lambda: ask_for(after, budget.consultation, agent)) == "level_voted_at"
    assert refusal_code(lambda: ask_for(before, budget.consultation, agent)) == "taken"  # other words, say
    end_vote(budget.consultation)
    close_vote(user=agent, budget=budget)
    assert refusal_code(lambda: ask_for(after, budget.consultation, agent)) == "taken"


def test_a_paper_that_waits_keeps_the_level_too(budget: Budget, agent: User) -> None:
    enter(agent, budget, "1")

    assert refusal_code(lambda: ask_for(2, budget.consultation, agent)) == "level_voted_at"


@pytest.mark.django_db(transaction=True)
def test_a_first_ballot_meets_the_level_that_an_agent_is_saving(make_budget: MakeBudget) -> None:
    known = Budget.objects.select_related("consultation").get(pk=make_budget(identity_level=0).pk)
    answers: list[str] = []

    def run() -> None:
        answers.append(vote(known, with_browser(None), "1"))
        connection.close()

    with transaction.atomic():
        stop_vote(Budget.objects.get())
        voter = threading.Thread(target=run)
        voter.start()
        until_somebody_waits_for_a_lock()
        Consultation.objects.update(identity_level=1)
    voter.join()

    assert answers == ["identity_level_too_low"]
    assert on_ballots(known) == []


def test_a_second_address_of_an_account_on_a_paper_is_the_same_voter(
    budget: Budget, agent: User, citizen: User, neighbour: User
) -> None:
    EmailAddress.objects.create(user=citizen, email="Second@example.org", verified=True)
    EmailAddress.objects.create(user=neighbour, email="claimed@example.org", verified=False)
    for person in (citizen, neighbour):
        cast_ballot(actor=actor_of(person), budget=budget, choices=picked("1"))

    assert refusal_code(lambda: enter(agent, budget, "2", voter="second@example.org")) == "already_voted"
    assert refusal_code(lambda: enter(agent, budget, "2", voter="claimed@example.org")) == "taken"
