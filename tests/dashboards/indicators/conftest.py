"""A town where things were said from January to April 2026, some at the ends of months."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import Device, User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.models import Contribution, Support
from geoparticipation.followup.models import Case, Commitment, Measure, OfficialAnswer
from geoparticipation.meetings.models import Meeting, Registration
from neighbourhoods.models import District
from tests.fixtures.tiny_town import TinyTown, build_tiny_town

TODAY = date(2026, 5, 10)
EDGES = (
    datetime(2026, 1, 31, 22, 30, tzinfo=UTC),  # 23:30 in the town: January
    datetime(2026, 1, 31, 23, 30, tzinfo=UTC),  # 00:30 in the town: February
    datetime(2026, 3, 31, 21, 59, tzinfo=UTC),  # 23:59 in the summer time of the town: March
    datetime(2026, 3, 31, 22, 0, tzinfo=UTC),  # midnight: April
)
"""Moments of which the month is another in the town than in Greenwich, and those right before."""


@dataclass
class Planted:
    """The town, and every act of a person as it was planted: who, when, in which district, whether it counts."""

    town: TinyTown
    consultation: Consultation
    draft: Consultation
    contributions: list[Contribution]
    people: list[User]
    acts: list[dict[str, Any]] = field(default_factory=list)


def day_of(moment: datetime) -> date:
    """The town's day, by the offsets of Brussels in the first half of 2026."""
    summer = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    return (moment.astimezone(UTC) + timedelta(hours=2 if moment >= summer else 1)).date()


@pytest.fixture(scope="module")
def planted_once(shared_database: None) -> Planted:
    """The town, planted once for the tests of a module."""
    return plant(build_tiny_town())


@pytest.fixture
def planted(planted_once: Planted, db: None) -> Planted:
    """What was planted; what a test changes of it is undone."""
    return planted_once


def plant(tiny_town: TinyTown) -> Planted:
    """Make everything row by row, with dates; nothing by the functions that are tested."""
    draw = random.Random(8)
    consultation, draft = (
        Consultation.objects.create(slug=state, title=state, summary="-", state=state)
        for state in ("published", "draft")
    )
    people = [User(email=f"p{at}@example.org", role=Role.CITIZEN, date_joined=_moment(draw)) for at in range(29)] + [
        User(email="staff@example.org", role=Role.AGENT, date_joined=_moment(draw))
    ]
    people = User.objects.bulk_create(people)
    devices = Device.objects.bulk_create(Device(key_hash=f"{at:064d}") for at in range(12))
    places = [(tiny_town.west, 4.405), (tiny_town.west, 4.406), (tiny_town.east, 4.415), (None, 4.43)]
    planted = Planted(tiny_town, consultation, draft, [], people)
    for at in range(120):
        moment = EDGES[at] if at < len(EDGES) else _moment(draw)
        district, lon = draw.choice(places)
        person = draw.choice(people) if draw.random() < 0.7 else None
        status = draw.choices([Status.PUBLISHED, Status.HIDDEN, Status.WITHDRAWN, Status.SUBMITTED], [8, 1, 1, 1])[0]
        made = Contribution.objects.create(
            kind=Kind.PROPOSAL if draw.random() < 0.9 else Kind.OFFER,
            consultation=draft if draw.random() < 0.1 else consultation,
            author=person,
            title=f"Idea {at}",
            status=status,
            geometry=Point(lon, 50.845, srid=4326),
            public_geometry=Point(lon, 50.845, srid=4326),
            located_by="pin",
            district=district,
            submitted_at=moment,
        )
        planted.contributions.append(made)
        if person is not None and status != Status.WITHDRAWN:
            _note(planted, person, moment, district)
    for at in range(60):
        idea = draw.choice(planted.contributions[:100])
        moment = _moment(draw)
        device = devices[at % 12] if at % 2 else None
        person = None if device else draw.choice(people)
        if Support.objects.filter(contribution=idea, user=person, device=device).exists():
            continue
        support = Support.objects.create(contribution=idea, user=person, device=device)
        Support.objects.filter(pk=support.pk).update(created_at=moment)
        _note(planted, person or device, moment, idea.district)
    _follow_up(planted)
    _meet(planted)
    return planted


def _moment(draw: random.Random) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(120 * 24 * 60 - 180))


def _note(planted: Planted, who: User | Device | None, moment: datetime, district: District | None) -> None:
    if isinstance(who, User) and who.role == Role.AGENT:
        return
    planted.acts.append(
        {
            "who": f"{type(who).__name__} {who.pk if who else ''}",
            "month": day_of(moment).replace(day=1),
            "district": district.code if district else "",
        }
    )


def _follow_up(planted: Planted) -> None:
    """Taken up on 10, 20 and 30 January and on the last of March; two answered, one of them done for 1,200.50 €."""
    rule = Commitment.objects.create(in_force_from=date(2026, 1, 1), support_threshold=3, study_days=30, answer_days=60)
    online = [
        idea
        for idea in planted.contributions
        if idea.status == Status.PUBLISHED and idea.consultation == planted.consultation and idea.district
    ]
    days = (date(2026, 1, 10), date(2026, 1, 20), date(2026, 1, 30), date(2026, 3, 31))
    cases = [
        Case.objects.create(
            contribution=idea,
            opening="agent",
            opened_on=day,
            commitment=rule,
            study_due_on=day + timedelta(30),
            answer_due_on=day + timedelta(60),
        )
        for idea, day in zip(online, days, strict=False)
    ]
    for case, day in zip(cases, (date(2026, 2, 1), date(2026, 3, 31)), strict=False):
        OfficialAnswer.objects.create(case=case, decision="accepted", text="Yes.", signed_by="A", answered_on=day)
    Measure.objects.create(
        contribution=cases[0].contribution, progress="done", spent=Decimal("1200.50"), done_on=date(2026, 4, 30)
    )
    hidden = next(idea for idea in planted.contributions if idea.status == Status.HIDDEN)
    Case.objects.create(
        contribution=hidden,
        opening="agent",
        opened_on=date(2026, 1, 5),
        commitment=rule,
        study_due_on=date(2026, 2, 1),
        answer_due_on=date(2026, 3, 1),
    )


def _meet(planted: Planted) -> None:
    """One held in East in February, one of the same month called off, one a draft, one to come."""
    for state, month in (("announced", 2), ("cancelled", 2), ("draft", 2), ("announced", 0)):
        starts_at = datetime(2026, month, 20, 18, tzinfo=UTC) if month else timezone.now() + timedelta(days=9)
        meeting = Meeting.objects.create(
            state=state,
            title="Evening",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            geometry=Point(4.4151, 50.845, srid=4326),
        )
        if state == "announced" and month:
            for person in planted.people[:3]:
                queued_at = datetime(2026, 2, 10, 12, tzinfo=UTC)
                Registration.objects.create(meeting=meeting, user=person, state="confirmed", queued_at=queued_at)
                _note(planted, person, queued_at, None)
