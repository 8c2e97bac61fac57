"""A consultation that went through every step, with a second debate that the usual process does not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain import (
    PhaseInput,
    apply_process_template,
    publish_consultation,
    save_consultation,
    save_phases,
)
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.models import Contribution
from geoparticipation.demo_town.texts import Idea
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import record_study, take_up
from geoparticipation.meetings.domain.meetings import announce_meeting, save_meeting, write_minutes
from geoparticipation.meetings.models import Meeting
from neighbourhoods.models import Target

STARTED_DAYS_AGO: Final = 125
SPOKEN_DAYS_AGO: Final = 108
# Presentation, consultation, synthesis, debate and decision; the second debate takes its days from the decision.
DAYS: Final = (14, 42, 21, 21, None)
SECOND_DEBATE_DAYS: Final = 14

IDEAS: Final = (
    Idea(
        "Garder le marché du samedi sur la place",
        "Le marché fait vivre {street} depuis toujours. Gardez l’eau et les prises pour les stands.",
        "point",
        0.9,
        comments=("Oui, et un abri pour les jours de pluie.",),
    ),
    Idea("Des arbres plutôt que des bacs", "Quatre vrais arbres, en pleine terre, au milieu de la place.", "area", 0.8),
    Idea("Garder dix places de parking", "Pour les clients de la pharmacie et de la boulangerie.", "area", 0.6),
    Idea(
        "Room for wheelchairs between the tables",
        "Two metres between the terrace and the wall, please: I cannot pass on market days.",
        "line",
        0.7,
        "en",
    ),
    Idea("Une fontaine où l’on peut boire", "Les enfants la demandent depuis des années.", "point", 0.5),
)

OUTCOMES: Final = {
    PhaseKind.PRESENTATION: (
        "<p>Nous avons montré l’état des lieux : 46 places de parking, trois arbres, une conduite d’eau de 1962 à"
        " remplacer. Une quarantaine de personnes sont venues à la visite.</p>"
    ),
    PhaseKind.CONTRIBUTION: "<p>Merci à toutes les personnes qui ont écrit. Les idées restent en ligne.</p>",
    PhaseKind.SYNTHESIS: (
        "<p>Trois points réunissent presque tout le monde : <strong>garder le marché</strong>, planter en pleine terre,"
        " laisser passer les fauteuils roulants.</p><p>Un point divise : les places de parking. Nous proposons deux"
        " variantes au débat.</p><ul><li>Variante A : aucune voiture, sauf livraisons.</li><li>Variante B : dix places"
        " du côté de la pharmacie.</li></ul>"
    ),
    PhaseKind.DEBATE: (
        "<p>Soixante personnes, six tables. Pas d’accord sur le parking : les commerçants demandent du temps."
        " <strong>Un deuxième débat</strong> a été ajouté, avec les chiffres qu’ils ont demandés.</p>"
    ),
}
SECOND_OUTCOME: Final = (
    "<p>Les comptages montrent que six places sur dix se libèrent en moins de vingt minutes. L’assemblée préfère la"
    " variante B, avec une limite de trente minutes.</p>"
)
DECISION: Final = (
    "<p>Le collège retient la <strong>variante B</strong> : le marché reste, quatre arbres, dix places à trente"
    " minutes. Les travaux commencent après la saison des fêtes.</p>"
)
ANSWERS: Final = (
    ("accepted", "Oui : le marché garde sa place, avec l’eau et douze prises."),
    ("partly", "Oui pour quatre arbres ; sous le reste de la place passe la conduite."),
)


def load_market_square(*, agent: User, target: Target, place: GEOSGeometry, speak: Callable[..., None]) -> None:
    """Make the consultation with what each of its finished steps brought; `speak` lets people put ideas in.

    `place` is where its debates met. Needs the commune's commitment, for the answers.
    """
    first_day = timezone.localdate() - timedelta(days=STARTED_DAYS_AGO)
    consultation = save_consultation(
        user=agent,
        title="Que devient la place du marché ?",
        summary="Marché, arbres, terrasses, parking : la place ne peut pas tout porter. Cherchons ensemble.",
        description=(
            "<p>La conduite d’eau sous la place doit être remplacée. Quand tout sera refermé, à quoi ressemblera la"
            " place ? Chaque étape dit ici ce qu’elle a apporté.</p>"
        ),
        language="fr",
        target=target,
        political_lead="Sofia Lemaire, échevine de la mobilité",
        operational_lead="Tom Wagner, service voirie",
    )
    apply_process_template(
        consultation=consultation, template="consultation", starts_on=first_day, days=DAYS, user=agent
    )
    publish_consultation(consultation=consultation, user=agent)
    _debate_twice(consultation, agent)
    speak(consultation, IDEAS, days_ago=SPOKEN_DAYS_AGO)
    ideas = list(
        Contribution.objects.public()
        .filter(consultation=consultation, kind=Kind.PROPOSAL)
        .order_by("-support_count", "pk")
    )
    debates = [phase for phase in consultation.phases.all() if phase.kind == PhaseKind.DEBATE]
    evenings = (
        ("Soirée de débat sur la place du marché", "Le marché reste. Les places de parking sont comptées.", ideas[0]),
        ("Deuxième débat : les deux variantes", "L’assemblée préfère la variante B.", ideas[2]),
    )
    for phase, (title, decision, idea) in zip(debates, evenings, strict=True):
        day = timezone.localdate(phase.starts_at) + timedelta(days=7)
        _evening(agent, consultation, place=place, title=title, day=day, decisions=[(decision, idea)])
    for idea, (decision, text) in zip(ideas, ANSWERS, strict=False):
        _answer(idea, agent, decision, text)


def _debate_twice(consultation: Consultation, agent: User) -> None:
    """Put a second debate before the decision, in this consultation only, and write down what each step brought."""
    phases = []
    for phase in consultation.phases.all():
        starts_at = phase.starts_at
        if phase.kind == PhaseKind.DECISION:
            starts_at += timedelta(days=SECOND_DEBATE_DAYS)
            phases.append(
                PhaseInput(PhaseKind.DEBATE, phase.starts_at, starts_at, title="Deuxième débat", outcome=SECOND_OUTCOME)
            )
        outcome = DECISION if phase.kind == PhaseKind.DECISION else OUTCOMES.get(PhaseKind(phase.kind), "")
        phases.append(PhaseInput(phase.kind, starts_at, phase.ends_at, title=phase.title, outcome=outcome, pk=phase.pk))
    save_phases(consultation=consultation, phases=phases, user=agent)


def _evening(
    agent: User,
    of: Consultation,
    *,
    place: GEOSGeometry,
    title: str,
    day: date,
    decisions: Sequence[tuple[str, Contribution | None]],
) -> Meeting:
    starts_at = timezone.make_aware(datetime.combine(day, time(19)))
    meeting = save_meeting(
        agent=agent,
        consultation=of,
        title=title,
        text="Une table par variante, puis tout le monde ensemble.",
        place_name="École, préau",
        geometry=place,
        language="fr",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
    )
    announce_meeting(agent=agent, meeting=meeting, at=starts_at - timedelta(days=7))
    minutes = "Les tables ont travaillé une heure, puis chacune a dit ce qu’elle retient et ce qui la divise."
    return write_minutes(agent=agent, meeting=meeting, minutes=minutes, decisions=decisions)


def _answer(idea: Contribution, agent: User, decision: str, text: str) -> None:
    """Take an idea up and answer it in the step that decides."""
    today = timezone.localdate()
    moments = [timezone.make_aware(datetime.combine(today - timedelta(days=days), time(12))) for days in (60, 30, 5)]
    case = take_up(contribution=idea, agent=agent, at=moments[0])
    record_study(
        case=case,
        agent=agent,
        department="Voirie",
        verdict="feasible",
        text="Faisable avec la conduite.",
        at=moments[1],
    )
    publish_answer(
        case=case,
        agent=agent,
        decision=decision,
        text=text,
        signed_by="Claire Aalto, échevine de la participation",
        at=moments[2],
    )
