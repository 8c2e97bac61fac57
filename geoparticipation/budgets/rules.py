"""Who may vote, when, and as whom; who may run a budget."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.budgets.errors import OutsideNotWelcome, VoteClosed, VoteNotStarted
from geoparticipation.budgets.models import Budget
from geoparticipation.consultations.enums import ConsultationState, Feature
from geoparticipation.consultations.phases import opens
from geoparticipation.contributions.errors import IdentityTooLow
from geoparticipation.contributions.rules import require_open, speaking_for_household
from geoparticipation.mailings.models import LetterboxCode
from layers.keyed_hash import keyed_hash

HALF: Final = 32
"""Half of a keyed hash."""


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
    if not voter_hash(actor, budget, letterbox):
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


def voter_hash(actor: Actor, budget: Budget, letterbox: LetterboxCode | None = None) -> str:
    """The keyed hash that stands for a voter in one budget; "" for a visitor whose browser has no mark yet.

    By the home's code where one voice per home is asked for, else the person with a confirmed address, else the
    device. The same person has another hash in another budget. A code that stands for several dwellings does not tell
    one from another: there it is the code and the account or device.
    """
    if budget.consultation.identity_level >= IdentityLevel.HOUSEHOLD:
        if letterbox is None:
            return ""
        if letterbox.uses_allowed == 1:
            return hash_of_home(budget, letterbox, f"flyer {letterbox.number}")
        if actor.user is not None:
            return hash_of_home(budget, letterbox, f"person {actor.user.pk}")
        return hash_of_home(budget, letterbox, f"device {actor.device.key_hash}") if actor.device is not None else ""
    if actor.user is not None and (actor.level >= IdentityLevel.EMAIL or actor.device is None):
        return hash_of(budget, "person", str(actor.user.pk))
    return hash_of(budget, "device", actor.device.key_hash) if actor.device is not None else ""


def hash_of_home(budget: Budget, letterbox: LetterboxCode, mark: str) -> str:
    """The keyed hash of a mark at a letterbox: its first half is the same for all who vote with that letterbox.

    A reminder's flyer is of the same letterbox, as far as its address is in the register.
    """
    address = letterbox.letterbox.address_id
    home = f"address {address}" if address is not None else f"letterbox {letterbox.letterbox_id}"
    return hash_of(budget, "home", home)[:HALF] + hash_of(budget, "voice of a home", f"{home} {mark}")[:HALF]


def hash_of(budget: Budget, kind: str, mark: str) -> str:
    """The keyed hash of a mark of some kind in a budget."""
    return keyed_hash("voter", str(budget.pk), kind, mark)
