"""Every act on a meeting, tried by everybody at every moment; a council's own meetings are in `tests/councils`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import pytest

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.meetings.domain.meetings import announce_meeting, cancel_meeting, save_meeting, write_minutes
from geoparticipation.meetings.domain.registrations import enter_registration, register_for
from geoparticipation.meetings.errors import MeetingNotOpen, NotAnnounced, SignInToRegister
from geoparticipation.meetings.models import Meeting
from tests.fixtures.question import actor_of, device_actor
from tests.meetings.conftest import MakeMeeting

pytestmark = pytest.mark.django_db

Act = Callable[[User, Meeting, datetime], object]

MOMENTS: Final = ("draft", "announced", "begun", "over", "cancelled")
PEOPLE: Final = ("agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider")
EVERYBODY, AGENTS = frozenset(PEOPLE), frozenset({"agent"})


def register(user: User, meeting: Meeting, at: datetime) -> object:
    return register_for(actor=actor_of(user), meeting=meeting, at=at)


def enter(user: User, meeting: Meeting, at: datetime) -> object:
    return enter_registration(agent=user, meeting=meeting, name="Mrs Weber", at=at)


def change(user: User, meeting: Meeting, at: datetime) -> object:
    days = {"starts_at": meeting.starts_at, "ends_at": meeting.ends_at}
    return save_meeting(agent=user, meeting=meeting, title="Another title", geometry=meeting.geometry, **days, at=at)


def announce(user: User, meeting: Meeting, at: datetime) -> object:
    return announce_meeting(agent=user, meeting=meeting, at=at)


def cancel(user: User, meeting: Meeting, at: datetime) -> object:
    return cancel_meeting(agent=user, meeting=meeting, at=at)


def minute(user: User, meeting: Meeting, at: datetime) -> object:
    return write_minutes(agent=user, meeting=meeting, minutes="All agreed.", decisions=[("Trees are planted.", None)])


# Who may, when, and how the others of them are refused at another moment.
TABLE: Final[dict[Act, tuple[frozenset[str], frozenset[str], type[Exception]]]] = {
    register: (EVERYBODY, frozenset({"announced", "begun"}), MeetingNotOpen),
    enter: (AGENTS, frozenset({"announced", "begun"}), MeetingNotOpen),
    change: (AGENTS, frozenset(MOMENTS), AssertionError),
    announce: (AGENTS, frozenset({"draft"}), NotAnnounced),
    cancel: (AGENTS, frozenset({"announced", "begun"}), NotAnnounced),
    minute: (AGENTS, frozenset({"announced", "begun", "over", "cancelled"}), NotAnnounced),
}


def at_moment(make_meeting: MakeMeeting, agent: User, moment: str) -> tuple[Meeting, datetime]:
    """A meeting, and the time at which it is so far with it."""
    meeting = make_meeting(announced=moment != "draft")
    if moment == "cancelled":
        cancel_meeting(agent=agent, meeting=meeting)
    times = {"begun": meeting.starts_at + timedelta(minutes=1), "over": meeting.ends_at}
    return meeting, times.get(moment, meeting.starts_at - timedelta(days=1))


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("act", TABLE, ids=lambda act: act.__name__)
def test_each_act_is_for_these_people_at_these_moments(
    act: Act, moment: str, make_meeting: MakeMeeting, cast: dict[str, User], agent: User
) -> None:
    people, moments, too_early_or_late = TABLE[act]
    for person in PEOPLE:
        meeting, at = at_moment(make_meeting, agent, moment)
        if person in people and moment in moments:
            act(cast[person], meeting, at)
        else:
            with pytest.raises(too_early_or_late if person in people else NotAllowed):
                act(cast[person], meeting, at)


@pytest.mark.parametrize("moment", MOMENTS)
def test_who_is_not_signed_in_registers_at_no_moment(make_meeting: MakeMeeting, agent: User, moment: str) -> None:
    meeting, at = at_moment(make_meeting, agent, moment)

    with pytest.raises(SignInToRegister):
        register_for(actor=device_actor(), meeting=meeting, at=at)
