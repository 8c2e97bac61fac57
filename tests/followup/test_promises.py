"""What the commune promised: which rule a case is opened under, on which day of the town, and what may be changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution, StatusChange, Support
from geoparticipation.followup.domain.answers import publish_answer
from geoparticipation.followup.domain.cases import open_cases, record_study, take_up
from geoparticipation.followup.domain.commitments import drop_commitment, plan_meetings, set_commitment
from geoparticipation.followup.domain.measures import record_progress
from geoparticipation.followup.errors import (
    CannotBeTakenUp,
    CommitmentInPast,
    CommitmentInUse,
    NotOnline,
    SayMore,
)
from geoparticipation.followup.models import Case, CollegeMeeting, Commitment
from geoparticipation.followup.queries import to_follow, word_kept
from tests.followup.conftest import FIRST, noon

Supported = Callable[..., Contribution]
RULE = {"support_threshold": 2, "study_days": 10, "answer_days": 20}


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def at_once(idea: Contribution, moments: list[datetime]) -> None:
    """Give its supports, in their order, these moments."""
    for support, moment in zip(Support.objects.filter(contribution=idea).order_by("pk"), moments, strict=True):
        Support.objects.filter(pk=support.pk).update(created_at=moment)


def test_case_is_opened_under_the_rule_of_its_day_also_when_the_clock_was_stopped(
    commitment: Commitment, supported: Supported, agent: User
) -> None:
    """Three supports on the fifth day, when three were enough; the clock runs again when it takes a hundred."""
    idea, late = supported(1, 2, 5), supported(1, 2, 25)
    set_commitment(
        agent=agent, in_force_from=day(20), support_threshold=100, study_days=5, answer_days=9, today=day(10)
    )

    open_cases(at=noon(day(30)))

    case = Case.objects.get()
    assert (case.contribution, case.opened_on, case.answer_due_on) == (idea, day(5), day(65))
    assert case.commitment == commitment
    assert not Case.objects.filter(contribution=late).exists()


@pytest.mark.usefixtures("commitment")
def test_hidden_idea_is_owed_an_answer_from_the_day_it_is_online_again(supported: Supported) -> None:
    idea = supported(1, 2, 3)
    back = StatusChange.objects.create(contribution=idea, from_status=Status.HIDDEN, to_status=Status.PUBLISHED)
    StatusChange.objects.filter(pk=back.pk).update(changed_at=noon(day(90)))

    [case] = open_cases(at=noon(day(91)))

    assert case.opened_on == day(90)
    assert list(to_follow("overdue", day(100))) == []


@pytest.mark.usefixtures("commitment")
@pytest.mark.parametrize(
    ("third", "opened"),
    [
        # Brussels is an hour ahead of UTC until 29 March 2026, at 1:00 UTC, and two from then on.
        (datetime(2026, 3, 10, 22, 59, 59, tzinfo=UTC), date(2026, 3, 10)),
        (datetime(2026, 3, 10, 23, 0, tzinfo=UTC), date(2026, 3, 11)),
        (datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
    ],
)
def test_day_of_the_deciding_support_is_the_day_of_the_town(
    supported: Supported, third: datetime, opened: date
) -> None:
    idea = supported(0, 0, 0)
    at_once(idea, [noon(day(0)), noon(day(0)), third])

    [case] = open_cases(at=noon(day(40)))

    assert case.opened_on == opened
    # Counted on a printed calendar: 60 days after 10 March is 9 May, whatever the clocks do.
    assert case.answer_due_on - opened == timedelta(days=60)
    assert date(2026, 3, 10) + timedelta(days=60) == date(2026, 5, 9)


@pytest.mark.usefixtures("commitment")
@pytest.mark.parametrize(("moment", "in_time"), [("2026-05-01T21:59:59", 1), ("2026-05-01T22:00:00", 0)])
def test_answer_on_the_very_last_day_is_in_time_until_midnight_of_the_town(
    supported: Supported, agent: User, moment: str, in_time: int
) -> None:
    """Opened on 2 March, due on 1 May; midnight is at 22:00 UTC in summer."""
    idea = supported(0)
    case = take_up(contribution=idea, agent=agent, at=noon(FIRST))
    assert case.answer_due_on == date(2026, 5, 1)

    publish_answer(
        case=case,
        agent=agent,
        decision="accepted",
        text="Yes.",
        signed_by="A. Weber",
        at=datetime.fromisoformat(moment).replace(tzinfo=UTC),
    )

    town, [district] = word_kept(date(2026, 5, 2))
    assert (town.in_time, district.in_time, town.median_days) == (in_time, in_time, 61 - in_time)


def test_rule_that_cases_cite_is_not_replaced(commitment: Commitment, supported: Supported, agent: User) -> None:
    supported(0, 0, 0)
    open_cases(at=noon(FIRST))

    with pytest.raises(CommitmentInUse):
        set_commitment(agent=agent, in_force_from=FIRST, today=FIRST, **RULE)

    assert Case.objects.get().commitment.support_threshold == 3
    # Its college days may change: no case cites those.
    same = {name: getattr(commitment, name) for name in RULE}
    set_commitment(agent=agent, in_force_from=FIRST, today=FIRST, college_week=1, **same)
    assert Commitment.objects.get().college_week == 1


def test_rule_to_come_is_replaced_and_taken_back(commitment: Commitment, agent: User) -> None:
    ahead = set_commitment(agent=agent, in_force_from=day(30), today=FIRST, college_week=4, **RULE)
    set_commitment(agent=agent, in_force_from=day(30), today=FIRST, **{**RULE, "answer_days": 30})
    assert Commitment.objects.get(pk=ahead.pk).answer_days == 30

    drop_commitment(agent=agent, commitment=ahead, today=day(29))
    assert list(Commitment.objects.all()) == [commitment]
    for begun in (FIRST, day(5)):
        with pytest.raises(CommitmentInPast):
            drop_commitment(agent=agent, commitment=commitment, today=begun)


@pytest.mark.parametrize("begins", [date(2026, 4, 10), date(2026, 4, 20)])
def test_no_month_has_two_meetings_or_none(commitment: Commitment, agent: User, begins: date) -> None:
    """From the second Tuesday to the first Thursday, or to the fourth Monday, within April."""
    week, weekday = ((1, 3), (4, 0))[begins.day == 20]
    set_commitment(agent=agent, in_force_from=begins, today=FIRST, college_week=week, college_weekday=weekday, **RULE)

    plan_meetings(today=FIRST)

    assert [meeting.held_on.month for meeting in CollegeMeeting.objects.all()] == [3, 4, 5, 6]
    assert CollegeMeeting.objects.all()[1].held_on == date(2026, 4, 14)


@pytest.mark.usefixtures("commitment")
def test_nothing_is_published_about_an_idea_that_is_not_online(supported: Supported, agent: User) -> None:
    idea = supported(0)
    case = take_up(contribution=idea, agent=agent, at=noon(FIRST))
    Contribution.objects.filter(pk=idea.pk).update(status=Status.WITHDRAWN)

    with pytest.raises(NotOnline):
        record_study(case=case, agent=agent, department="Roads", verdict="feasible", text="Yes.")
    with pytest.raises(NotOnline):
        publish_answer(case=case, agent=agent, decision="accepted", text="Yes.", signed_by="A. Weber")
    with pytest.raises(CannotBeTakenUp):
        take_up(contribution=idea, agent=agent)


@pytest.mark.usefixtures("commitment")
def test_college_cannot_have_decided_before_the_idea_was_taken_up(supported: Supported, agent: User) -> None:
    early = CollegeMeeting.objects.create(held_on=day(-1))
    case = take_up(contribution=supported(0), agent=agent, at=noon(FIRST))

    with pytest.raises(SayMore):
        publish_answer(
            case=case,
            agent=agent,
            decision="accepted",
            text="Yes.",
            signed_by="A. Weber",
            meeting=early,
            at=noon(day(1)),
        )


@pytest.mark.usefixtures("commitment")
def test_figure_of_an_earlier_day_knows_nothing_of_later_ones(supported: Supported, agent: User) -> None:
    idea = supported(0)
    case = take_up(contribution=idea, agent=agent, at=noon(FIRST))
    publish_answer(case=case, agent=agent, decision="accepted", text="Yes.", signed_by="A. Weber", at=noon(day(3)))
    record_progress(contribution=idea, agent=agent, progress="done", done_on=day(9), at=noon(day(9)))

    assert [word_kept(day(number))[0].realised for number in (8, 9)] == [0, 1]
    assert [word_kept(day(number))[0].answered for number in (2, 3)] == [0, 1]


@pytest.mark.usefixtures("commitment")
def test_support_withdrawn_later_closes_no_case(supported: Supported) -> None:
    idea = supported(1, 2, 3)
    open_cases(at=noon(day(3)))
    Support.objects.filter(contribution=idea).delete()
    Contribution.objects.filter(pk=idea.pk).update(support_count=0)

    assert open_cases(at=noon(day(4))) == []
    assert Case.objects.get().opened_on == day(3)
    assert word_kept(day(4))[0].taken_up == 1
