"""Ballots on paper, read by two agents: one at the help point with the voter, another one from the paper."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.budgets import rules
from geoparticipation.budgets.ballot_paper import Choice, ballot_paper
from geoparticipation.budgets.domain.cast_ballot import require_voice_left, rows_of, store_ballot
from geoparticipation.budgets.domain.vote_lock import enter_vote
from geoparticipation.budgets.enums import BallotOrigin
from geoparticipation.budgets.errors import AlreadyVoted, PaperIncomplete, PaperTaken
from geoparticipation.budgets.models import Ballot, Budget, PaperEntry
from geoparticipation.budgets.voters import hash_of, hash_of_home, hash_of_paper, voter_of
from geoparticipation.mailings.domain.letterbox_codes import open_code
from geoparticipation.mailings.errors import CodeForAnotherConsultation
from geoparticipation.mailings.models import LetterboxCode


class PaperState(enum.Enum):
    """Where a paper ballot is after an agent entered it."""

    WAITING = "waiting"
    DIFFERENT = "different"
    TAKEN = "taken"


@transaction.atomic
def enter_paper_ballot(
    *,
    user: User,
    budget: Budget,
    paper_number: str,
    voter: str,
    choices: Sequence[Choice],
    at: datetime | None = None,
) -> PaperState:
    """Note what an agent reads on a paper; once another agent reads the same, it is a ballot.

    `voter` is what the person is known by, the same on both readings: the e-mail address of an account, a number of
    the voters' list, name and date of birth, or, where one voice per home is asked for, the code of the letterbox. Only
    its keyed hash is kept. The same agent entering the paper again corrects the own reading. Raises NotAllowed,
    VoteClosed, VoteNotStarted, PaperIncomplete, PaperTaken, AlreadyVoted, NoVoiceLeft, a BallotRefused, and for codes
    what `open_code` raises.
    """
    at = at or timezone.now()
    rules.require_takes_paper(user, budget, at)
    number = " ".join(paper_number.split())[:40]
    if not number:
        raise PaperIncomplete(_("Write the number that is on the paper."), field="paper_number")
    enter_vote(budget)
    code = _code_of_home(budget, voter)
    mark = _hash_of_voter(budget, voter) if code is None else _hash_of_home(budget, code, number)
    paper = ballot_paper(budget, choices)
    for refusal in paper.refusals():
        raise refusal
    # Two agents with the same paper at once: one waits, and then sees what the other wrote.
    Budget.objects.select_for_update(no_key=True).get(pk=budget.pk)
    entries = list(PaperEntry.objects.filter(budget=budget, paper_number=number))
    if any(entry.taken_at for entry in entries):
        raise PaperTaken(number)
    if Ballot.objects.filter(budget=budget, voter_hash=mark).exists():
        raise AlreadyVoted
    if code is not None:
        require_voice_left(budget=budget, letterbox=code, voter_hash=mark)
    read = [[row.project_id, row.points] for row in rows_of(paper, Ballot())]
    PaperEntry.objects.update_or_create(
        budget=budget,
        paper_number=number,
        entered_by=user,
        defaults={"voter_hash": mark, "choices": read, "entered_at": at},
    )
    others = [entry for entry in entries if entry.entered_by_id != user.pk]
    if not any(entry.voter_hash == mark and entry.choices == read for entry in others):
        return PaperState.DIFFERENT if others else PaperState.WAITING
    if store_ballot(paper=paper, voter_hash=mark, origin=BallotOrigin.PAPER, at=at).is_change:
        raise AlreadyVoted  # on the site, at this very moment: that ballot stays
    PaperEntry.objects.filter(budget=budget, paper_number=number).update(taken_at=at, voter_hash="", choices=[])
    return PaperState.TAKEN


@transaction.atomic
def drop_paper_ballot(*, user: User, budget: Budget, paper_number: str) -> int:
    """Forget a paper that is not taken (a spoilt one, or one typed with a wrong number); returns the readings dropped.

    Raises NotAllowed, VoteClosed.
    """
    rules.require_may_run(user)
    enter_vote(budget)
    waiting = PaperEntry.objects.filter(budget=budget, paper_number=paper_number, taken_at__isnull=True)
    return waiting.delete()[0]


def _code_of_home(budget: Budget, voter: str) -> LetterboxCode | None:
    """The code of the letterbox, where one voice per home is asked for."""
    if budget.consultation.identity_level < IdentityLevel.HOUSEHOLD:
        return None
    code = open_code(text=voter[:40], actor=Actor(), noted=False)
    if code.letterbox.mailing.consultation_id != budget.consultation_id:
        raise CodeForAnotherConsultation
    return code


def _hash_of_home(budget: Budget, code: LetterboxCode, number: str) -> str:
    """The one that the home has on the site; of a code for several dwellings each paper is another one's."""
    if code.uses_allowed == 1:
        return voter_of(Actor(), budget, code).mark
    return hash_of_home(budget, code, f"paper {number}")


def _hash_of_voter(budget: Budget, voter: str) -> str:
    """The same for the same person however it is typed, and the one that the person would have on the site."""
    mark = hash_of_paper(budget, voter)
    if not mark:
        raise PaperIncomplete(_("Write what the voter is known by."), field="voter")
    if "@" in voter:
        typed = voter.strip()
        confirmed = Q(emailaddress__email__iexact=typed, emailaddress__verified=True)
        account = User.objects.filter(Q(email__iexact=typed) | confirmed).order_by("pk").only("pk").first()
        if account is not None:
            return hash_of(budget, "person", str(account.pk))
    return mark
