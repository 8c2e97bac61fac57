"""One ballot per voter, whoever is faster; what may be on it; paper read twice; closing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.budgets.ballot_paper import Choice, ballot_paper
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.domain.paper_ballots import PaperState, drop_paper_ballot, enter_paper_ballot
from geoparticipation.budgets.domain.projects import decide_project
from geoparticipation.budgets.domain.save_budget import EnvelopeInput, save_budget
from geoparticipation.budgets.errors import VoteBegan, VoteClosed
from geoparticipation.budgets.models import Ballot, BallotChoice, BallotEvent, Budget, PaperEntry
from geoparticipation.consultations.enums import ConsultationState, PhaseKind
from geoparticipation.consultations.models import Phase
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.models import LetterboxCode, MailingLetterbox
from layers.errors import Refusal
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address
from tests.budgets.conftest import MakeBudget, end_vote, picked
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import MakeConsultation, actor_of, device_actor
from tests.fixtures.tiny_town import TinyTown


def on_ballots(budget: Budget) -> list[list[str]]:
    """Numbers of the projects on each ballot."""
    return [list(ballot.choices.values_list("project__number", flat=True)) for ballot in budget.ballots.order_by("pk")]


def refusal_code(act: Callable[[], object]) -> str:
    """ "taken", or the code of the refusal."""
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "taken"


# Who and when ----------------------------------------------------------------------------------------------------


@pytest.fixture
def actors(cast: dict[str, User], make_user: MakeUser) -> dict[str, Actor]:
    known = {name: actor_of(user) for name, user in cast.items()}
    return {**known, "unconfirmed": actor_of(make_user("unconfirmed", confirmed=False)), "visitor": device_actor()}


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("kind", [None, *PhaseKind])
def test_everybody_votes_in_the_vote_and_in_no_other_phase(
    kind: PhaseKind | None, level: int, actors: dict[str, Actor], make_budget: MakeBudget
) -> None:
    budget = make_budget(identity_level=level)
    budget.consultation.phases.all().delete()
    now = timezone.now()
    if kind is not None:
        Phase.objects.create(consultation=budget.consultation, kind=kind, starts_at=now - timedelta(days=1))

    answers = {
        name: refusal_code(lambda actor=actor: cast_ballot(actor=actor, budget=budget, choices=picked("1")))
        for name, actor in actors.items()
    }

    unknown = "identity_level_too_low" if level else "taken"
    voters = dict.fromkeys(actors, "taken") | {"unconfirmed": unknown, "visitor": unknown}
    assert answers == (voters if kind == PhaseKind.VOTE else dict.fromkeys(actors, "phase_closed"))


@pytest.mark.parametrize(
    ("state", "answer"), [(ConsultationState.DRAFT, "not_found"), (ConsultationState.ARCHIVED, "phase_closed")]
)
def test_a_consultation_that_is_not_online_takes_no_ballot(
    state: ConsultationState, answer: str, budget: Budget, citizen: User
) -> None:
    budget.consultation.state = state
    budget.consultation.save()

    act = lambda: cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1"))  # noqa: E731

    assert refusal_code(act) == answer


@pytest.mark.parametrize(
    ("open_to_outside", "lives_here", "answer"),
    [(True, False, "taken"), (True, True, "taken"), (False, True, "taken"), (False, False, "must_live_here")],
)
def test_people_from_outside_are_welcome_or_not(
    open_to_outside: bool, lives_here: bool, answer: str, make_budget: MakeBudget, citizen: User
) -> None:
    budget = make_budget(open_to_outside=open_to_outside)

    act = lambda: cast_ballot(  # noqa: E731
        actor=actor_of(citizen), budget=budget, choices=picked("1"), lives_here=lives_here
    )

    assert refusal_code(act) == answer


# What is on it ---------------------------------------------------------------------------------------------------

WRONG = [
    ({}, [], "too_few_projects"),
    ({}, picked("1", "2", "3"), "too_many_projects"),
    ({}, picked("1", "1"), "project_twice"),
    ({}, picked("7"), "unknown_project"),
    ({"max_projects": 0}, picked("1", "2", "3", "4"), "taken"),
    ({"method": "envelope", "max_projects": 0}, picked("1", "3"), "taken"),  # 10,000 € to the last cent
    ({"method": "envelope", "max_projects": 0}, picked("1", "2", "3"), "over_envelope"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", 3), Choice("2", 2)], "taken"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", 3), Choice("2", 3)], "too_many_points"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", 4)], "points_out_of_range"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", 0)], "points_out_of_range"),
    ({"method": "points", "max_points": 5, "max_points_each": 3}, [Choice("1", -2)], "points_out_of_range"),
    ({"one_per": "category"}, picked("1", "2"), "taken"),
    ({"one_per": "category"}, picked("2", "3"), "two_of_one_kind"),
    ({"one_per": "district"}, picked("2", "3"), "taken"),
    ({"one_per": "district"}, picked("1", "2"), "two_of_one_kind"),
]


@pytest.mark.parametrize(("manner", "choices", "answer"), WRONG)
def test_a_ballot_is_taken_or_refused(
    manner: dict[str, object], choices: list[Choice], answer: str, make_budget: MakeBudget, citizen: User
) -> None:
    budget = make_budget(**manner)

    act = lambda: cast_ballot(actor=actor_of(citizen), budget=budget, choices=choices)  # noqa: E731

    assert refusal_code(act) == answer
    assert budget.ballots.count() == (answer == "taken")


def test_each_district_has_its_own_envelope(
    make_budget: MakeBudget, district_envelopes: list[EnvelopeInput], citizen: User
) -> None:
    budget = make_budget(method="envelope", max_projects=0, envelopes=district_envelopes)

    over = refusal_code(lambda: cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1", "2")))
    both = refusal_code(lambda: cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1", "3")))

    assert (over, both) == ("over_envelope", "taken")


def test_what_still_fits(make_budget: MakeBudget) -> None:
    budget = make_budget(method="envelope", max_projects=0)

    paper = ballot_paper(budget, picked("1"))

    # 4,000 € are left: 2 (1,500), 3 (4,000) and 4 (2,500) fit; with 4 only 2 still does.
    assert [project.number for project in paper.projects if paper.fits(project)] == ["1", "2", "3", "4"]
    fuller = ballot_paper(budget, picked("1", "4"))
    assert [project.number for project in fuller.projects if fuller.fits(project)] == ["1", "2", "4"]


def test_a_ranking_keeps_the_voters_order_and_an_approval_does_not(make_budget: MakeBudget, citizen: User) -> None:
    ranking, approval = make_budget(method="ranking"), make_budget()

    for budget in (ranking, approval):
        cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("3", "1"))

    assert (on_ballots(ranking), on_ballots(approval)) == ([["3", "1"]], [["1", "3"]])


# One per voter ---------------------------------------------------------------------------------------------------


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
    assert set(stored) == {"id", "budget", "voter_hash", "receipt", "file_id", "columns"}
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


# On paper --------------------------------------------------------------------------------------------------------


@pytest.fixture
def colleague(make_user: MakeUser) -> User:
    return make_user("colleague", "agent")


def enter(user: User, budget: Budget, *numbers: str, paper: str = "17", voter: str = "Anna Peeters, 3.5.1941") -> str:
    return enter_paper_ballot(user=user, budget=budget, paper_number=paper, voter=voter, choices=picked(*numbers)).value


def test_two_agents_who_read_the_same_make_a_ballot(budget: Budget, agent: User, colleague: User) -> None:
    first = enter(agent, budget, "1", "2")
    assert (first, budget.ballots.count()) == ("waiting", 0)

    second = enter(colleague, budget, "2", "1", voter="anna  PEETERS 3.5.1941")

    assert (second, on_ballots(budget)) == ("taken", [["1", "2"]])
    assert list(budget.ballot_events.values_list("kind", "origin")) == [("cast", "paper")]
    assert list(PaperEntry.objects.values_list("choices", "voter_hash")) == [([], "")] * 2


def test_one_agent_alone_makes_no_ballot(budget: Budget, agent: User) -> None:
    assert [enter(agent, budget, "1"), enter(agent, budget, "1")] == ["waiting", "waiting"]
    assert budget.ballots.count() == 0


@pytest.mark.parametrize("second", [{"numbers": ["3"]}, {"numbers": ["1"], "voter": "Anna Peters, 3.5.1941"}])
def test_agents_who_read_differently_look_again(
    second: dict[str, object], budget: Budget, agent: User, colleague: User
) -> None:
    numbers = second.pop("numbers")
    enter(agent, budget, "1")

    assert enter(colleague, budget, *numbers, **second) == "different"
    assert budget.ballots.count() == 0
    assert enter(colleague, budget, "1") == PaperState.TAKEN.value


def test_who_voted_on_the_site_does_not_vote_on_paper(
    budget: Budget, agent: User, colleague: User, citizen: User
) -> None:
    enter(agent, budget, "1", voter=citizen.email.upper())
    cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("2"))

    assert refusal_code(lambda: enter(colleague, budget, "1", voter=citizen.email)) == "already_voted"
    assert on_ballots(budget) == [["2"]]


def test_a_second_paper_of_a_voter_is_refused(budget: Budget, agent: User, colleague: User) -> None:
    enter(agent, budget, "1")
    enter(colleague, budget, "1")

    assert refusal_code(lambda: enter(agent, budget, "2", paper="18")) == "already_voted"
    assert refusal_code(lambda: enter(agent, budget, "2", voter="Someone else")) == "paper_taken"


@pytest.mark.parametrize("who", ["moderator", "planner", "councillor", "citizen"])
def test_only_agents_enter_paper(who: str, cast: dict[str, User], budget: Budget) -> None:
    with pytest.raises(NotAllowed):
        enter(cast[who], budget, "1")


def test_paper_comes_in_until_the_vote_is_closed(budget: Budget, agent: User, colleague: User) -> None:
    end_vote(budget.consultation)

    enter(agent, budget, "1")

    assert enter(colleague, budget, "1") == "taken"
    close_vote(user=agent, budget=budget)
    assert refusal_code(lambda: enter(agent, budget, "1", paper="18")) == "vote_closed"


# Closing ---------------------------------------------------------------------------------------------------------


def test_closing_counts_and_cuts_the_tie_to_the_voters(budget: Budget, agent: User, cast: dict[str, User]) -> None:
    receipts = {
        name: cast_ballot(actor=actor_of(cast[name]), budget=budget, choices=picked(*numbers)).ballot.receipt
        for name, numbers in (("citizen", ["1", "2"]), ("neighbour", ["1"]), ("outsider", ["3"]))
    }
    end_vote(budget.consultation)

    closed = close_vote(user=agent, budget=budget)

    assert closed.counted["winners"] == ["1", "2", "4"]  # 2 is level with 3 and cheaper; 3 no longer fits
    assert set(Ballot.objects.values_list("voter_hash", flat=True)) == {None}
    assert set(BallotEvent.objects.values_list("voter_hash", flat=True)) == {""}
    assert set(Ballot.objects.values_list("receipt", flat=True)) == set(receipts.values())
    with pytest.raises(VoteClosed):
        cast_ballot(actor=actor_of(cast["citizen"]), budget=budget, choices=picked("4"))


@pytest.mark.parametrize("who", ["moderator", "planner", "councillor", "citizen"])
def test_only_agents_close(who: str, cast: dict[str, User], budget: Budget) -> None:
    end_vote(budget.consultation)

    with pytest.raises(NotAllowed):
        close_vote(user=cast[who], budget=budget)


def test_nobody_closes_a_vote_that_is_open_or_has_papers_waiting(budget: Budget, agent: User) -> None:
    while_open = refusal_code(lambda: close_vote(user=agent, budget=budget))
    enter(agent, budget, "1")
    end_vote(budget.consultation)
    waiting = refusal_code(lambda: close_vote(user=agent, budget=budget))
    drop_paper_ballot(user=agent, budget=budget, paper_number="17")

    assert (while_open, waiting) == ("vote_still_open", "paper_waiting")
    assert refusal_code(lambda: close_vote(user=agent, budget=budget)) == "taken"
    assert refusal_code(lambda: close_vote(user=agent, budget=budget)) == "vote_closed"


@pytest.mark.django_db(transaction=True)
def test_a_ballot_that_comes_while_the_vote_is_closed_is_counted_or_refused(
    budget: Budget, agent: User, citizen: User
) -> None:
    """The vote is held open by somebody voting: closing waits, counts that ballot, and lets no later one in."""
    from geoparticipation.budgets.domain.cast_ballot import store_ballot
    from geoparticipation.budgets.domain.vote_lock import enter_vote

    end_vote(budget.consultation)
    closed = threading.Event()

    def close() -> None:
        close_vote(user=agent, budget=budget)
        closed.set()
        connection.close()

    closing = threading.Thread(target=close)
    with transaction.atomic():
        enter_vote(budget)
        closing.start()
        _until_somebody_waits_for_a_lock()
        store_ballot(paper=ballot_paper(budget, picked("4")), voter_hash="c" * 64, origin="web", at=timezone.now())
        assert not closed.is_set()
    closing.join()

    assert Budget.objects.get().counted["findings"]["4"]["points"] == 1
    with pytest.raises(VoteClosed), transaction.atomic():
        enter_vote(budget)


def _until_somebody_waits_for_a_lock() -> None:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database())"
            )
            if cursor.fetchone()[0]:
                return


# Before the vote -------------------------------------------------------------------------------------------------


def test_nothing_changes_once_somebody_voted(budget: Budget, agent: User, citizen: User) -> None:
    project = budget.projects.get(number="1")
    cast_ballot(actor=actor_of(citizen), budget=budget, choices=picked("1"))

    with pytest.raises(VoteBegan):
        save_budget(user=agent, consultation=budget.consultation, envelopes=[EnvelopeInput(Decimal(5))])
    with pytest.raises(VoteBegan):
        decide_project(user=agent, budget=budget, contribution=project.contribution, state="refused", reason="Too late")


WRONG_PROJECTS = [
    ({"state": "shortlisted"}, "budget_incomplete"),  # no cost
    ({"state": "shortlisted", "cost": Decimal(10_001)}, "too_expensive"),
    ({"state": "shortlisted", "cost": Decimal(-1)}, "budget_incomplete"),
    ({"state": "shortlisted", "cost": Decimal(1), "number": "2"}, "budget_incomplete"),
    ({"state": "refused"}, "budget_incomplete"),  # no reason
    ({"state": "refused", "reason": "Not on the town's land."}, "taken"),
    ({"state": "shortlisted", "cost": Decimal(10_000), "upkeep": Decimal(120)}, "taken"),
]


@pytest.mark.parametrize(("decision", "answer"), WRONG_PROJECTS)
def test_a_project_needs_a_cost_or_a_reason(
    decision: dict[str, object], answer: str, budget: Budget, agent: User
) -> None:
    idea = budget.projects.get(number="1").contribution

    act = lambda: decide_project(user=agent, budget=budget, contribution=idea, **decision)  # noqa: E731

    assert refusal_code(act) == answer


def test_a_project_is_paid_from_its_districts_envelope(
    make_budget: MakeBudget, district_envelopes: list[EnvelopeInput], tiny_town: TinyTown
) -> None:
    budget = make_budget(envelopes=[*district_envelopes, EnvelopeInput(Decimal(500))])

    paid = dict(budget.projects.values_list("number", "envelope__district__name"))

    assert paid == {"1": "West", "2": "West", "3": "East", "4": "East"}


def test_an_idea_of_another_consultation_is_no_project(
    budget: Budget, agent: User, make_consultation: MakeConsultation, submit: Callable[..., object]
) -> None:
    elsewhere = submit(into=make_consultation())

    act = lambda: decide_project(  # noqa: E731
        user=agent, budget=budget, contribution=elsewhere, state="shortlisted", cost=Decimal(5)
    )

    assert refusal_code(act) == "cannot_be_project"


@pytest.mark.parametrize("who", ["moderator", "planner", "councillor", "citizen"])
def test_only_agents_make_budgets_and_decide(who: str, cast: dict[str, User], budget: Budget) -> None:
    idea = budget.projects.get(number="1").contribution

    with pytest.raises(NotAllowed):
        save_budget(user=cast[who], consultation=budget.consultation, envelopes=[EnvelopeInput(Decimal(5))])
    with pytest.raises(NotAllowed):
        decide_project(user=cast[who], budget=budget, contribution=idea, state="waiting")


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


def test_a_closed_vote_keeps_nothing_of_the_order_in_which_people_voted(
    budget: Budget, agent: User, make_user: MakeUser
) -> None:
    """The traces have times: keys that grew with them would tell which ballot was given when."""
    for number in range(8):
        voter = actor_of(make_user(f"voter-{number}"))
        cast_ballot(actor=voter, budget=budget, choices=picked(str(number % 4 + 1), str((number + 1) % 4 + 1)))
    before = dict(budget.ballots.values_list("receipt", "pk"))
    rows = BallotChoice.objects.order_by("ballot__receipt", "position").values_list(
        "ballot__receipt", "project", "position"
    )
    chosen = list(rows)
    end_vote(budget.consultation)

    close_vote(user=agent, budget=budget)

    by_key = list(budget.ballots.order_by("pk").values_list("receipt", flat=True))
    assert by_key == sorted(before)
    choices = list(BallotChoice.objects.order_by("pk").values_list("ballot__receipt", flat=True))
    assert choices == sorted(choices)
    assert not set(before.values()) & set(budget.ballots.values_list("pk", flat=True))
    assert list(rows.all()) == chosen


def test_nobody_closes_a_vote_before_it_begins(budget: Budget, agent: User) -> None:
    begins = timezone.now() + timedelta(days=1)
    budget.consultation.phases.filter(kind=PhaseKind.VOTE).update(starts_at=begins, ends_at=None)

    assert refusal_code(lambda: close_vote(user=agent, budget=budget)) == "vote_not_started"
    budget.refresh_from_db()
    assert budget.closed_at is None
