"""Meetings of the demo town: one to come, with a few places, and one with minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.models import Contribution
from geoparticipation.meetings.domain.meetings import announce_meeting, save_meeting, write_minutes
from geoparticipation.meetings.domain.registrations import register_for
from geoparticipation.meetings.models import Meeting


def load_meetings(
    *, agent: User, people: Sequence[User], soon: Consultation, past: Consultation, place: GEOSGeometry
) -> None:
    """Announce an evening of `soon` to which more people want to come than can, and one of `past` with decisions."""
    evening = _evening(
        agent,
        soon,
        place,
        in_days=9,
        title="Soirée de débat : une rue plus calme",
        text="Nous montrons trois variantes et parlons de vos idées, une table par tronçon de rue.",
        programme="19 h 00 : accueil\n19 h 15 : trois variantes\n19 h 45 : tables de discussion\n20 h 45 : conclusions",
        place_name="Bibliothèque, salle du rez-de-chaussée",
        link="https://example.org/soiree-en-ligne",
        capacity=6,
    )
    for person in people[:8]:
        register_for(actor=Actor(user=person, level=IdentityLevel.EMAIL), meeting=evening)
    morning = _evening(
        agent,
        past,
        place,
        in_days=-60,
        title="Playground morning: try the models",
        text="Children and parents try cardboard models of the playground.",
        place_name="Aire de jeux",
        language="en",
    )
    ideas = Contribution.objects.public().filter(consultation=past, kind=Kind.PROPOSAL).order_by("-support_count", "pk")
    write_minutes(
        agent=agent,
        meeting=morning,
        minutes="Some forty children came. The wooden tower was too high for the small ones, the water course a joy.",
        decisions=[("The water course is built first.", ideas[0]), ("The tower gets a lower floor.", ideas[1])],
    )


def _evening(agent: User, of: Consultation, place: GEOSGeometry, *, in_days: int, **said: Any) -> Meeting:
    """A meeting of two hours at seven in the evening of a day, announced the week before."""
    day = timezone.localdate() + timedelta(days=in_days)
    starts_at = timezone.make_aware(datetime.combine(day, time(19)))
    meeting = save_meeting(
        agent=agent,
        consultation=of,
        geometry=place,
        registers=True,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        **{"language": "fr", **said},
    )
    return announce_meeting(agent=agent, meeting=meeting, at=starts_at - timedelta(days=7))
