"""Who may do what for a council: everybody tries every act, and one of them may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain import PhaseInput, archive_consultation, publish_consultation
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.councils.domain.area import save_council_target
from geoparticipation.councils.domain.consultations import (
    ask_to_read,
    change_consultation,
    close_early,
    put_online,
    start_consultation,
)
from geoparticipation.councils.domain.councils import remove_member, save_council, save_member
from geoparticipation.councils.errors import AlreadySeated, BeyondArea, CouncilIncomplete, NoLongerYours, ReadFirst
from geoparticipation.councils.models import Council, CouncilConsultation
from geoparticipation.meetings.domain.meetings import announce_meeting, cancel_meeting, save_meeting, write_minutes
from geoparticipation.meetings.errors import MeetingIncomplete
from geoparticipation.meetings.forms import MeetingForm
from geoparticipation.meetings.models import Meeting
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind, Side
from tests.councils.conftest import Councils, target_of
from tests.fixtures.question import IN_RUE_HAUTE
from tests.fixtures.tiny_town import TinyTown

FIRST_DAY = date(2026, 3, 2)
SAID = {"title": "Benches in West", "summary": "Where do you want to sit?", "process": "consultation"}


def start(user: User, council: Council, **said: Any) -> CouncilConsultation:
    consultation = start_consultation(user=user, council=council, **{**SAID, "starts_on": FIRST_DAY, **said})
    return CouncilConsultation.objects.get(consultation=consultation)


def phases_of(consultation: Consultation) -> list[PhaseInput]:
    names = ("pk", "kind", "title", "description", "starts_at", "ends_at")
    return [PhaseInput(**{name: getattr(phase, name) for name in names}) for phase in consultation.phases.all()]


def change(user: User, started: CouncilConsultation, **said: Any) -> Consultation:
    said = {"title": "Benches", "summary": "Where?", **said}
    return change_consultation(user=user, started=started, phases=phases_of(started.consultation), **said)


def meet(user: User, council: Council | None, **said: Any) -> Meeting:
    begins = timezone.now() + timedelta(days=3)
    said = {"starts_at": begins, "ends_at": begins + timedelta(hours=2), **said}
    return save_meeting(agent=user, council=council, title="Evening", geometry=Point(*IN_RUE_HAUTE, srid=4326), **said)


Act = Callable[[User, Council, CouncilConsultation, Meeting], object]
ACTS: dict[str, Act] = {
    "start a consultation": lambda user, council, started, meeting: start(user, council),
    "change it": lambda user, council, started, meeting: change(user, started),
    "ask for it to be read": lambda user, council, started, meeting: ask_to_read(user=user, started=started),
    "put it online": lambda user, council, started, meeting: put_online(user=user, started=started),
    "make a target": lambda user, council, started, meeting: save_council_target(
        user=user,
        council=council,
        name="Part",
        parts=[PartSpec(kind=PartKind.DISTRICT, district_id=_district(council))],
    ),
}
MEETING_ACTS: dict[str, Act] = {
    "make a meeting": lambda user, council, started, meeting: meet(user, council),
    "change a meeting": lambda user, council, started, meeting: meet(user, council, meeting=meeting),
    "announce it": lambda user, council, started, meeting: announce_meeting(agent=user, meeting=meeting),
    "cancel it": lambda user, council, started, meeting: (
        _announced(meeting) and cancel_meeting(agent=user, meeting=meeting)
    ),
    "write minutes": lambda user, council, started, meeting: (
        _announced(meeting)
        and write_minutes(agent=user, meeting=meeting, minutes="All came.", decisions=[("Plant", None)])
    ),
}
AGENTS_ACTS: dict[str, Act] = {
    "change the council": lambda user, council, started, meeting: save_council(
        agent=user, council=council, name="West", area=council.area, may_publish=True
    ),
    "give a seat": lambda user, council, started, meeting: save_member(
        agent=user, council=council, name="New", since=FIRST_DAY
    ),
    "take a seat away": lambda user, council, started, meeting: remove_member(
        agent=user, member=council.members.earliest("pk")
    ),
}
PEOPLE = (
    "agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider", "visitor", "of another council",
    "whose term is over", "whose term is to come", "without a seat", "closed", "citizen with a seat",
)  # fmt: skip


def _district(council: Council) -> int:
    part = council.area.parts.get()
    assert part.district_id is not None
    return part.district_id


def _announced(meeting: Meeting) -> bool:
    return bool(Meeting.objects.filter(pk=meeting.pk).update(state="announced"))


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_tries_every_act(councils: Councils, agent: User, person: str) -> None:
    """One table: for each act who may; `put it online` further needs that the council publishes itself."""
    save_council(agent=agent, council=councils.west, name="West", area=councils.west.area, may_publish=True)
    west = Council.objects.get(pk=councils.west.pk)
    councillor = councils.people["councillor"]
    assert councillor is not None
    may = {
        **dict.fromkeys(ACTS, person == "councillor"),
        **dict.fromkeys(MEETING_ACTS, person in {"councillor", "agent"}),
        **dict.fromkeys(AGENTS_ACTS, person == "agent"),
    }
    user = councils.people[person]

    done = {}
    for name, act in {**ACTS, **MEETING_ACTS, **AGENTS_ACTS}.items():
        started, meeting = start(councillor, west), meet(councillor, west)
        try:
            act(user, west, started, meeting)  # type: ignore[arg-type]
        except NotAllowed:
            done[name] = False
        else:
            done[name] = True

    assert done == may


STATES = {
    # state, may_publish: who succeeds in changing, asking, publishing, closing
    ("draft", False): (None, None, ReadFirst, ReadFirst),
    ("draft", True): (None, None, None, NotAllowed),
    ("published", False): (NoLongerYours, NoLongerYours, ReadFirst, ReadFirst),
    ("published", True): (None, NoLongerYours, NoLongerYours, None),
    ("archived", False): (NoLongerYours, NoLongerYours, ReadFirst, ReadFirst),
    ("archived", True): (NoLongerYours, NoLongerYours, NoLongerYours, NotAllowed),
}


@pytest.mark.parametrize(("state", "may_publish"), list(STATES))
def test_what_a_council_may_do_with_what_it_started(
    councils: Councils, agent: User, councillor: User, state: str, may_publish: bool
) -> None:
    save_council(agent=agent, council=councils.west, name="West", area=councils.west.area, may_publish=may_publish)
    west = Council.objects.get(pk=councils.west.pk)
    acts: tuple[Callable[[CouncilConsultation], object], ...] = (
        lambda started: change(councillor, started),
        lambda started: ask_to_read(user=councillor, started=started),
        lambda started: put_online(user=councillor, started=started),
        lambda started: close_early(user=councillor, started=started),
    )
    for act, refused in zip(acts, STATES[state, may_publish], strict=True):
        started = start(councillor, west)
        Consultation.objects.filter(pk=started.consultation_id).update(state=state)
        if refused is None:
            act(started)
        else:
            with pytest.raises(refused):
                act(started)


def test_agent_puts_online_what_a_council_asked_to_be_read(councils: Councils, agent: User, councillor: User) -> None:
    started = start(councillor, councils.west)
    first = ask_to_read(user=councillor, started=started).asked_at
    assert ask_to_read(user=councillor, started=started).asked_at == first

    publish_consultation(consultation=started.consultation, user=agent)
    archive_consultation(consultation=started.consultation, user=agent)

    assert Consultation.objects.get(pk=started.consultation_id).state == ConsultationState.ARCHIVED


def test_draft_is_aimed_at_the_whole_area_unless_told_otherwise(
    councils: Councils, councillor: User, tiny_town: TinyTown
) -> None:
    started = start(councillor, councils.west)
    assert started.consultation.target == councils.west.area
    assert [phase.kind for phase in started.consultation.phases.all()] == [
        "presentation",
        "contribution",
        "synthesis",
        "debate",
        "decision",
    ]

    street = PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk, side=Side.EVEN, number_to=4)
    part = save_council_target(user=councillor, council=councils.west, name="Even side", parts=[street])
    assert change(councillor, started, target=part).target == part
    assert change(councillor, started).target == councils.west.area


def test_nothing_reaches_beyond_the_area(
    councils: Councils, councillor: User, agent: User, tiny_town: TinyTown
) -> None:
    beyond = [
        PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.east.pk),
        PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk),
        PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.west.pk, buffer_m=1),
        PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_basse.pk),
    ]
    started = start(councillor, councils.west)
    for position, part in enumerate(beyond):
        with pytest.raises(BeyondArea):
            save_council_target(user=councillor, council=councils.west, name="Beyond", parts=[part])
        target = save_target(name=f"Beyond {position}", parts=[part], user=agent)
        with pytest.raises(BeyondArea):
            start(councillor, councils.west, target=target)
        with pytest.raises(BeyondArea):
            change(councillor, started, target=target)
    assert CouncilConsultation.objects.get().consultation.target == councils.west.area
    assert not councils.west.area.__class__.objects.filter(name="Beyond").exists()


def test_when_the_area_changes_what_is_online_stays_and_a_draft_needs_another_target(
    councils: Councils, agent: User, councillor: User, tiny_town: TinyTown
) -> None:
    online, draft = (start(councillor, councils.west, target=target_of(tiny_town.west)) for _number in range(2))
    publish_consultation(consultation=online.consultation, user=agent)

    shrunk = PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk)
    save_target(name="West", parts=[shrunk], user=agent, target=councils.west.area)
    save_council(agent=agent, council=councils.west, name="West", area=councils.west.area, may_publish=True)

    assert Consultation.objects.get(pk=online.consultation_id).state == ConsultationState.PUBLISHED
    with pytest.raises(BeyondArea):
        put_online(user=councillor, started=draft)
    change(councillor, draft)
    assert put_online(user=councillor, started=draft).state == ConsultationState.PUBLISHED


def test_council_puts_nothing_online_that_an_agent_aimed_at_the_whole_town(
    councils: Councils, agent: User, councillor: User
) -> None:
    started = start(councillor, councils.west)
    save_council(agent=agent, council=councils.west, name="West", area=councils.west.area, may_publish=True)
    Consultation.objects.filter(pk=started.consultation_id).update(target=None)

    for act in (ask_to_read, put_online):
        with pytest.raises(BeyondArea):
            act(user=councillor, started=started)


def test_councillor_keeps_the_consultation_that_an_agent_gave_a_meeting(
    councils: Councils, agent: User, councillor: User, consultation: Consultation
) -> None:
    meeting = meet(agent, councils.west, consultation=consultation)
    form = MeetingForm(user=councillor, meeting=meeting)
    assert consultation in form.fields["consultation"].queryset

    kept = meet(councillor, councils.west, meeting=meeting, consultation=consultation, place_name="Other")

    assert (kept.consultation, kept.place_name) == (consultation, "Other")


def test_what_is_archived_or_closed_stays_with_its_meetings(
    councils: Councils, agent: User, consultation: Consultation
) -> None:
    meeting = meet(agent, councils.west, consultation=consultation)
    Consultation.objects.filter(pk=consultation.pk).update(state=ConsultationState.ARCHIVED)
    Council.objects.filter(pk=councils.west.pk).update(is_active=False)

    for known in (meeting, None):
        fields = MeetingForm(user=agent, meeting=known).fields
        assert (consultation in fields["consultation"].queryset) is (known is not None)
        assert (councils.west in fields["council"].queryset) is (known is not None)
        assert councils.east in fields["council"].queryset


def test_councillor_holds_meetings_about_consultations_of_the_own_council(
    councils: Councils, agent: User, councillor: User, consultation: Consultation
) -> None:
    own = start(councillor, councils.west).consultation
    meeting = meet(councillor, councils.west, consultation=own)
    with pytest.raises(MeetingIncomplete):
        meet(councillor, councils.west, consultation=consultation)
    for other in (councils.east, None):
        with pytest.raises(NotAllowed):
            meet(councillor, other, meeting=meeting)
        with pytest.raises(NotAllowed):
            meet(councillor, councils.west, meeting=meet(agent, other))


def test_nobody_sits_twice_at_a_time(councils: Councils, agent: User, councillor: User) -> None:
    council, today = councils.east, timezone.localdate()
    first = save_member(
        agent=agent, council=council, name="A", user=councillor, since=today, until=today + timedelta(days=9)
    )
    with pytest.raises(AlreadySeated):
        save_member(agent=agent, council=council, name="A", user=councillor, since=today + timedelta(days=9))
    save_member(agent=agent, council=council, name="A", user=councillor, since=today + timedelta(days=10))
    with pytest.raises(AlreadySeated):
        save_member(agent=agent, council=council, member=first, name="A", user=councillor, since=today)
    for said in ({"name": " "}, {"name": "x" * 81}, {"name": "A", "until": today - timedelta(days=1)}):
        with pytest.raises(CouncilIncomplete):
            save_member(agent=agent, council=council, since=today, **said)  # type: ignore[arg-type]


def test_councillor_who_becomes_a_citizen_acts_no_longer(councils: Councils, councillor: User) -> None:
    started = start(councillor, councils.west)
    councillor.role = Role.CITIZEN
    councillor.save()

    with pytest.raises(NotAllowed):
        change(councillor, started)
