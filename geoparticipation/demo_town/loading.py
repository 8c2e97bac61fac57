"""Fills a loaded territory with accounts, consultations and contributions, through the same functions as the pages."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone

from geoparticipation.accounts.domain.people import save_person
from geoparticipation.accounts.enums import IdentityLevel, Role
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain import (
    apply_process_template,
    publish_consultation,
    save_consultation,
)
from geoparticipation.consultations.enums import Feature, ModerationRule
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.phases import open_phase
from geoparticipation.contributions.domain import add_photo, give_support, submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.demo_town.budgets import load_budgets
from geoparticipation.demo_town.councils import load_councils
from geoparticipation.demo_town.following import load_followup
from geoparticipation.demo_town.mailing import load_mailing
from geoparticipation.demo_town.market_square import load_market_square
from geoparticipation.demo_town.measures import load_measures
from geoparticipation.demo_town.meeting import load_meetings
from geoparticipation.demo_town.pictures import draw_photo
from geoparticipation.demo_town.places import PlaceMaker, busiest_streets, open_ground
from geoparticipation.demo_town.plans import load_plans
from geoparticipation.demo_town.surveys import load_survey
from geoparticipation.demo_town.texts import CALM_STREETS, CHARTER, PAST_PLAYGROUND, PEOPLE, SHADE_AND_WATER, Idea
from geoparticipation.demo_town.volunteering import load_volunteering
from geoparticipation.demo_town.workshop import load_workshop
from geoparticipation.demo_town.year import load_year
from geoparticipation.moderation.domain import decide, mark_read
from layers.geometry import buffered
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind, Side
from neighbourhoods.models import District, Street, Target

UNREAD_DAYS: Final = 16
DEMO_PASSWORD: Final = "geoparticipation-demo"
STAFF: Final = (
    ("agent@example.org", "Agnès, service participation", Role.AGENT),
    ("moderator@example.org", "Mo, modération", Role.MODERATOR),
    ("planner@example.org", "Paula, urbanisme", Role.PLANNER),
    ("council@example.org", "Conseil de quartier", Role.COUNCILLOR),
    ("citizen@example.org", "Camille", Role.CITIZEN),
)


@dataclass(frozen=True)
class DemoTown:
    """What was loaded."""

    consultations: int
    contributions: int
    supports: int


def is_loaded() -> bool:
    """Whether this database already holds the demo."""
    return User.objects.filter(email=STAFF[0][0]).exists() and Consultation.objects.exists()


@transaction.atomic
def load_town_life(*, seed: int = 1030) -> DemoTown:
    """Make the demo's people, consultations, budgets and exchange, and what was said in them. All or nothing.

    Needs streets with a course. The same seed on the same territory gives the same places and words.
    """
    staff = {
        role: save_person(email=email, role=role, name=name, password=DEMO_PASSWORD) for email, name, role in STAFF
    }
    people = [staff[Role.CITIZEN]] + [save_person(email=f"{key}@example.org", name=name) for key, name in PEOPLE]
    agent = staff[Role.AGENT]
    colleague = save_person(email="colleague@example.org", role=Role.AGENT, name="Luc, service participation")
    streets = busiest_streets(14)
    if not streets:
        raise ValueError("The territory has no streets: import a town first.")
    today = timezone.localdate()
    voices = _Voices(people, staff[Role.MODERATOR], seed)

    calm = _street_consultation(agent, streets, today)
    voices.speak(calm, CALM_STREETS, days_ago=24)
    load_survey(consultation=calm, agent=agent, seed=seed)
    shade = _shade_consultation(agent, streets, today)
    voices.speak(shade, SHADE_AND_WATER, days_ago=17, waiting=3)
    playground = _past_consultation(agent, streets, today)
    voices.speak(playground, PAST_PLAYGROUND, days_ago=150)
    load_followup(agent=agent)
    load_mailing(agent=agent, consultation=calm, seed=seed)
    load_budgets(agent=agent, colleague=colleague, people=people, streets=streets, seed=seed)
    load_measures(agent=agent)
    load_volunteering(agent=agent, moderator=staff[Role.MODERATOR], people=people, today=today, seed=seed)
    place, _street = PlaceMaker(streets, seed).make("point")
    load_meetings(agent=agent, people=people, soon=calm, past=playground, place=place)
    load_workshop(agent=agent, people=people, consultation=shade, streets=streets, seed=seed)
    load_plans(agent=agent, people=people, streets=streets, now_in=calm, today=today, seed=seed)
    square = [PartSpec(kind=PartKind.STREET, street_id=street.pk, buffer_m=40) for street in streets[4:7] or streets]
    load_market_square(
        agent=agent, target=_target("Autour de la place du marché", square, agent), place=place, speak=voices.speak
    )
    load_councils(agent=agent, councillor=staff[Role.COUNCILLOR], streets=streets)
    voices.supports += load_year(
        agent=agent, moderator=staff[Role.MODERATOR], people=people, streets=busiest_streets(60), seed=seed
    )
    return DemoTown(Consultation.objects.count(), Contribution.objects.count(), voices.supports)


def _street_consultation(agent: User, streets: Sequence[Street], today: date) -> Consultation:
    street = streets[0]
    parts = [
        PartSpec(kind=PartKind.STREET, street_id=street.pk, side=Side.EVEN, number_from=2, number_to=60, buffer_m=50),
        _neighbouring_area(streets),
    ]
    target = _target(f"{street.name}, côté pair, du 2 au 60, et alentours", parts, agent)
    consultation = save_consultation(
        user=agent,
        title=f"{street.name} : une rue plus calme",
        summary="Comment mieux partager la rue entre enfants, vélos, bus et voitures ? Montrez les endroits.",
        description=(
            "<p>La conduite d’eau doit être remplacée l’an prochain. La rue sera ouverte : c’est l’occasion de la"
            " redessiner. <strong>Rien n’est décidé.</strong></p><h3>Ce que nous vous demandons</h3><ul><li>Montrez"
            " les endroits dangereux ou désagréables.</li><li>Dites ce qui manque.</li><li>Soutenez les idées des"
            " autres.</li></ul><h3>Ce que nous en ferons</h3><p>Une synthèse publique, une soirée de débat, puis une"
            " décision du collège, avec une réponse à chaque idée soutenue.</p>"
        ),
        language="fr",
        target=target,
        identity_level=IdentityLevel.DEVICE,
        moderation=ModerationRule.AFTER,
        political_lead="Sofia Lemaire, échevine de la mobilité",
        operational_lead="Tom Wagner, service voirie",
        help_place="Bibliothèque, salle du rez-de-chaussée",
        help_phone="+000 11 22 33",
        help_hours="mardi et jeudi, de 14 h à 18 h",
        video_url="https://example.org/presentation-du-projet",
    )
    return _online(consultation, "consultation", today - timedelta(days=40), (14, 42, 21, 21, None), agent)


def _shade_consultation(agent: User, streets: Sequence[Street], today: date) -> Consultation:
    parts = [PartSpec(kind=PartKind.STREET, street_id=street.pk, buffer_m=60) for street in streets[:8]]
    target = _target("Le centre et ses rues", parts, agent)
    consultation = save_consultation(
        user=agent,
        title="De l’ombre et de l’eau",
        summary="Où planter, où s’asseoir, où laisser couler l’eau ? Les idées retenues seront mises au vote.",
        description=(
            "<p>Les étés deviennent plus chauds. La commune réserve un budget aux idées des habitants : arbres,"
            " bancs, fontaines, cours d’école.</p><p>Les services étudient chaque idée qui reçoit assez de soutiens,"
            " puis vous votez.</p>"
        ),
        language="fr",
        target=target,
        identity_level=IdentityLevel.EMAIL,
        moderation=ModerationRule.BEFORE,
        political_lead="Karim Haddad, échevin des espaces verts",
        operational_lead="Lena Schmit, service des parcs",
        help_place="Maison de quartier",
        help_phone="+000 11 22 44",
        help_hours="du lundi au vendredi, de 9 h à 12 h",
        charter=CHARTER,
    )
    return _online(consultation, "ideas", today - timedelta(days=20), (42, 42, 21, None), agent)


def _past_consultation(agent: User, streets: Sequence[Street], today: date) -> Consultation:
    parts = [PartSpec(kind=PartKind.STREET, street_id=street.pk, buffer_m=30) for street in streets[2:4]]
    target = _target("Autour de l’aire de jeux", parts, agent)
    consultation = save_consultation(
        user=agent,
        title="La nouvelle aire de jeux",
        summary="Les enfants et leurs parents ont choisi les jeux. La décision est prise, les travaux commencent.",
        description="<p>Merci à toutes les familles. Le collège a retenu la balançoire adaptée et le toboggan.</p>",
        language="fr",
        target=target,
        political_lead="Sofia Lemaire, échevine de la mobilité",
        operational_lead="Lena Schmit, service des parcs",
    )
    return _online(consultation, "consultation", today - timedelta(days=170), (10, 42, 21, 21, None), agent)


def _neighbouring_area(streets: Sequence[Street]) -> PartSpec:
    """The smallest current district of the second street where the town has districts, else an area around it."""
    homes = streets[min(1, len(streets) - 1)].addresses.filter(district__isnull=False)
    district = District.objects.filter(pk__in=homes.values("district")[:1]).first()
    if district is not None and District.objects.current().filter(release=district.release).count() > 1:
        return PartSpec(kind=PartKind.DISTRICT, district_id=district.pk)
    ground = open_ground() or streets[min(1, len(streets) - 1)].geometry
    return PartSpec(kind=PartKind.SHAPE, shape=_around(ground, 40))


def _around(geometry: GEOSGeometry, metres: float) -> GEOSGeometry:
    return buffered(geometry, metres).simplify(0.00001, preserve_topology=True)


def _target(name: str, parts: Iterable[PartSpec], agent: User) -> Target:
    return save_target(name=name, parts=parts, user=agent)


def _online(
    consultation: Consultation, template: str, starts_on: date, days: tuple[int | None, ...], agent: User
) -> Consultation:
    apply_process_template(consultation=consultation, template=template, starts_on=starts_on, days=days, user=agent)
    return publish_consultation(consultation=consultation, user=agent)


class _Voices:
    """Lets the people speak, each idea at its own moment, and support one another."""

    def __init__(self, people: Sequence[User], moderator: User, seed: int) -> None:
        self._people = people
        self._actors = [Actor(user=person, level=IdentityLevel.EMAIL) for person in people]
        self._moderator = moderator
        self._random = random.Random(seed)  # noqa: S311  (a demo, not a secret)
        self._seed = seed
        self.supports = 0

    def speak(
        self,
        consultation: Consultation,
        ideas: Sequence[Idea],
        *,
        days_ago: int,
        waiting: int = 0,
    ) -> None:
        """Submit the ideas over the days since `days_ago`; the last `waiting` ones stay in the moderators' queue."""
        area = consultation.target.geometry if consultation.target else None
        streets = busiest_streets(30, touching=area) or busiest_streets(30)
        places = PlaceMaker(streets, self._seed + consultation.pk, near=area)
        moments = self._moments(timezone.now() - timedelta(days=days_ago), len(ideas))
        speakers = cycle(self._actors)
        for position, (idea, at) in enumerate(zip(ideas, moments, strict=True)):
            geometry, street = places.make(idea.shape)
            speaker = next(speakers)
            contribution = submit_contribution(
                actor=speaker,
                consultation=consultation,
                kind=Kind.PROPOSAL,
                title=idea.title,
                body=idea.body.format(street=street.name),
                geometry=geometry,
                located_by=LocatedBy.PIN if idea.shape == "point" else LocatedBy.DRAWN,
                language=idea.language,
                charter_accepted=True,
                at=at,
            )
            for name in idea.pictures:
                content, description = draw_photo(name)
                add_photo(actor=speaker, contribution=contribution, content=content, description=description, at=at)
            if position >= len(ideas) - waiting:
                continue
            self._publish(contribution)
            for hours, text in enumerate(idea.comments, start=1):
                self._comment(contribution, text, idea.language, next(speakers), at + timedelta(hours=5 * hours))
            self._support(contribution, idea.popularity, at + timedelta(hours=1))

    def _moments(self, first: datetime, count: int) -> Iterator[datetime]:
        for position in range(count):
            yield first + timedelta(hours=11.3 * position, minutes=self._random.randrange(200))

    def _comment(self, parent: Contribution, text: str, language: str, actor: Actor, at: datetime) -> None:
        comment = submit_contribution(
            actor=actor,
            consultation=parent.consultation,
            kind=Kind.COMMENT,
            parent=parent,
            body=text,
            located_by=LocatedBy.INHERITED,
            language=language,
            charter_accepted=True,
            at=min(at, timezone.now()),
        )
        self._publish(comment)

    def _publish(self, contribution: Contribution) -> None:
        """Let the moderator publish what waits, and read what came online at once (but the last days' texts)."""
        if contribution.status == Status.SUBMITTED:
            decide(contribution=contribution, moderator=self._moderator, to_status=Status.PUBLISHED, reason="")
        elif contribution.submitted_at < timezone.now() - timedelta(days=UNREAD_DAYS):
            mark_read(contribution=contribution, moderator=self._moderator)

    def _support(self, contribution: Contribution, popularity: float, at: datetime) -> None:
        if open_phase(contribution.consultation, Feature.SUPPORT, at) is None:
            return
        for actor in self._actors:
            if actor.user != contribution.author and self._random.random() < popularity:
                give_support(actor=actor, contribution=contribution, at=at)
                self.supports += 1
