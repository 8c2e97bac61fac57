"""Process templates: the usual sequences of phases."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models import Phase


@dataclass(frozen=True)
class Step:
    """One phase of a template. `days` is its usual length; None has no end."""

    kind: PhaseKind
    title: str | Promise
    days: int | None


@dataclass(frozen=True)
class ProcessTemplate:
    """A sequence of phases that follow one another without a gap."""

    key: str
    name: str | Promise
    steps: tuple[Step, ...]


PROCESS_TEMPLATES: Final = {
    template.key: template
    for template in (
        ProcessTemplate(
            "consultation",
            _("Consultation: presentation → consultation → synthesis → debate → decision"),
            (
                Step(PhaseKind.PRESENTATION, _("Presentation"), 14),
                Step(PhaseKind.CONTRIBUTION, _("Consultation"), 42),
                Step(PhaseKind.SYNTHESIS, _("Synthesis"), 21),
                Step(PhaseKind.DEBATE, _("Debate"), 21),
                Step(PhaseKind.DECISION, _("Decision"), None),
            ),
        ),
        ProcessTemplate(
            "ideas",
            _("Ideas: ideas → feasibility → vote → follow-up"),
            (
                Step(PhaseKind.CONTRIBUTION, _("Ideas"), 42),
                Step(PhaseKind.SYNTHESIS, _("Feasibility study"), 42),
                Step(PhaseKind.VOTE, _("Vote"), 21),
                Step(PhaseKind.FOLLOW_UP, _("Follow-up"), None),
            ),
        ),
        ProcessTemplate(
            "volunteering",
            _("Volunteering exchange: always open, without an end"),
            (Step(PhaseKind.VOLUNTEERING, _("Volunteering"), None),),
        ),
    )
}


@dataclass(frozen=True)
class OwnSteps:
    """How one consultation differs from the process it was started with: its own steps, and those left out."""

    added: tuple[str, ...]
    left_out: tuple[str, ...]


def own_steps(template: str, phases: Iterable[Phase]) -> OwnSteps | None:
    """Hold the phases, in their order, beside the template's steps, by kind; None of no template that there is.

    Titles and dates are each consultation's own and make no difference.
    """
    if template not in PROCESS_TEMPLATES:
        return None
    phases = list(phases)
    steps = PROCESS_TEMPLATES[template].steps
    matcher = difflib.SequenceMatcher(None, [str(step.kind) for step in steps], [phase.kind for phase in phases], False)
    added: list[str] = []
    left_out: list[str] = []
    for tag, first, last, first_own, last_own in matcher.get_opcodes():
        if tag != "equal":
            left_out += [str(step.title) for step in steps[first:last]]
            added += [str(phase) for phase in phases[first_own:last_own]]
    return OwnSteps(tuple(added), tuple(left_out))
