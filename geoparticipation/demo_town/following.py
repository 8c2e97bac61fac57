"""What the demo's commune promised, and how far it is with the ideas that people support."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import put_in_charge, record_study, take_up
from geoparticipation.followup.domain.commitments import plan_meetings
from geoparticipation.followup.domain.measures import record_progress
from geoparticipation.followup.models import Commitment

PROMISED_DAYS_AGO: Final = 300
SIGNED: Final = "Claire Aalto, échevine de la participation"
# Days ago on which an idea was taken up, and how many days later it was studied, answered and done.
STORIES: Final = (
    (140, 21, 48, "accepted", "done"),
    (110, 25, 58, "partly", "under_way"),
    (95, 30, 71, "refused", ""),
    (80, 28, None, "", ""),
    (40, 18, None, "", ""),
    (12, None, None, "", ""),
)
FINDINGS: Final = (
    ("Voirie", "feasible", Decimal(18_400), "La place suffit. Les travaux durent deux semaines."),
    (
        "Espaces verts",
        "changes",
        Decimal(32_000),
        "Faisable sur la moitié : en dessous passe une conduite.",
    ),
    ("Prévention incendie", "not", None, "L’endroit doit rester libre : l’accès des pompiers passe ici."),
    ("Voirie", "feasible", Decimal(7_250), "Faisable avec l’entretien du printemps."),
    ("Cadre de vie", "changes", Decimal(4_100), "Faisable, un peu plus loin : l’endroit est trop étroit."),
)
ANSWERS: Final = {
    "accepted": "Oui, nous le faisons. Merci à toutes les personnes qui ont soutenu cette idée.",
    "partly": "Oui, pour la partie que l’étude dit faisable. Nous commençons au printemps.",
    "refused": "Non, pas maintenant. L’étude dit pourquoi ; nous reverrons la question dans trois ans.",
}


def load_followup(*, agent: User) -> None:
    """Promise answers within sixty days, take up the ideas that most people support and bring some to their end."""
    today = timezone.localdate()
    Commitment.objects.create(
        in_force_from=today - timedelta(days=PROMISED_DAYS_AGO),
        support_threshold=25,
        study_days=30,
        answer_days=60,
        set_by=agent,
    )
    plan_meetings(today=today)
    taken_up: list[int] = []
    for position, story in enumerate(STORIES):
        opened = _noon(today - timedelta(days=story[0]))
        ideas = Contribution.objects.public().filter(kind=Kind.PROPOSAL, submitted_at__lt=opened)
        idea = ideas.exclude(pk__in=taken_up).order_by("-support_count", "pk").first()
        if idea is not None:
            taken_up.append(idea.pk)
            _tell(idea, story, position, agent)


def _tell(idea: Contribution, story: tuple[int, int | None, int | None, str, str], position: int, agent: User) -> None:
    today = timezone.localdate()
    days_ago, studied, answered, decision, progress = story
    opened = today - timedelta(days=days_ago)
    case = take_up(contribution=idea, agent=agent, at=_noon(opened))
    put_in_charge(case=case, agent=agent, person=agent)
    if studied is not None:
        department, verdict, cost, text = FINDINGS[position]
        record_study(
            case=case,
            agent=agent,
            department=department,
            verdict=verdict,
            text=text,
            cost=cost,
            at=_noon(opened + timedelta(days=studied)),
        )
    if answered is not None:
        day = opened + timedelta(days=answered)
        publish_answer(
            case=case, agent=agent, decision=decision, text=ANSWERS[decision], signed_by=SIGNED, at=_noon(day)
        )
    if progress == "done":
        record_progress(
            contribution=idea, agent=agent, progress=progress, spent=Decimal(17_950), done_on=today - timedelta(days=20)
        )
    elif progress:
        record_progress(contribution=idea, agent=agent, progress=progress, text="Les travaux ont commencé.")


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
