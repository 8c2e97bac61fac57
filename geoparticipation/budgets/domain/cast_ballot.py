"""Giving a ballot, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from geoparticipation.accounts.domain.devices import keep_device
from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.budgets import rules
from geoparticipation.budgets.ballot_paper import BallotPaper, Choice, ballot_paper
from geoparticipation.budgets.domain.vote_lock import enter_vote
from geoparticipation.budgets.enums import BallotEventKind, BallotOrigin, Method
from geoparticipation.budgets.errors import NoVoiceLeft, VotedOnPaper, VotedSignedIn
from geoparticipation.budgets.models import Ballot, BallotChoice, BallotEvent, Budget
from geoparticipation.budgets.receipts import draw_receipt
from geoparticipation.budgets.voters import HALF, Voter, voter_of
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.errors import CharterNotAccepted
from geoparticipation.contributions.queries import has_accepted_charter
from geoparticipation.mailings.models import LetterboxCode


@dataclass(frozen=True)
class CastBallot:
    """The ballot, and whether the voter had given one before."""

    ballot: Ballot
    is_change: bool


def cast_ballot(
    *,
    actor: Actor,
    budget: Budget,
    choices: Sequence[Choice],
    letterbox: LetterboxCode | None = None,
    lives_here: bool = False,
    charter_accepted: bool = False,
    at: datetime | None = None,
) -> CastBallot:
    """Store the voter's ballot, in the place of an earlier one; its receipt stays the same.

    The database has one row per voter, so that of many ballots at once one is left: the one stored last. What was on an
    earlier ballot is deleted; that it was changed is kept, without a link to what it says. A ballot that the same
    browser gave while nobody was signed in becomes the person's. What may be on a ballot is judged while the vote is
    held, so that no agent changes it in between. Stores the actor's device. About fifteen queries, however many
    projects there are.

    Raises what `rules.require_may_vote` raises, CharterNotAccepted, a BallotRefused, NoVoiceLeft, VotedOnPaper,
    VotedSignedIn, TooOften. Then nothing is stored.
    """
    at = at or timezone.now()
    rules.require_may_vote(actor, budget, at, letterbox=letterbox, lives_here=lives_here)
    count_action(actor=actor, action="attempt", at=at)
    with transaction.atomic():
        keep_device(actor=actor)
        asked = budget.consultation.identity_level
        enter_vote(budget)
        if budget.consultation.identity_level != asked:
            rules.require_may_vote(actor, budget, at, letterbox=letterbox, lives_here=lives_here)
        paper = ballot_paper(budget, choices, only_chosen=True)
        for refusal in paper.refusals():
            raise refusal
        voter = voter_of(actor, budget, letterbox)
        accepted = charter_accepted or not asks_charter(actor, budget.consultation)
        if not accepted and not budget.ballots.filter(voter_hash__in={voter.mark, voter.browser}).exists():
            raise CharterNotAccepted
        took_over = one_voice_of_browser(budget=budget, voter=voter)
        if letterbox is not None and budget.consultation.identity_level >= IdentityLevel.HOUSEHOLD:
            require_voice_left(budget=budget, letterbox=letterbox, voter_hash=voter.mark)
        cast = store_ballot(paper=paper, voter_hash=voter.mark, origin=BallotOrigin.WEB, at=at, was_given=took_over)
        if voter.browser and voter.is_signed_in and voter.browser not in cast.ballot.browser_hashes:
            Ballot.objects.filter(pk=cast.ballot.pk).update(browser_hashes=[*cast.ballot.browser_hashes, voter.browser])
        return cast


def asks_charter(actor: Actor, consultation: Consultation) -> bool:
    """Whether the actor still has to accept the consultation's charter. One query where there is one."""
    return bool(consultation.charter) and not has_accepted_charter(actor, consultation)


def one_voice_of_browser(*, budget: Budget, voter: Voter) -> bool:
    """See to it that one browser does not vote signed in and signed out; inside a transaction, with its device locked.

    Signed in, the ballot that the browser gave by itself becomes the person's, or goes where the person has one;
    returns whether there was one. Signed out, it raises VotedSignedIn where a person voted with it: whose ballot that
    is cannot be known here. A person who votes with two browsers at once waits. Raises VotedOnPaper where the person's
    address was on a paper before it had an account. At most six queries.
    """
    if voter.on_paper and budget.ballots.filter(voter_hash=voter.on_paper).exists():
        raise VotedOnPaper
    if not voter.browser:
        return False
    if not voter.is_signed_in:
        if budget.ballots.filter(browser_hashes__contains=[voter.browser]).exists():
            raise VotedSignedIn
        return False
    _wait_for_others_of(voter.mark)
    alone = budget.ballots.select_for_update().filter(voter_hash=voter.browser).first()
    if alone is None:
        return False
    budget.ballot_events.filter(voter_hash=voter.browser).update(voter_hash=voter.mark)
    if budget.ballots.filter(voter_hash=voter.mark).exists():
        alone.delete()
    else:
        budget.ballots.filter(pk=alone.pk).update(voter_hash=voter.mark)
    return True


def require_voice_left(*, budget: Budget, letterbox: LetterboxCode, voter_hash: str) -> None:
    """Raise NoVoiceLeft where others of the letterbox gave all its ballots. Two queries, inside a transaction.

    Two who vote with one letterbox at once wait for each other.
    """
    home = voter_hash[:HALF]
    _wait_for_others_of(home)
    given = set(budget.ballots.filter(voter_hash__startswith=home).values_list("voter_hash", flat=True))
    if voter_hash not in given and len(given) >= letterbox.letterbox.voices:
        raise NoVoiceLeft(letterbox.letterbox.voices)


def _wait_for_others_of(mark: str) -> None:
    """Let no two votes of one person or home go on at once, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [mark])


def store_ballot(
    *, paper: BallotPaper, voter_hash: str, origin: BallotOrigin, at: datetime, was_given: bool = False
) -> CastBallot:
    """Store a checked ballot of a voter; call it in a transaction that holds the vote open. Five queries.

    `was_given` says that the voter had one under another mark, which is gone.
    """
    budget = paper.budget
    ballot, was_there = _own_row(budget, voter_hash)
    is_change = was_there or was_given
    if is_change:
        ballot.choices.all().delete()
    BallotChoice.objects.bulk_create(rows_of(paper, ballot))
    kind = BallotEventKind.CHANGED if is_change else BallotEventKind.CAST
    BallotEvent.objects.create(budget=budget, voter_hash=voter_hash, kind=kind, origin=origin, at=at)
    return CastBallot(ballot, is_change)


def rows_of(paper: BallotPaper, ballot: Ballot) -> list[BallotChoice]:
    """The choices of a ballot, not stored. Where the order says nothing, it is that of the list, not the voter's."""
    choices = list(paper.choices)
    if paper.budget.method != Method.RANKING:
        place = {project.number: position for position, project in enumerate(paper.projects)}
        choices.sort(key=lambda choice: place[choice.number])
    with_points = paper.budget.method == Method.POINTS
    return [
        BallotChoice(
            ballot=ballot,
            project=paper.by_number[choice.number],
            position=position,
            points=choice.points if with_points else 1,
        )
        for position, choice in enumerate(choices)
    ]


def _own_row(budget: Budget, voter_hash: str) -> tuple[Ballot, bool]:
    """The voter's row, locked, and whether it was there before; made when there is none."""
    while True:
        receipt = draw_receipt()
        made = Ballot(budget=budget, voter_hash=voter_hash, receipt=receipt)
        Ballot.objects.bulk_create([made], ignore_conflicts=True)
        found = Ballot.objects.select_for_update().filter(budget=budget, voter_hash=voter_hash).first()
        if found is not None:
            return found, found.receipt != receipt
        # Another voter already has this receipt: draw again.
