"""The consultations that a council starts inside its own area."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain.save_consultation import (
    close_consultation,
    open_consultation,
    write_consultation,
)
from geoparticipation.consultations.domain.save_phases import PhaseInput, write_phases, write_process
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.errors import NoPhases
from geoparticipation.consultations.models import Consultation
from geoparticipation.councils.domain.area import require_within
from geoparticipation.councils.errors import BeyondArea, NoLongerYours, ReadFirst
from geoparticipation.councils.models import Council, CouncilConsultation
from geoparticipation.councils.rules import require_acts_for
from neighbourhoods.models import Target


@transaction.atomic
def start_consultation(
    *,
    user: User,
    council: Council,
    process: str,
    starts_on: date,
    target: Target | None = None,
    days: Sequence[int | None] | None = None,
    **said: Any,
) -> Consultation:
    """Make a draft of the council with the steps of a process template; `said` is what `write_consultation` takes.

    `target` null aims at the whole area. Raises NotAllowed, BeyondArea and what `write_consultation` and
    `write_process` raise.
    """
    require_acts_for(user, council)
    target = target or council.area
    require_within(council, target)
    consultation = write_consultation(user=user, target=target, **said)
    CouncilConsultation.objects.create(council=council, consultation=consultation, started_by=user)
    write_process(consultation=consultation, template=process, starts_on=starts_on, days=days)
    return consultation


@transaction.atomic
def change_consultation(
    *,
    user: User,
    started: CouncilConsultation,
    phases: Sequence[PhaseInput],
    target: Target | None = None,
    **said: Any,
) -> Consultation:
    """Change a consultation of the council and its steps. What is online only where the council publishes itself.

    Raises NotAllowed, NoLongerYours, BeyondArea and what `write_consultation` and `write_phases` raise.
    """
    kept = _locked(started, user)
    require_may_change(kept)
    target = target or kept.council.area
    require_within(kept.council, target)
    consultation = write_consultation(user=user, consultation=kept.consultation, target=target, **said)
    write_phases(consultation=consultation, phases=phases)
    return consultation


@transaction.atomic
def ask_to_read(*, user: User, started: CouncilConsultation, at: datetime | None = None) -> CouncilConsultation:
    """Ask the town hall to read a draft and put it online; asking again changes nothing.

    Raises NotAllowed, NoLongerYours, BeyondArea, NoPhases.
    """
    kept = _locked(started, user)
    if kept.consultation.state != ConsultationState.DRAFT:
        raise NoLongerYours
    _require_ready(kept)
    if kept.asked_at is None:
        kept.asked_at = at or timezone.now()
        kept.save(update_fields=["asked_at"])
    return kept


@transaction.atomic
def put_online(*, user: User, started: CouncilConsultation) -> Consultation:
    """Put a draft online where the council may. Raises NotAllowed, ReadFirst, NoLongerYours, BeyondArea, NoPhases."""
    kept = _locked(started, user)
    if not kept.council.may_publish:
        raise ReadFirst
    if kept.consultation.state != ConsultationState.DRAFT:
        raise NoLongerYours
    _require_ready(kept)
    return open_consultation(consultation=kept.consultation)


@transaction.atomic
def close_early(*, user: User, started: CouncilConsultation) -> Consultation:
    """Close what the council put online itself; everybody may still read it. Raises NotAllowed, ReadFirst."""
    kept = _locked(started, user)
    if not kept.council.may_publish:
        raise ReadFirst
    if kept.consultation.state != ConsultationState.PUBLISHED:
        raise NotAllowed
    return close_consultation(consultation=kept.consultation)


def require_may_change(started: CouncilConsultation) -> None:
    """Raise NoLongerYours for what is online where an agent reads first, and for what is closed."""
    state = started.consultation.state
    if state != ConsultationState.DRAFT and not (state == ConsultationState.PUBLISHED and started.council.may_publish):
        raise NoLongerYours


def _locked(started: CouncilConsultation, user: User) -> CouncilConsultation:
    """The row as it is now, with consultation and council, locked against another change; raises NotAllowed."""
    rows = CouncilConsultation.objects.select_related("consultation__target", "council__area")
    kept = rows.select_for_update(of=("self", "consultation", "council")).get(pk=started.pk)
    require_acts_for(user, kept.council)
    return kept


def _require_ready(started: CouncilConsultation) -> None:
    if started.consultation.target is None:  # an agent aimed it at the whole town
        raise BeyondArea(started.council.name)
    require_within(started.council, started.consultation.target)
    if not started.consultation.phases.exists():
        raise NoPhases
