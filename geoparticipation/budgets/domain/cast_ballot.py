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
from geoparticipation.budgets.errors import NoVoiceLeft
from geoparticipation.budgets.models import Ballot, BallotChoice, BallotEvent, Budget
from geoparticipation.budgets.receipts import draw_receipt
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
    at: datetime | None = None,
) -> CastBallot:
    """Store the voter's ballot, in the place of an earlier one; its receipt stays the same.

    The database has one row per voter, so that of many ballots at once one is left: the one stored last. What was on an
    earlier ballot is deleted; that it was changed is kept, without a link to what it says. Stores the actor's
    device where the consultation asks for no more. About twelve queries.

    Raises what `rules.require_may_vote` raises, a BallotRefused, NoVoiceLeft, TooOften. Then nothing is stored.
    """
    at = at or timezone.now()
    rules.require_may_vote(actor, budget, at, letterbox=letterbox, lives_here=lives_here)
    paper = ballot_paper(budget, choices)
    for refusal in paper.refusals():
        raise refusal
    count_action(actor=actor, action="attempt", at=at)
    with transaction.atomic():
        keep_device(actor=actor)
        enter_vote(budget)
        voter_hash = rules.voter_hash(actor, budget, letterbox)
        if letterbox is not None and budget.consultation.identity_level >= IdentityLevel.HOUSEHOLD:
            require_voice_left(budget=budget, letterbox=letterbox, voter_hash=voter_hash)
        return store_ballot(paper=paper, voter_hash=voter_hash, origin=BallotOrigin.WEB, at=at)


def require_voice_left(*, budget: Budget, letterbox: LetterboxCode, voter_hash: str) -> None:
    """Raise NoVoiceLeft where others of the letterbox gave all its ballots. Two queries, inside a transaction.

    Two who vote with one letterbox at once wait for each other.
    """
    home = voter_hash[: rules.HALF]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [home])
    given = set(budget.ballots.filter(voter_hash__startswith=home).values_list("voter_hash", flat=True))
    if voter_hash not in given and len(given) >= letterbox.letterbox.voices:
        raise NoVoiceLeft(letterbox.letterbox.voices)


def store_ballot(*, paper: BallotPaper, voter_hash: str, origin: BallotOrigin, at: datetime) -> CastBallot:
    """Store a checked ballot of a voter; call it in a transaction that holds the vote open. Five queries."""
    budget = paper.budget
    ballot, is_change = _own_row(budget, voter_hash)
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
