"""Process templates: the usual sequences of phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.enums import PhaseKind


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
