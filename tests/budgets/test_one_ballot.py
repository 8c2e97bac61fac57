"""One ballot per voter, whoever is faster, from whichever browser or home."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.models import Ballot, BallotChoice, BallotEvent, Budget
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.models import LetterboxCode, MailingLetterbox
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address
from tests.budgets.conftest import MakeBudget, enter, on_ballots, picked, refusal_code
from tests.fixtures.question import actor_of, device_actor
from tests.fixtures.tiny_town import TinyTown


def test_a_changed_ballot_keeps_its_receipt_and_leaves_a_trace_without_content(budget: Budget, citizen: User) -> None:
    first = cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1", "2"))
    second = cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("3"))

    assert (first.is_change, second.is_change) == (False, True)
    assert first.ballot.receipt == second.ballot.receipt
    assert on_ballots(budget) == [["3"]]
    assert list(budget.ballot_events.values_list("kind", flat=True)) == ["cast", "changed"]
    # No column of the trace, or of any other table, tells what was on it before.
    assert {field.name for field in BallotEvent._meta.get_fields()} == {
        "id", "budget", "voter_hash", "kind", "origin", "at",
    }  # fmt: skip
    assert BallotChoice.objects.count() == 1


def test_the_ballot_has_no_time_and_no_name(budget: Budget, citizen: User) -> None:
    cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1"))

    ballot = Ballot.objects.get()
    stored = {field.name: getattr(ballot, field.attname) for field in Ballot._meta.concrete_fields}
    assert set(stored) == {"id", "budget", "voter_hash", "browser_hashes", "receipt", "file_id", "columns"}
    assert len(stored["voter_hash"]) == 64
    assert str(citizen.pk) != stored["voter_hash"]
    assert citizen.email not in str(stored)


def test_the_same_person_has_another_mark_in_another_budget(make_budget: MakeBudget, citizen: User) -> None:
    one, other = make_budget(), make_budget()
    for budget in (one, other):
        cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1"))

    assert len(set(Ballot.objects.values_list("voter_hash", flat=True))) == 2


def test_the_database_refuses_a_second_row_of_a_voter(budget: Budget) -> None:
    Ballot.objects.create(budget=budget, voter_hash="a" * 64, receipt="AAAAAAAAAA")

    with pytest.raises(IntegrityError, match="one_ballot_per_voter"), transaction.atomic():
        Ballot.objects.create(budget=budget, voter_hash="a" * 64, receipt="BBBBBBBBBB")


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_ballots_at_once_one_is_left(budget: Budget, citizen: User, neighbour: User) -> None:
    """Twenty threads with five ballots each of one voter, and another voter among them."""
    start, failures = threading.Barrier(20), []

    def vote(number: int) -> None:
        try:
            start.wait()
            for turn in range(5):
                choice = str((number + turn) % 4 + 1)
                cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked(choice))
            if number == 0:
                cast_ballot(actor=actor_of(neighbour), budget=budget, choices=picked("4"))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=vote, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [len(numbers) for numbers in on_ballots(budget)] == [1, 1]
    events = Counter(budget.ballot_events.values_list("voter_hash", "kind"))
    assert sorted(events.values()) == [1, 1, 99]  # one first ballot of each, and 99 changes of the first voter
    assert len(set(budget.ballots.values_list("receipt", flat=True))) == 2


def test_one_ballot_for_each_home_that_has_a_code(
    make_budget: MakeBudget, tiny_town: TinyTown, agent: User, citizen: User, neighbour: User
) -> None:
    """The code is the voter, whoever holds it; without it nobody votes, signed in or not."""
    budget = make_budget(identity_level=1)
    target = save_target(
        name="All", parts=[PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)], user=agent
    )
    mailing = make_mailing(name="Vote", consultation=budget.consultation, target=target)
    budget.consultation.identity_level = 2
    budget.consultation.save()
    first, second = LetterboxCode.objects.filter(letterbox__mailing=mailing).order_by("pk")[:2]

    def vote(actor: Actor, code: LetterboxCode | None, number: str) -> str:
        return refusal_code(lambda: cast_ballot(actor=actor, budget=budget, choices=picked(number), letterbox=code))

    assert vote(actor_of(citizen), None, "1") == "identity_level_too_low"
    assert vote(device_actor(), None, "1") == "identity_level_too_low"
    assert [vote(actor_of(citizen), first, "1"), vote(device_actor("b"), first, "2")] == ["taken", "taken"]
    assert vote(actor_of(neighbour), second, "3") == "taken"
    assert on_ballots(budget) == [["2"], ["3"]]


@pytest.fixture
def vote_by_code(
    make_budget: MakeBudget, tiny_town: TinyTown, agent: User
) -> Callable[..., tuple[Budget, MailingLetterbox]]:
    """A vote by code, and the letterbox of a house of three, with flyers and voices as told."""

    def make(*, flyers_per: str, voices_per: str) -> tuple[Budget, MailingLetterbox]:
        budget = make_budget(identity_level=1)
        consultation = budget.consultation
        consultation.voices_per = voices_per
        consultation.save()
        Address.objects.update(dwellings=3)
        target = save_target(
            name="All", parts=[PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)], user=agent
        )
        mailing = make_mailing(name="Vote", consultation=consultation, target=target, flyers_per=flyers_per)
        consultation.identity_level = 2
        consultation.save()
        return budget, mailing.letterboxes.order_by("position")[0]

    return make


def test_who_shares_a_code_has_an_own_ballot_as_many_as_it_has_voices(
    vote_by_code: Callable[..., tuple[Budget, MailingLetterbox]], agent: User, colleague: User
) -> None:
    """One flyer for a house of three: nobody there sees or overwrites a neighbour's ballot."""
    budget, letterbox = vote_by_code(flyers_per="letterbox", voices_per="dwelling")
    code = letterbox.codes.get()

    def vote(device: str, number: str) -> str:
        return refusal_code(
            lambda: cast_ballot(actor=device_actor(device), budget=budget, choices=picked(number), letterbox=code)
        )

    assert [vote("a", "1"), vote("b", "2"), vote("a", "3")] == ["taken"] * 3
    assert on_ballots(budget) == [["3"], ["2"]]
    typed = code_of(letterbox.mailing, letterbox, code)
    assert [enter(who, budget, "4", voter=typed) for who in (agent, colleague)] == ["waiting", "taken"]
    assert [vote("d", "1"), vote("b", "4")] == ["no_voice_left", "taken"]
    assert refusal_code(lambda: enter(agent, budget, "1", paper="18", voter=typed)) == "no_voice_left"
    assert on_ballots(budget) == [["3"], ["4"], ["4"]]


def test_with_a_shared_code_nobody_takes_a_neighbours_voice_by_signing_in(
    vote_by_code: Callable[..., tuple[Budget, MailingLetterbox]], citizen: User
) -> None:
    """One browser has one ballot of the house, signed in or not; the person's other browser has no more."""
    budget, letterbox = vote_by_code(flyers_per="letterbox", voices_per="dwelling")
    code = letterbox.codes.get()

    def vote(user: User | None, device: str, number: str) -> str:
        actor = replace(device_actor(device), user=user)
        return refusal_code(lambda: cast_ballot(actor=actor, budget=budget, choices=picked(number), letterbox=code))

    assert [vote(None, "a", "1"), vote(citizen, "a", "2"), vote(citizen, "b", "3")] == ["taken"] * 3
    assert on_ballots(budget) == [["3"]]
    assert [vote(None, "a", "4"), vote(None, "b", "4")] == ["voted_signed_in"] * 2
    assert [vote(None, "c", "1"), vote(None, "d", "2")] == ["taken"] * 2


def test_a_letterbox_with_one_voice_has_one_ballot_however_many_flyers(
    vote_by_code: Callable[..., tuple[Budget, MailingLetterbox]],
) -> None:
    budget, letterbox = vote_by_code(flyers_per="dwelling", voices_per="letterbox")

    answers = [
        refusal_code(
            lambda code=code: cast_ballot(actor=device_actor(), budget=budget, choices=picked("1"), letterbox=code)
        )
        for code in letterbox.codes.order_by("number")
    ]

    assert answers == ["taken", "no_voice_left", "no_voice_left"]
