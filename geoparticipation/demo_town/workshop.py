"""A live workshop of the demo town that is open now: notes of people and of visitors, two groups, none kept yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.demo_town.places import PlaceMaker
from geoparticipation.demo_town.texts import Shape
from geoparticipation.meetings.domain.meetings import announce_meeting, save_meeting
from geoparticipation.meetings.domain.workshop.facilitating import (
    group_notes,
    open_workshop,
    save_group,
    set_up_workshop,
)
from geoparticipation.meetings.domain.workshop.notes import place_note
from neighbourhoods.models import Street

NOTES: Sequence[tuple[str, str, Shape, str]] = (
    ("Pas un arbre ici : l’été, on change de trottoir", "Samira", "point", "trees"),
    ("Three trees would do, there is room beside the tram stop", "", "point", "trees"),
    ("Gardez le vieux tilleul !", "Bernard", "point", "trees"),
    ("A row of trees on the sunny side", "Aino", "line", "trees"),
    ("Une fontaine à boire, comme au parc", "", "point", "water"),
    ("Water for children to play with, the playground gets very hot", "Liisa", "point", "water"),
    ("Le caniveau pourrait arroser les arbres", "", "line", "water"),
    ("Un banc à l’ombre pour attendre le bus", "Mme Weber", "point", ""),
    ("My grandmother needs to sit down half-way up", "", "point", ""),
    ("Enlever deux places de parking et planter", "Hugo", "area", ""),
    ("The courtyard is cool and shut: open it in July?", "", "point", ""),
    ("Trop de vent pour des parasols, pensez à des pergolas", "", "point", ""),
)
"""Text, name, shape of the place, and the group in which the facilitator put it."""


def load_workshop(
    *, agent: User, people: Sequence[User], consultation: Consultation, streets: list[Street], seed: int
) -> None:
    """Open a workshop of this consultation that began an hour ago and stays open for some days."""
    target = consultation.target
    inside: GEOSGeometry | None = target.geometry if target is not None else None
    places = PlaceMaker(streets, seed + 27, near=inside)
    starts_at = timezone.now() - timedelta(hours=1)
    meeting = save_meeting(
        agent=agent,
        consultation=consultation,
        title="Atelier en ligne : de l’ombre et de l’eau",
        text="Posez vos notes sur la carte, où que vous soyez. We read French, English and Finnish.",
        link="https://example.org/atelier",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=13),
        language="fr",
    )
    announce_meeting(agent=agent, meeting=meeting, at=starts_at - timedelta(days=7))
    workshop = set_up_workshop(agent=agent, meeting=meeting, question="Où manque-t-il de l’ombre ou de l’eau ?")
    open_workshop(agent=agent, workshop=workshop)
    sorted_into: dict[str, list[UUID]] = {"trees": [], "water": []}
    for position, (text, name, shape, group) in enumerate(NOTES):
        note = place_note(
            actor=Actor(user=people[position % len(people)], level=IdentityLevel.EMAIL),
            workshop=workshop,
            text=text,
            name=name,
            geometry=_inside(places, shape, inside),
            at=starts_at + timedelta(minutes=3 * position),
        )
        if group:
            sorted_into[group].append(note.code)
    for key, name, colour in (("trees", "Arbres", "green"), ("water", "Eau", "blue")):
        made = save_group(agent=agent, workshop=workshop, name=name, colour=colour)
        group_notes(agent=agent, workshop=workshop, codes=sorted_into[key], group=made.code)


def _inside(places: PlaceMaker, shape: Shape, target: GEOSGeometry | None) -> GEOSGeometry:
    """A place of this shape wholly in the target; where none is found, a point in its middle."""
    for _attempt in range(40):
        place, _street = places.make(shape)
        if target is None or target.covers(place):
            return place
    assert target is not None  # noqa: S101 - without a target, the first place is taken
    return target.point_on_surface
