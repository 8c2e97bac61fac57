"""The steps of a consultation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain.save_consultation import clean_html
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.errors import (
    ConsultationIncomplete,
    PhaseEndsBeforeStart,
    PhaseInUse,
    PhasesOverlap,
    UnknownProcess,
)
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.consultations.processes import PROCESS_TEMPLATES
from geoparticipation.consultations.rules import require_may_manage

LONGEST_OUTCOME: Final = 20_000


@dataclass(frozen=True)
class PhaseInput:
    """A phase as an agent enters it; `pk` of the phase it replaces, or None for a new one.

    `outcome` is HTML and is cleaned; None leaves what was written before.
    """

    kind: str
    starts_at: datetime
    ends_at: datetime | None = None
    title: str = ""
    description: str = ""
    outcome: str | None = None
    pk: int | None = None


def _name(phase: PhaseInput) -> str:
    return phase.title or str(PhaseKind(phase.kind).label)


def _check(phases: Sequence[PhaseInput]) -> None:
    for position, phase in enumerate(phases):
        if phase.kind not in PhaseKind.values:
            raise ConsultationIncomplete(_("Please choose one from the list."), field="kind")
        if len(phase.title) > 120:
            raise ConsultationIncomplete(_("A phase's title has at most 120 characters."), field="title")
        if phase.outcome is not None and len(phase.outcome) > LONGEST_OUTCOME:
            raise ConsultationIncomplete(
                _("Shorten what came of it to %(longest)d characters.") % {"longest": LONGEST_OUTCOME}, field="outcome"
            )
        if phase.ends_at is not None and phase.ends_at <= phase.starts_at:
            raise PhaseEndsBeforeStart(position, _name(phase))
    in_order = sorted(phases, key=lambda phase: (phase.kind, phase.starts_at))
    for earlier, later in itertools.pairwise(in_order):
        if earlier.kind == later.kind and (earlier.ends_at is None or earlier.ends_at > later.starts_at):
            raise PhasesOverlap(str(PhaseKind(later.kind).label))


def save_phases(*, consultation: Consultation, phases: Sequence[PhaseInput], user: User) -> list[Phase]:
    """Let an agent set the phases: `write_phases`. Raises NotAllowed and what that raises."""
    require_may_manage(user)
    return write_phases(consultation=consultation, phases=phases)


@transaction.atomic
def write_phases(*, consultation: Consultation, phases: Sequence[PhaseInput]) -> list[Phase]:
    """Make the consultation's phases exactly these, in order of their start; the caller has made sure who may.

    Those with a `pk` are changed, others added, missing ones removed. Raises ConsultationIncomplete,
    PhaseEndsBeforeStart, PhasesOverlap, and PhaseInUse for removing a phase in which somebody took part.
    """
    _check(phases)
    Consultation.objects.select_for_update().get(pk=consultation.pk)
    known = {phase.pk: phase for phase in consultation.phases.all()}
    kept = {phase.pk for phase in phases if phase.pk is not None}
    if kept - set(known):
        raise ConsultationIncomplete(_("One of these phases no longer exists. Please load the page again."), field="pk")
    for pk, former in known.items():
        if pk not in kept:
            if former.contributions.exists():
                raise PhaseInUse(str(former))
            former.delete()
    # Changed ones are taken out and put back in one statement each; moving one past another of its kind would
    # collide on the way, so that kind's changed phases first step aside beyond the end of time.
    for pk in kept:
        aside = datetime(9000, 1, 1, tzinfo=timezone.get_current_timezone()) + timedelta(days=pk % 300_000)
        Phase.objects.filter(pk=pk).update(starts_at=aside, ends_at=aside + timedelta(hours=1))
    for phase in phases:
        changed = Phase(
            pk=phase.pk,
            consultation=consultation,
            kind=phase.kind,
            title=phase.title.strip(),
            description=phase.description.strip(),
            outcome=_outcome(phase, known),
            starts_at=phase.starts_at,
            ends_at=phase.ends_at,
        )
        changed.save(force_insert=phase.pk is None, force_update=phase.pk is not None)
    getattr(consultation, "_prefetched_objects_cache", {}).pop("phases", None)
    return list(consultation.phases.all())


def _outcome(phase: PhaseInput, known: dict[int, Phase]) -> str:
    if phase.outcome is not None:
        return clean_html(phase.outcome).strip()
    return known[phase.pk].outcome if phase.pk is not None else ""


def apply_process_template(
    *,
    consultation: Consultation,
    template: str,
    starts_on: date,
    user: User,
    days: Sequence[int | None] | None = None,
) -> list[Phase]:
    """Let an agent set the phases by a template: `write_process`. Raises NotAllowed and what that raises."""
    require_may_manage(user)
    return write_process(consultation=consultation, template=template, starts_on=starts_on, days=days)


def write_process(
    *,
    consultation: Consultation,
    template: str,
    starts_on: date,
    days: Sequence[int | None] | None = None,
) -> list[Phase]:
    """Replace the phases by those of a process template, one after the other from midnight of `starts_on`.

    `days` gives each step's length (None: no end, for the last only); the template's own lengths otherwise. A
    step called like its kind gets no title, and so a name in each reader's language; others' titles are in the
    consultation's. The caller has made sure who may. Raises UnknownProcess, ConsultationIncomplete and what
    `write_phases` raises.
    """
    if template not in PROCESS_TEMPLATES:
        raise UnknownProcess(template)
    steps = PROCESS_TEMPLATES[template].steps
    lengths = list(days) if days is not None else [step.days for step in steps]
    if len(lengths) != len(steps) or any(length is None for length in lengths[:-1]):
        raise ConsultationIncomplete(_("Give the number of days of each phase."), field="days")
    if any(length is not None and not 1 <= length <= 3660 for length in lengths):
        raise ConsultationIncomplete(_("A phase takes from one day to ten years."), field="days")
    phases: list[PhaseInput] = []
    day = starts_on
    with translation.override(consultation.language):
        for step, length in zip(steps, lengths, strict=True):
            following = None if length is None else day + timedelta(days=length)
            phases.append(
                PhaseInput(
                    kind=step.kind,
                    title="" if step.title == step.kind.label else str(step.title),
                    starts_at=_midnight(day),
                    ends_at=None if following is None else _midnight(following),
                )
            )
            day = following or day
    with transaction.atomic():
        saved = write_phases(consultation=consultation, phases=phases)
        consultation.process_template = template
        consultation.save(update_fields=["process_template", "updated_at"])
    return saved


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
