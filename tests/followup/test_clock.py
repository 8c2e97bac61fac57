"""The days that run from the deciding support: cases, deadlines, reminders, agenda and the public figure."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import pytest
from django.core import mail
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain import withdraw_contribution
from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import open_cases, put_in_charge, record_study, take_up
from geoparticipation.followup.domain.commitments import nth_weekday, plan_meetings, set_commitment
from geoparticipation.followup.domain.measures import record_progress
from geoparticipation.followup.domain.reminders import remind
from geoparticipation.followup.errors import AlreadyAnswered, DayMissing, NotAnswered
from geoparticipation.followup.models import AnswerNotice, Case, CollegeMeeting, Commitment, Reminder
from geoparticipation.followup.queries import agenda_of, to_follow, word_kept
from geoparticipation.followup.tasks import send_reminder, tell_of_answer
from tests.fixtures.question import actor_of
from tests.followup.conftest import FIRST, noon, run_jobs

Supported = Callable[..., Contribution]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def answered(case: Case, agent: User, on: date, decision: str = "accepted") -> None:
    publish_answer(
        case=case, agent=agent, decision=decision, text="We plant six.", signed_by="A. Weber, mayor", at=noon(on)
    )


def test_case_opens_on_the_day_of_the_deciding_support(commitment: Commitment, supported: Supported) -> None:
    enough, too_few = supported(1, 4, 9, 20), supported(1, 4)

    opened = open_cases(at=noon(day(25)))

    assert [case.contribution_id for case in opened] == [enough.pk]
    case = Case.objects.get()
    # The third support came on the ninth day after 2 March: 11 March; 30 days on is 10 April, 60 days on 10 May.
    assert (case.opened_on, case.study_due_on, case.answer_due_on) == (
        date(2026, 3, 11),
        date(2026, 4, 10),
        date(2026, 5, 10),
    )
    assert not Case.objects.filter(contribution=too_few).exists()
    assert open_cases(at=noon(day(26))) == []


def test_lower_number_opens_cases_on_its_first_day_and_leaves_the_others(
    commitment: Commitment, supported: Supported, agent: User
) -> None:
    early, late = supported(1, 2, 3), supported(1, 2)
    open_cases(at=noon(day(10)))
    set_commitment(
        agent=agent, in_force_from=day(20), support_threshold=2, study_days=10, answer_days=20, today=day(15)
    )

    assert open_cases(at=noon(day(19))) == []
    open_cases(at=noon(day(22)))

    found = {case.contribution_id: (case.opened_on, case.answer_due_on) for case in Case.objects.all()}
    assert found == {early.pk: (day(3), day(63)), late.pk: (day(20), day(40))}


@pytest.mark.usefixtures("commitment")
def test_hidden_ideas_and_comments_are_not_taken_up(supported: Supported, citizen: User) -> None:
    idea = supported(1, 2, 3)
    withdraw_contribution(actor=actor_of(citizen), contribution=idea)

    assert open_cases(at=noon(day(10))) == []


@pytest.mark.usefixtures("commitment")
def test_luxembourg_case_from_the_threshold_to_the_measure(
    supported: Supported, agent: User, supporters: list[User], settings: object
) -> None:
    idea = supported(0, 1, 2)
    plan_meetings(today=day(2))
    # Second Tuesdays of March to June 2026, from a printed calendar.
    assert [meeting.held_on for meeting in CollegeMeeting.objects.all()] == [
        date(2026, 3, 10),
        date(2026, 4, 14),
        date(2026, 5, 12),
        date(2026, 6, 9),
    ]
    [case] = open_cases(at=noon(day(2)))
    assert case.answer_due_on == date(2026, 5, 3)
    march, april, may = CollegeMeeting.objects.all()[:3]

    record_study(
        case=case,
        agent=agent,
        department="Green spaces",
        verdict="changes",
        text="Six trees instead of ten.",
        cost=Decimal("4200.50"),
        at=noon(date(2026, 4, 1)),
    )
    assert list(agenda_of(april, date(2026, 4, 2))) == [case]
    assert list(agenda_of(may, date(2026, 4, 2))) == []
    assert list(agenda_of(march, date(2026, 4, 2))) == []

    # Nobody decides in April: it goes to the next meeting, and is late from 4 May on.
    assert list(agenda_of(may, date(2026, 4, 15))) == [case]
    assert list(to_follow("overdue", date(2026, 5, 3))) == []
    assert list(to_follow("overdue", date(2026, 5, 4))) == [case]
    assert word_kept(date(2026, 5, 3))[0].overdue == 0
    assert word_kept(date(2026, 5, 4))[0].overdue == 1

    publish_answer(
        case=case,
        agent=agent,
        decision="partly",
        text="We plant six trees.",
        signed_by="A. Weber, mayor",
        meeting=may,
        at=noon(date(2026, 5, 12)),
    )
    assert list(agenda_of(may, date(2026, 5, 13))) == [Case.objects.get()]
    town, districts = word_kept(date(2026, 5, 12))
    # 4 March to 12 May: 27 days of March, 30 of April, 12 of May.
    assert (town.answered, town.in_time, town.median_days, town.overdue) == (1, 0, 69, 0)
    assert [(row.name, row.answered) for row in districts] == [(idea.district.name, 1)]

    record_progress(
        contribution=idea,
        agent=agent,
        progress="done",
        text="They stand.",
        spent=Decimal("3999.99"),
        done_on=date(2026, 10, 1),
        at=noon(date(2026, 10, 2)),
    )
    assert word_kept(date(2026, 10, 2))[0].realised == 1


@pytest.mark.usefixtures("commitment")
def test_each_reminder_is_sent_once(supported: Supported, agent: User, moderator: User) -> None:
    supported(0, 0, 0)
    [case] = open_cases(at=noon(day(0)))
    sent = {}
    for number in range(70):
        for reminder in remind(today=day(number)):
            sent[reminder.kind] = number
        assert remind(today=day(number)) == []

    # Due on the days 30 and 60: seven days before each, and the day after the last.
    assert sent == {"study_soon": 23, "answer_soon": 53, "overdue": 61}
    run_jobs()
    for reminder in Reminder.objects.order_by("pk"):
        send_reminder(reminder.pk)
    run_jobs()
    assert [(one.to, case.contribution.title in one.body) for one in mail.outbox] == [(["agent@example.org"], True)] * 3
    assert str(case.contribution.code) in mail.outbox[0].body


@pytest.mark.usefixtures("commitment")
def test_person_in_charge_is_reminded_alone_and_not_after_the_answer(
    supported: Supported, agent: User, make_user: Callable[..., User]
) -> None:
    from geoparticipation.accounts.enums import Role

    colleague = make_user("colleague", Role.AGENT)
    supported(0, 0, 0)
    [case] = open_cases(at=noon(day(0)))
    put_in_charge(case=case, agent=agent, person=colleague)
    [reminder] = remind(today=day(23))

    run_jobs()
    assert [message.to for message in mail.outbox] == [["colleague@example.org"]]
    Reminder.objects.filter(pk=reminder.pk).update(passed_on_at=None)
    answered(case, agent, day(24))
    send_reminder(reminder.pk)
    run_jobs()

    assert sum(message.to == ["colleague@example.org"] for message in mail.outbox) == 1
    assert remind(today=day(61)) == []


@pytest.mark.usefixtures("commitment")
@pytest.mark.parametrize("leaves", ["closed", "moved"])
def test_every_agent_is_reminded_when_the_person_in_charge_has_left(
    supported: Supported, agent: User, make_user: Callable[..., User], leaves: str
) -> None:
    from geoparticipation.accounts.enums import Role

    colleague = make_user("colleague", Role.AGENT)
    supported(0, 0, 0)
    [case] = open_cases(at=noon(day(0)))
    put_in_charge(case=case, agent=agent, person=colleague)
    remind(today=day(23))
    # They leave once the reminder is queued, before it is sent.
    User.objects.filter(pk=colleague.pk).update(
        **({"is_active": False} if leaves == "closed" else {"role": Role.PLANNER})
    )
    run_jobs()

    assert [message.to for message in mail.outbox] == [["agent@example.org"]]


@pytest.mark.usefixtures("commitment")
def test_reminder_that_fails_for_one_agent_is_not_sent_again_to_the_other(
    supported: Supported, agent: User, make_user: Callable[..., User]
) -> None:
    from geoparticipation.accounts.enums import Role

    make_user("colleague", Role.AGENT)
    supported(0, 0, 0)
    open_cases(at=noon(day(0)))
    [reminder] = remind(today=day(23))
    for _again in range(2):
        send_reminder(reminder.pk)
    # Nothing but the jobs of the mails is queued twice: each is for one person, and tried again by itself.
    queued = ProcrastinateJob.objects.filter(task_name__endswith="mail_reminder")
    assert sorted(job.args["user_id"] for job in queued) == sorted(
        User.objects.filter(role=Role.AGENT).values_list("pk", flat=True)
    )


@pytest.mark.usefixtures("commitment")
def test_author_and_supporters_are_told_of_the_answer_once(
    supported: Supported, agent: User, supporters: list[User], citizen: User
) -> None:
    idea = supported(0, 0, 0)
    [case] = open_cases(at=noon(day(0)))

    answered(case, agent, day(30))
    assert ProcrastinateJob.objects.filter(task_name__endswith="tell_of_answer").count() == 1
    answer_id = Case.objects.get().answer.pk
    tell_of_answer(answer_id)
    run_jobs()
    tell_of_answer(answer_id)
    run_jobs()

    told = sorted(message.to[0] for message in mail.outbox)
    assert told == sorted([citizen.email, *(person.email for person in supporters[:3])])
    assert not AnswerNotice.objects.filter(told_at=None).exists()
    assert all("We plant six." in message.body and str(idea.code) in message.body for message in mail.outbox)
    with pytest.raises(AlreadyAnswered):
        answered(case, agent, day(31), "refused")


@pytest.mark.usefixtures("commitment")
def test_progress_needs_an_accepting_answer_and_a_day_when_done(supported: Supported, agent: User) -> None:
    supported(0, 0, 0)
    [case] = open_cases(at=noon(day(0)))
    with pytest.raises(NotAnswered):
        record_progress(contribution=case.contribution, agent=agent, progress="planned")
    answered(case, agent, day(3))
    with pytest.raises(DayMissing):
        record_progress(contribution=case.contribution, agent=agent, progress="done")
    with pytest.raises(DayMissing):
        record_progress(contribution=case.contribution, agent=agent, progress="done", done_on=day(5), at=noon(day(4)))

    refused = take_up(contribution=supported(0), agent=agent, at=noon(day(0)))
    answered(refused, agent, day(3), "refused")
    with pytest.raises(NotAnswered):
        record_progress(contribution=refused.contribution, agent=agent, progress="planned")


@pytest.mark.usefixtures("commitment")
def test_figures_of_districts_are_those_of_a_count_by_hand(supported: Supported, agent: User) -> None:
    from django.contrib.gis.geos import Point

    places = {"West": (4.405, 50.8451), "East": (4.415, 50.8451)}
    # District, day opened, day answered (None: not): due on the 60th day after opening.
    known = [
        ("West", 0, 10),
        ("West", 0, 60),
        ("West", 0, 61),
        ("West", 5, None),
        ("East", 0, None),
        ("East", 30, None),
        ("East", 20, 40),
    ]
    for name, opened, answer in known:
        idea = supported(0, geometry=Point(*places[name], srid=4326))
        assert idea.district.name == name
        case = take_up(contribution=idea, agent=agent, at=noon(day(opened)))
        if answer is not None:
            answered(case, agent, day(answer))

    town, districts = word_kept(day(70))

    by_name = {row.name: row for row in districts}
    assert list(by_name) == ["East", "West"]
    west, east = by_name["West"], by_name["East"]
    assert (west.taken_up, west.answered, west.in_time, west.median_days, west.overdue) == (4, 3, 2, 60, 1)
    assert (east.taken_up, east.answered, east.in_time, east.median_days, east.overdue) == (3, 1, 1, 20, 1)
    assert (town.answered, town.in_time, town.overdue) == (4, 3, 2)
    assert town.median_days == median([10, 60, 61, 20]) == 40
    assert town.in_time_percent == 50  # 3 of the 6 that were answered or should have been
    # As it was on an earlier day: only what had happened by then.
    then, _districts = word_kept(day(30))
    assert (then.taken_up, then.answered, then.overdue) == (7, 1, 0)


@given(year=st.integers(2000, 2099), month=st.integers(1, 12), week=st.integers(1, 4), weekday=st.integers(0, 6))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_day_of_the_college_is_that_of_the_calendar(year: int, month: int, week: int, weekday: int) -> None:
    weeks = calendar.monthcalendar(year, month)
    expected = [row[weekday] for row in weeks if row[weekday]][week - 1]

    assert nth_weekday(date(year, month, 1), week, weekday) == date(year, month, expected)


@pytest.mark.usefixtures("commitment")
def test_changed_rule_moves_the_meetings_ahead(agent: User) -> None:
    plan_meetings(today=date(2026, 3, 2))
    set_commitment(
        agent=agent,
        in_force_from=date(2026, 4, 1),
        support_threshold=3,
        study_days=30,
        answer_days=60,
        college_week=1,
        college_weekday=3,
        today=date(2026, 3, 2),
    )

    assert [meeting.held_on for meeting in CollegeMeeting.objects.all()] == [
        date(2026, 3, 10),
        date(2026, 4, 2),
        date(2026, 5, 7),
        date(2026, 6, 4),
    ]


@override_settings(LANGUAGE_CODE="en")
def test_mail_is_in_the_language_of_the_person(
    commitment: Commitment, supported: Supported, agent: User, citizen: User
) -> None:
    citizen.language = "fr"
    citizen.save()
    supported(0)
    case = take_up(contribution=Contribution.objects.get(), agent=agent, at=noon(day(0)))
    answered(case, agent, day(3))

    run_jobs()

    subjects = {message.to[0]: message.subject for message in mail.outbox}
    assert subjects["citizen@example.org"] == "La commune a répondu à votre idée"
    assert subjects["supporter1@example.org"] == "The commune has answered an idea that you support"
