"""A consultation as its pages and cards tell it: where it stands, how long it lasts, what one can do now."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from geoparticipation.consultations.enums import ConsultationState, Feature
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.consultations.phases import PHASE_TYPES, is_running, open_features
from neighbourhoods.target_words import parts_in_words

DAY_S = 24 * 3600


@dataclass(frozen=True)
class Step:
    """One phase and whether it is over ("past"), running ("now") or to come ("next")."""

    phase: Phase
    state: str

    @property
    def state_words(self) -> str:
        """The state, for those who do not see the colour."""
        return {"past": _("over"), "now": _("now"), "next": _("to come")}[self.state]

    @property
    def invitation(self) -> str:
        """What the phase is for, in a sentence: the agent's own words, else those of its kind."""
        return str(self.phase.description or PHASE_TYPES[self.phase.kind].invitation)


@dataclass(frozen=True)
class Outline:
    """A consultation and where it stands at a moment. Made of prefetched phases and target parts, without a query."""

    consultation: Consultation
    steps: tuple[Step, ...]
    features: frozenset[Feature]
    at: datetime

    @property
    def now(self) -> Step | None:
        """The running phase; of several the one that lets people do something, else the latest."""
        running = [step for step in self.steps if step.state == "now"]
        busy = [step for step in running if PHASE_TYPES[step.phase.kind].opens]
        return (busy or running or [None])[-1]

    @property
    def next(self) -> Step | None:
        """The first phase to come."""
        return next((step for step in self.steps if step.state == "next"), None)

    @property
    def is_over(self) -> bool:
        """Nothing runs any more and nothing is to come."""
        return self.consultation.state == ConsultationState.ARCHIVED or (self.now is None and self.next is None)

    @property
    def takes_ideas(self) -> bool:
        """People may put in ideas now."""
        return Feature.PROPOSE in self.features

    @property
    def takes_volunteers(self) -> bool:
        """People may offer help, and associations ask for it."""
        return Feature.VOLUNTEER in self.features

    @property
    def takes_comments(self) -> bool:
        """People may comment now."""
        return Feature.COMMENT in self.features

    @property
    def takes_support(self) -> bool:
        """People may support now."""
        return Feature.SUPPORT in self.features

    @property
    def takes_answers(self) -> bool:
        """People may answer surveys now, where there are some."""
        return Feature.RESPOND in self.features

    @property
    def time_left(self) -> str:
        """How long the running phase goes on, in words; empty without an end."""
        if self.now is None or self.now.phase.ends_at is None:
            return ""
        days = math.floor((self.now.phase.ends_at - self.at).total_seconds() / DAY_S)
        if days < 1:
            return _("last day")
        return ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}

    @property
    def area_words(self) -> str:
        """Whom it concerns: « Rue Haute · côté pair », or the whole town."""
        target = self.consultation.target
        if target is None:
            return _("the whole town")
        return parts_in_words(target.parts.all()) or target.name


def outline(consultation: Consultation, at: datetime | None = None) -> Outline:
    """Where the consultation stands at a moment (now); prefetch `phases` and the parts of its target."""
    at = at or timezone.now()

    def state(phase: Phase) -> str:
        if is_running(phase, at):
            return "now"
        return "next" if phase.starts_at > at else "past"

    phases = sorted(consultation.phases.all(), key=lambda phase: (phase.starts_at, phase.pk))
    return Outline(
        consultation=consultation,
        steps=tuple(Step(phase, state(phase)) for phase in phases),
        features=open_features(consultation, at),
        at=at,
    )


def running_first(outlines: Iterable[Outline]) -> list[Outline]:
    """Those that take something now first (the soonest to end at the top), then running, coming and over."""
    far = datetime.max.replace(tzinfo=timezone.get_current_timezone())

    def key(item: Outline) -> tuple[int, datetime]:
        ends_at = (item.now.phase.ends_at if item.now else None) or far
        if item.features:
            return (0, ends_at)
        if item.now is not None:
            return (1, ends_at)
        return (2, item.next.phase.starts_at) if item.next else (3, far)

    return sorted(outlines, key=key)
