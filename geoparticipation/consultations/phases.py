"""What each kind of phase opens, and which phase opens a thing at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.enums import ConsultationState, Feature, PhaseKind
from geoparticipation.consultations.models import Consultation, Phase


@dataclass(frozen=True)
class PhaseType:
    """A kind of phase: what it opens, and what it tells people to do, in a sentence."""

    kind: PhaseKind
    opens: frozenset[Feature]
    invitation: str | Promise


def _types(*types: PhaseType) -> Mapping[PhaseKind, PhaseType]:
    return MappingProxyType({phase_type.kind: phase_type for phase_type in types})


PHASE_TYPES: Final = _types(
    PhaseType(PhaseKind.PRESENTATION, frozenset(), _("Read what it is about.")),
    PhaseType(
        PhaseKind.CONTRIBUTION,
        frozenset({Feature.PROPOSE, Feature.COMMENT, Feature.SUPPORT, Feature.PREFER}),
        _("Put your ideas on the map, comment and support those of others."),
    ),
    PhaseType(PhaseKind.SURVEY, frozenset({Feature.RESPOND}), _("Answer the questions.")),
    PhaseType(
        PhaseKind.VOTE,
        frozenset({Feature.SUPPORT, Feature.BALLOT, Feature.PREFER}),
        _("Say which ideas matter to you."),
    ),
    PhaseType(PhaseKind.SYNTHESIS, frozenset(), _("The town hall reads and sums up what you said.")),
    PhaseType(
        PhaseKind.DEBATE,
        frozenset({Feature.COMMENT, Feature.SUPPORT, Feature.PREFER}),
        _("Discuss the ideas: comment and support."),
    ),
    PhaseType(PhaseKind.DECISION, frozenset(), _("The council decides.")),
    PhaseType(PhaseKind.FOLLOW_UP, frozenset(), _("Follow what becomes of it.")),
    PhaseType(PhaseKind.VOLUNTEERING, frozenset({Feature.VOLUNTEER}), _("Offer your help, or find some.")),
)


def opens(kind: str) -> frozenset[Feature]:
    """What a phase of this kind opens."""
    return PHASE_TYPES[PhaseKind(kind)].opens


def is_running(phase: Phase, at: datetime | None = None) -> bool:
    """Whether the moment lies in the phase: its start belongs to it, its end does not."""
    at = at or timezone.now()
    return phase.starts_at <= at and (phase.ends_at is None or at < phase.ends_at)


def running_phases(consultation: Consultation, at: datetime | None = None) -> list[Phase]:
    """The phases that the moment lies in, the one that started first first. One query unless prefetched."""
    at = at or timezone.now()
    phases = [phase for phase in consultation.phases.all() if is_running(phase, at)]
    return sorted(phases, key=lambda phase: (phase.starts_at, phase.pk))


def open_phase(consultation: Consultation, feature: Feature, at: datetime | None = None) -> Phase | None:
    """The phase that opens the feature at a moment (now), or None; none of a consultation that is not published.

    One query unless the phases are prefetched.
    """
    if consultation.state != ConsultationState.PUBLISHED:
        return None
    return next((phase for phase in running_phases(consultation, at) if feature in opens(phase.kind)), None)


def open_features(consultation: Consultation, at: datetime | None = None) -> frozenset[Feature]:
    """All that people may do at a moment (now). One query unless the phases are prefetched."""
    if consultation.state != ConsultationState.PUBLISHED:
        return frozenset()
    return frozenset(feature for phase in running_phases(consultation, at) for feature in opens(phase.kind))
