"""What there is to read in each step of a consultation: what came of it, meetings, answers of the commune."""

from __future__ import annotations

from dataclasses import dataclass, field

from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.phases import is_running
from geoparticipation.consultations.presentation import Outline, Step
from geoparticipation.followup.models import Case
from geoparticipation.meetings.models import Meeting

_DECIDING = (PhaseKind.DECISION, PhaseKind.FOLLOW_UP)
MEETINGS = 30
ANSWERS = 10


@dataclass
class StepToRead:
    """A step with its meetings, the first first, and the latest answers to ideas where it is the one that decides."""

    step: Step
    meetings: list[Meeting] = field(default_factory=list)
    answers: list[Case] = field(default_factory=list)


def steps_to_read(outline: Outline) -> list[StepToRead]:
    """The steps of a consultation with what belongs to each.

    A meeting of the consultation belongs to the step in which it begins; of several to the debate, else to the one that
    began last. Answers belong to the first decision or follow-up that has begun. One query, with a step that has begun
    and decides two.
    """
    steps = [StepToRead(step) for step in outline.steps]
    public = Meeting.objects.public().filter(consultation=outline.consultation)
    for meeting in public.defer("geometry", "text", "programme").order_by("starts_at", "pk")[:MEETINGS]:
        during = [item for item in steps if is_running(item.step.phase, meeting.starts_at)]
        debates = [item for item in during if item.step.phase.kind == PhaseKind.DEBATE]
        if during:
            (debates or during)[-1].meetings.append(meeting)
    deciding = next((item for item in steps if item.step.phase.kind in _DECIDING and item.step.state != "next"), None)
    if deciding is not None:
        answered = Case.objects.public().filter(contribution__consultation=outline.consultation, answer__isnull=False)
        latest = answered.select_related("contribution", "answer").only(
            "contribution__code",
            "contribution__title",
            "contribution__language",
            "answer__decision",
            "answer__answered_on",
        )
        deciding.answers = list(latest.order_by("-answer__answered_on", "-pk")[:ANSWERS])
    return steps
