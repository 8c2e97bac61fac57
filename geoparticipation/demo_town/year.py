"""A year of the demo town: a box for ideas that is always open, and people who join month by month."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, Subquery
from django.db.models.functions import Least, Mod
from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device, User
from geoparticipation.consultations.domain import PhaseInput, publish_consultation, save_consultation, save_phases
from geoparticipation.consultations.enums import ModerationRule, PhaseKind
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import give_support, submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy
from geoparticipation.contributions.models import Contribution, Support
from geoparticipation.dashboards.indicators.counting import count_indicators
from geoparticipation.dashboards.indicators.people import record_people
from geoparticipation.demo_town.places import PlaceMaker
from geoparticipation.moderation.domain import mark_read
from neighbourhoods.models import Street

DAYS: Final = 400
MONTHLY: Final = (4, 3, 5, 7, 8, 5, 4, 3, 6, 7, 5, 4, 4)
"""Ideas in each of the months, the earliest first: more in spring and autumn."""
IDEAS: Final = (
    ("fr", "Un banc à l’ombre", "Pour se reposer à mi-chemin de {street}."),
    ("en", "A lamp that works", "The third lamp of {street} has been dark since autumn."),
    ("fr", "Des arceaux pour vélos", "Les vélos sont attachés aux arbres de {street}."),
    ("fr", "Une boîte à livres", "Au coin de {street}, sous l’abri."),
    ("en", "A crossing near the school", "Children run across {street} every morning."),
    ("fr", "Moins de flaques", "Le trottoir de {street} est sous l’eau à chaque pluie."),
    ("fr", "Un composteur de quartier", "Plusieurs familles de {street} s’en occuperaient."),
    ("en", "Trees along the car park", "The asphalt beside {street} gets too hot in summer."),
    ("fr", "Une fontaine à boire", "Près de {street}, là où les enfants jouent."),
    ("fr", "Un passage plus clair", "On ne voit pas les piétons de {street} le soir."),
    ("en", "Room for prams", "The pavement of {street} is too narrow for two."),
)


def load_year(*, agent: User, moderator: User, people: Sequence[User], streets: list[Street], seed: int) -> int:
    """Fill the months of a year, and let what was given before lie in it; returns the supports that were added.

    Then everything is counted.
    """
    draw = random.Random(seed)  # noqa: S311  (a demo, not a secret)
    now = timezone.now()
    box = _box(agent, now)
    places = PlaceMaker(streets, seed + 5)
    supports = 0
    for number, at in enumerate(_moments(draw, now)):
        language, title, body = IDEAS[number % len(IDEAS)]
        geometry, street = places.make("point")
        idea = submit_contribution(
            actor=_browser(f"idea-{number}"),
            consultation=box,
            kind=Kind.PROPOSAL,
            title=title,
            body=body.format(street=street.name),
            geometry=geometry,
            located_by=LocatedBy.PIN,
            language=language,
            at=at,
        )
        mark_read(contribution=idea, moderator=moderator)
        for voice in range(draw.randrange(1, 5)):
            give_support(actor=_browser(f"support-{number}-{voice}"), contribution=idea)
            supports += 1
    _spread(people, now)
    count_indicators()
    record_people(today=timezone.localdate())
    return supports


def _box(agent: User, now: datetime) -> Consultation:
    box = save_consultation(
        user=agent,
        title="La boîte à idées",
        summary="Toute l’année, dans toute la commune : montrez l’endroit, dites l’idée.",
        description="<p>Chaque mois, les services lisent ce qui est arrivé. Ce qui a assez de soutiens est étudié.</p>",
        language="fr",
        identity_level=IdentityLevel.DEVICE,
        moderation=ModerationRule.AFTER,
        operational_lead="Agnès, service participation",
    )
    starts_at = now - timedelta(days=DAYS + 5)
    save_phases(consultation=box, phases=[PhaseInput(kind=PhaseKind.CONTRIBUTION, starts_at=starts_at)], user=agent)
    return publish_consultation(consultation=box, user=agent)


def _moments(draw: random.Random, now: datetime) -> Iterator[datetime]:
    month = DAYS / len(MONTHLY)
    for at, ideas in enumerate(MONTHLY):
        for _idea in range(ideas):
            yield now - timedelta(days=DAYS - at * month - draw.random() * (month - 1))


def _browser(name: str) -> Actor:
    return Actor(device=Device(key_hash=f"demo-{name}"), level=IdentityLevel.DEVICE)


def _spread(people: Sequence[User], now: datetime) -> None:
    """Let people join through the year, more with each month, and supports follow their ideas within days."""
    joined = [
        now - timedelta(days=DAYS - (at + 0.5) * DAYS / len(MONTHLY), hours=number)
        for at in range(len(MONTHLY))
        for number in range(5 + at % 3)
    ]
    for person, at in zip(people, joined[:: max(1, len(joined) // len(people))], strict=False):
        User.objects.filter(pk=person.pk).update(date_joined=at)
    nobody = make_password(None)
    User.objects.bulk_create(
        User(email=f"resident-{number}@example.org", date_joined=at, password=nobody)
        for number, at in enumerate(joined)
    )
    submitted = Contribution.objects.filter(pk=OuterRef("contribution")).values("submitted_at")[:1]
    later = ExpressionWrapper(
        Subquery(submitted) + timedelta(hours=3) * (1 + Mod(F("pk"), 17)), output_field=DateTimeField()
    )
    Support.objects.update(created_at=Least(later, now))
