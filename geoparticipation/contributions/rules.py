"""Who may do what with contributions, and when: role AND phase AND identity level, and the table of status changes."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from geoparticipation.accounts.enums import IdentityLevel, Role
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, Feature, ModerationRule
from geoparticipation.consultations.errors import UnknownConsultation
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.consultations.phases import open_phase
from geoparticipation.contributions.enums import Kind, Origin, Scope, Status
from geoparticipation.contributions.errors import IdentityTooLow, NotYours, PhaseClosed
from geoparticipation.contributions.kinds import KINDS
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.photos.errors import PhotosClosed
from geoparticipation.mailings.domain.keep_residence import lives_inside
from geoparticipation.mailings.errors import CodeForAnotherConsultation, CodeKeptOnAccount
from geoparticipation.mailings.models import LetterboxCode, Residence


class Party(enum.Enum):
    """In which quality somebody changes a status."""

    AUTHOR = "author"
    MODERATOR = "moderator"


_AUTHOR: Final = frozenset({Party.AUTHOR})
_MODERATOR: Final = frozenset({Party.MODERATOR})

STATUS_CHANGES: Final[Mapping[tuple[Status, Status], frozenset[Party]]] = MappingProxyType(
    {
        (Status.DRAFT, Status.SUBMITTED): _AUTHOR,
        (Status.DRAFT, Status.WITHDRAWN): _AUTHOR,
        (Status.SUBMITTED, Status.PUBLISHED): _MODERATOR,
        (Status.SUBMITTED, Status.HIDDEN): _MODERATOR,
        (Status.SUBMITTED, Status.WITHDRAWN): _AUTHOR,
        (Status.PUBLISHED, Status.HIDDEN): _MODERATOR,
        (Status.PUBLISHED, Status.WITHDRAWN): _AUTHOR,
        (Status.HIDDEN, Status.PUBLISHED): _MODERATOR,
        (Status.HIDDEN, Status.WITHDRAWN): _AUTHOR,
    }
)
"""Every allowed change of status, and who may make it. Nothing leads out of WITHDRAWN."""

RESPONSE_CHANGES: Final[Mapping[tuple[Status, Status], frozenset[Party]]] = MappingProxyType(
    {
        (Status.COUNTED, Status.HIDDEN): _MODERATOR,
        (Status.COUNTED, Status.WITHDRAWN): _AUTHOR,
        (Status.HIDDEN, Status.COUNTED): _MODERATOR,
        (Status.HIDDEN, Status.WITHDRAWN): _AUTHOR,
    }
)
"""The same for responses to surveys: they count, and are never online by themselves."""

FEATURE_OF_KIND: Final[Mapping[str, Feature]] = MappingProxyType({kind: known.feature for kind, known in KINDS.items()})
"""What a phase must open for each kind to be taken."""

LEAST_LEVEL: Final[Mapping[Feature, IdentityLevel]] = MappingProxyType(
    {known.feature: known.least_level for known in KINDS.values()}
)
"""What a feature asks for in every consultation: who offers help must be reached."""

OWN_ORIGINS: Final = frozenset({Origin.WEB, Origin.API})
"""How people put things in themselves; the other origins are entered for them by municipal staff."""


def status_changes(kind: str) -> Mapping[tuple[Status, Status], frozenset[Party]]:
    """The table of changes for contributions of this kind."""
    return RESPONSE_CHANGES if kind == Kind.RESPONSE else STATUS_CHANGES


def parties_of(actor: Actor, contribution: Contribution) -> frozenset[Party]:
    """In which qualities this actor stands to the contribution. No query."""
    parties = set()
    if actor.is_moderator:
        parties.add(Party.MODERATOR)
    if is_author(actor, contribution):
        parties.add(Party.AUTHOR)
    return frozenset(parties)


def is_author(actor: Actor, contribution: Contribution) -> bool:
    """Whether the actor wrote it: as the signed-in person, or, where nobody was signed in, with the same device."""
    if contribution.author_id is not None:
        return actor.user is not None and actor.user.pk == contribution.author_id
    return contribution.device_id is not None and actor.device is not None and actor.device.pk == contribution.device_id


def may_change_status(actor: Actor, contribution: Contribution, to_status: str) -> bool:
    """Whether the table allows this change to this actor. No query."""
    change = Status(contribution.status), Status(to_status)
    allowed = status_changes(contribution.kind).get(change, frozenset())
    return bool(allowed & parties_of(actor, contribution))


def require_open(
    actor: Actor, consultation: Consultation, feature: Feature, at: datetime, *, origin: str = Origin.WEB
) -> Phase:
    """Return the phase that lets this actor do this now.

    Raises UnknownConsultation (not public), NotAllowed (entering paper is for agents and moderators), PhaseClosed,
    IdentityTooLow (what staff enter for others needs no level). One query unless the phases are prefetched.
    """
    if consultation.state == ConsultationState.DRAFT:
        raise UnknownConsultation
    if actor.user is not None and not actor.user.is_active:
        raise NotAllowed
    if origin not in OWN_ORIGINS and not actor.is_moderator:
        raise NotAllowed
    phase = open_phase(consultation, feature, at)
    if phase is None:
        raise PhaseClosed(feature)
    needed = max(consultation.identity_level, LEAST_LEVEL.get(feature, IdentityLevel.DEVICE))
    if origin in OWN_ORIGINS and speaking_as_resident(actor, consultation).level < needed:
        raise IdentityTooLow(needed)
    return phase


def speaking_as_resident(actor: Actor, consultation: Consultation) -> Actor:
    """The actor, known as one of a home where the consultation asks for that and the account has a proof of it.

    One query for a signed-in person whose level is too low for a consultation of level 2, else none.
    """
    asks = consultation.identity_level == IdentityLevel.HOUSEHOLD > actor.level
    if asks and lives_inside(actor.user, consultation):
        return replace(actor, level=IdentityLevel.HOUSEHOLD)
    return actor


def require_own_code(actor: Actor, letterbox: LetterboxCode) -> None:
    """A code that was kept as proof of residence answers with the account that has it, so that no home speaks twice.

    One that stands for several dwellings answers with any: the others of the house have it, too. Raises
    CodeKeptOnAccount. One query for a code that was kept, else none.
    """
    if not letterbox.has_proved or letterbox.uses_allowed > 1:
        return
    target = letterbox.letterbox.mailing.target_id
    if actor.user is None or not Residence.objects.filter(user=actor.user, target=target).exists():
        raise CodeKeptOnAccount


def speaking_for_household(actor: Actor, letterbox: LetterboxCode, consultation: Consultation) -> Actor:
    """The actor, known as one of the home that has this code. Raises CodeForAnotherConsultation. No query."""
    if letterbox.letterbox.mailing.consultation_id != consultation.pk:
        raise CodeForAnotherConsultation
    return replace(actor, level=max(actor.level, IdentityLevel.HOUSEHOLD))


def require_takes_photos(actor: Actor, contribution: Contribution, at: datetime) -> None:
    """Photos are added by the author, while the phase takes such contributions, and never past a moderator.

    Where everything is read before it goes online, that is until it is online; elsewhere it is read once more. Raises
    NotYours, PhotosClosed, and what `require_open` raises.
    """
    if not is_author(actor, contribution):
        raise NotYours
    read_first = first_status(contribution.consultation) == Status.SUBMITTED
    if contribution.status not in ({Status.SUBMITTED} if read_first else {Status.SUBMITTED, Status.PUBLISHED}):
        raise PhotosClosed
    require_open(actor, contribution.consultation, FEATURE_OF_KIND[contribution.kind], at, origin=contribution.origin)


def first_status(consultation: Consultation) -> Status:
    """The status something has when it is sent: online at once, or waiting for a moderator."""
    return Status.PUBLISHED if consultation.moderation == ModerationRule.AFTER else Status.SUBMITTED


EXPORTERS: Final[Mapping[Scope, frozenset[Role] | None]] = MappingProxyType(
    {
        Scope.PUBLIC: None,
        Scope.PLANNING: frozenset({Role.AGENT, Role.MODERATOR, Role.PLANNER}),
        Scope.INTERNAL: frozenset({Role.AGENT, Role.MODERATOR}),
    }
)
"""Who may take an export of each scope; None is everybody. Who may not read the queue gets no exact place either."""


def may_export(user: User | None, scope: Scope) -> bool:
    """Whether this person (None: a visitor) may have a file of this scope. No query."""
    roles = EXPORTERS[scope]
    return roles is None or (user is not None and user.is_active and user.role in roles)


def require_may_export(user: User | None, scope: Scope) -> None:
    """Raise NotAllowed where `may_export` says no."""
    if not may_export(user, scope):
        raise NotAllowed
