"""Who may vote, when, and as whom; who may run a budget."""

from __future__ import annotations

from datetime import datetime

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.budgets.errors import OutsideNotWelcome, VoteClosed, VoteNotStarted
from geoparticipation.budgets.models import Budget
from geoparticipation.budgets.voters import voter_of
from geoparticipation.consultations.enums import ConsultationState, Feature
from geoparticipation.consultations.phases import opens
from geoparticipation.contributions.errors import IdentityTooLow
from geoparticipation.contributions.rules import require_open, speaking_for_household
from geoparticipation.mailings.models import LetterboxCode


def require_may_run(user: User | None) -> None:
    """Agents make budgets, shortlist projects, enter paper ballots and close the vote. Raises NotAllowed."""
    if user is None or not user.is_active or not user.is_agent:
        raise NotAllowed


def require_may_vote(
    actor: Actor, budget: Budget, at: datetime, *, letterbox: LetterboxCode | None = None, lives_here: bool = False
) -> None:
    """Who the consultation asks for, while a phase opens the vote and until it is closed.

    Who came with the code of a letterbox lives in the town; others say so, where only they may vote. One query unless
    the phases are prefetched. Raises UnknownConsultation, NotAllowed, PhaseClosed, IdentityTooLow, VoteClosed,
    OutsideNotWelcome.
    """
    consultation = budget.consultation
    if letterbox is not None:
        actor = speaking_for_household(actor, letterbox, consultation)
    if budget.closed_at is not None:
        raise VoteClosed
    require_open(actor, consultation, Feature.BALLOT, at)
    if consultation.identity_level == IdentityLevel.EMAIL and actor.user is None:
        raise IdentityTooLow(IdentityLevel.EMAIL)  # a home's code is no person
    if consultation.identity_level >= IdentityLevel.HOUSEHOLD and letterbox is None:
        raise IdentityTooLow(IdentityLevel.HOUSEHOLD)  # nor does an account that proved its residence tell which home
    if not voter_of(actor, budget, letterbox).mark:
        raise IdentityTooLow(IdentityLevel.EMAIL)  # neither an account nor a browser's mark: a program, say
    if not budget.open_to_outside and not lives_here and letterbox is None:
        raise OutsideNotWelcome


def require_takes_paper(user: User | None, budget: Budget, at: datetime) -> None:
    """Agents enter paper ballots from the beginning of the vote until it is closed, also when the phase is over.

    One query unless the phases are prefetched. Raises NotAllowed, VoteClosed, VoteNotStarted.
    """
    require_may_run(user)
    if budget.closed_at is not None:
        raise VoteClosed
    if not has_begun(budget, at) or budget.consultation.state == ConsultationState.DRAFT:
        raise VoteNotStarted


def has_begun(budget: Budget, at: datetime) -> bool:
    """Whether a phase of the vote has begun, be it over or not. One query unless the phases are prefetched."""
    phases = budget.consultation.phases.all()
    return any(phase.starts_at <= at and Feature.BALLOT in opens(phase.kind) for phase in phases)
