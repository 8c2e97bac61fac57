"""Neighbourhood councils of the demo town: one publishes itself, in French; one asks first, in English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count
from django.utils import timezone

from geoparticipation.accounts.domain.people import save_person
from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import User
from geoparticipation.councils.domain.consultations import ask_to_read, put_online, start_consultation
from geoparticipation.councils.domain.councils import save_council, save_member
from geoparticipation.councils.models import Council, CouncilConsultation
from geoparticipation.meetings.domain.meetings import announce_meeting, save_meeting, write_minutes
from geoparticipation.meetings.models import Meeting
from layers.geometry import buffered
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address, District, Street, Target

AROUND_M: Final = 250
_FRENCH: Final = {
    "text": (
        "Le conseil réunit des habitants, des commerçants et des associations du quartier. Il se réunit tous les deux"
        " mois, et chacun peut y venir.\nÉcrivez-nous : nous mettons votre point à l’ordre du jour."
    ),
    "language": "fr",
    "contact": "Maison de quartier, le premier mardi du mois, de 17 h à 19 h",
    "email": "quartier@example.org",
}
_ENGLISH: Final = {
    "text": "Neighbours who care for streets, trees and quiet nights. Newcomers are welcome, in any language.",
    "language": "en",
    "contact": "Community room beside the school, last Thursday of the month at 6 p.m.",
    "email": "neighbours@example.org",
}


def load_councils(*, agent: User, councillor: User, streets: Sequence[Street]) -> None:
    """Make both councils with members, meetings and what they ask. Needs streets with a course."""
    today = timezone.localdate()
    first, second = _areas(agent, streets)
    centre = save_council(
        agent=agent, name=f"Conseil de quartier {first.name}", area=first, may_publish=True, **_FRENCH
    )
    _seats(
        agent,
        centre,
        today,
        (
            ("Nadia Ferreira", "Présidente", True),
            ("Jean Theis", "Secrétaire", True),
            ("Ali K.", "", True),
            ("M. S.", "", False),
        ),
    )
    save_member(
        agent=agent,
        council=centre,
        name="Conseil de quartier",
        office="Porte-parole",
        is_shown=True,
        since=today - timedelta(days=400),
        user=councillor,
    )
    started = start_consultation(
        user=councillor,
        council=centre,
        process="ideas",
        starts_on=today - timedelta(days=6),
        title="Où manque-t-il un banc dans notre quartier ?",
        summary="Le conseil dispose de six bancs. Montrez où vous aimeriez vous asseoir.",
        description="<p>Le conseil de quartier choisit avec vous. La commune pose les bancs au printemps.</p>",
        language="fr",
        inside_target_only=True,
    )
    put_online(user=councillor, started=CouncilConsultation.objects.get(consultation=started))
    over = _meeting(councillor, centre, today - timedelta(days=30), "Réunion du conseil de quartier", "fr")
    write_minutes(
        agent=councillor,
        meeting=over,
        minutes="Vingt-deux personnes. On a parlé des bancs, de la lumière devant l’école et de la fête de juin.",
        decisions=[("Le conseil demande aux habitants où poser les bancs.", None), ("La fête a lieu en juin.", None)],
    )
    _meeting(councillor, centre, today + timedelta(days=12), "Réunion du conseil : les bancs", "fr")

    neighbours = save_council(agent=agent, name=f"Neighbours of {second.name}", area=second, **_ENGLISH)
    chair = save_person(email="neighbours@example.org", role=Role.COUNCILLOR, name="Ann Becker")
    _seats(agent, neighbours, today, (("Tom Reuter", "Treasurer", True),))
    save_member(
        agent=agent,
        council=neighbours,
        name="Ann Becker",
        office="Chair",
        is_shown=True,
        since=today - timedelta(days=200),
        user=chair,
    )
    asked = start_consultation(
        user=chair,
        council=neighbours,
        process="consultation",
        starts_on=today + timedelta(days=14),
        title="Quiet nights around the school",
        summary="What keeps you awake, and where? We take the answers to the town hall.",
        language="en",
    )
    ask_to_read(user=chair, started=CouncilConsultation.objects.get(consultation=asked))
    earlier = _meeting(chair, neighbours, today - timedelta(days=45), "Neighbours’ evening", "en")
    write_minutes(
        agent=chair,
        meeting=earlier,
        minutes="Fourteen of us. Most spoke of mopeds at night and of the dark path behind the school.",
        decisions=[("We ask everybody around the school what keeps them awake.", None)],
    )
    _meeting(chair, neighbours, today + timedelta(days=20), "Neighbours’ evening: quiet nights", "en")


def _areas(agent: User, streets: Sequence[Street]) -> tuple[Target, Target]:
    """The two smallest-level districts with most homes; in a town without districts the surroundings of two streets."""
    homes = Address.objects.filter(closed_at__isnull=True, district__isnull=False).values("district")
    busiest = homes.annotate(count=Count("pk")).order_by("-count", "district").values_list("district", flat=True)[:2]
    districts = list(District.objects.filter(pk__in=list(busiest)).order_by("name", "pk"))
    if len(districts) == 2:
        parts = [(district.name, PartSpec(kind=PartKind.DISTRICT, district_id=district.pk)) for district in districts]
    else:
        parts = [
            (street.name, PartSpec(kind=PartKind.SHAPE, shape=buffered(street.geometry, AROUND_M)))
            for street in (streets[0], streets[-1])
        ]
    first, second = (save_target(name=name, parts=[part], user=agent) for name, part in parts)
    return first, second


def _seats(agent: User, council: Council, today: date, people: Sequence[tuple[str, str, bool]]) -> None:
    for number, (name, office, is_shown) in enumerate(people):
        since = today - timedelta(days=500 - 40 * number)
        save_member(agent=agent, council=council, name=name, office=office, is_shown=is_shown, since=since)


def _meeting(user: User, council: Council, day: date, title: str, language: str) -> Meeting:
    """An evening of the council at a place in its area, announced the week before."""
    starts_at = timezone.make_aware(datetime.combine(day, time(18, 30)))
    shape = council.area.geometry
    meeting = save_meeting(
        agent=user,
        council=council,
        title=title,
        place_name="Maison de quartier" if language == "fr" else "Community room",
        geometry=shape.point_on_surface if shape is not None else None,
        language=language,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
    )
    return announce_meeting(agent=user, meeting=meeting, at=starts_at - timedelta(days=7))
