"""What agents find on the first page of the workspace: what is due, and only they."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.budgets.domain.save_budget import EnvelopeInput, save_budget
from geoparticipation.budgets.models import PaperEntry
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models import Phase
from geoparticipation.dashboards.this_week import accounts_now, tasks_of_week
from geoparticipation.followup.models import Case, Commitment, OfficialAnswer
from geoparticipation.meetings.models import Meeting
from tests.fixtures.question import IN_RUE_HAUTE, MakeConsultation, Submit

pytestmark = pytest.mark.django_db


def add_case(idea: object, *, study: int, answer: int) -> Case:
    """A case whose study and answer are due so many days from today."""
    today = timezone.localdate()
    rule, _new = Commitment.objects.get_or_create(
        in_force_from=today - timedelta(days=400),
        defaults={"support_threshold": 3, "study_days": 30, "answer_days": 60},
    )
    return Case.objects.create(
        contribution=idea,
        opening="agent",
        opened_on=today - timedelta(days=90),
        commitment=rule,
        study_due_on=today + timedelta(days=study),
        answer_due_on=today + timedelta(days=answer),
    )


def add_meeting(*, starts_in_days: float, state: str = "announced", minutes: str = "") -> Meeting:
    starts_at = timezone.now() + timedelta(days=starts_in_days)
    return Meeting.objects.create(
        state=state,
        title="Evening",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        geometry=Point(*IN_RUE_HAUTE, srid=4326),
        minutes=minutes,
    )


def words() -> list[str]:
    from django.utils.translation import override

    with override("en"):
        return [task.words for task in tasks_of_week(timezone.now())]


def test_nothing_is_due_in_an_empty_town() -> None:
    assert words() == []


def test_cases_that_are_late_or_due(submit: Submit) -> None:
    """Due in seven days counts, in eight does not; what is answered, or no longer online, is not due."""
    late = submit(title="late")
    Phase.objects.update(ends_at=timezone.now() + timedelta(days=9))
    add_case(late, study=-40, answer=-1)
    add_case(submit(title="today"), study=-20, answer=0)
    add_case(submit(title="in a week"), study=7, answer=7)
    add_case(submit(title="later"), study=8, answer=8)
    answered = add_case(submit(title="answered"), study=-40, answer=-1)
    OfficialAnswer.objects.create(
        case=answered, decision="refused", text="No.", signed_by="A", answered_on=timezone.localdate()
    )
    hidden = submit(title="hidden")
    add_case(hidden, study=-40, answer=-1)
    type(hidden).objects.filter(pk=hidden.pk).update(status="hidden")

    assert words() == ["1 answer is late", "2 answers are due this week", "3 studies are due this week or late"]


def test_meetings_of_the_week_and_those_without_minutes() -> None:
    add_meeting(starts_in_days=6.9)
    add_meeting(starts_in_days=7.1)
    add_meeting(starts_in_days=3, state="cancelled")
    add_meeting(starts_in_days=-2)
    add_meeting(starts_in_days=-2, minutes="We talked.")
    add_meeting(starts_in_days=-31)

    assert words() == ["1 meeting this week", "1 meeting has no minutes yet"]


def test_votes_that_are_over_paper_that_waits_and_phases_that_end(
    make_consultation: MakeConsultation, agent: User
) -> None:
    now = timezone.now()
    for ends_at in (now - timedelta(hours=1), now + timedelta(days=9)):
        asked = make_consultation(phase=None)
        Phase.objects.create(
            consultation=asked, kind=PhaseKind.VOTE, starts_at=now - timedelta(days=9), ends_at=ends_at
        )
        budget = save_budget(user=agent, consultation=asked, envelopes=[EnvelopeInput(Decimal(100))], max_projects=1)
    PaperEntry.objects.create(budget=budget, paper_number="1", entered_by=agent, entered_at=now)
    PaperEntry.objects.create(budget=budget, paper_number="2", entered_by=agent, entered_at=now, taken_at=now)
    make_consultation()  # its phase ends in a week
    make_consultation(state="draft")

    assert words() == [
        "1 vote is over and not counted",
        "1 paper ballot waits to be read again",
        "1 phase ends this week",
    ]


def test_accounts_of_residents_that_are_in_use(cast: dict[str, User]) -> None:
    """Councillor, citizen, neighbour and outsider live here; one of them joined a year ago, one left."""
    now = timezone.now()
    User.objects.filter(pk=cast["citizen"].pk).update(date_joined=now - timedelta(days=365))
    User.objects.filter(pk=cast["outsider"].pk).update(is_active=False)

    found = accounts_now(now)

    assert (found.all, found.this_month) == (3, 2)


@pytest.mark.parametrize(
    ("person", "sees_it"),
    [("agent", True), ("moderator", False), ("planner", False), ("councillor", False), ("citizen", None)],
)
def test_only_agents_find_it_in_the_workspace(
    client: Client, cast: dict[str, User], submit: Submit, person: str, sees_it: bool | None
) -> None:
    add_case(submit(), study=-40, answer=-1)
    client.force_login(cast[person])

    answer = client.get("/workspace/", headers={"accept-language": "en"})

    assert answer.status_code == (403 if sees_it is None else 200)
    assert ("1 answer is late" in answer.content.decode()) == bool(sees_it)
    assert ("accounts of residents" in answer.content.decode()) == bool(sees_it)


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_what_is_due(
    submit: Submit, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        add_case(submit(title=f"Idea {number}"), study=-40, answer=-1)
        add_meeting(starts_in_days=2)

    # cases, meetings, votes, paper, phases; accounts
    with django_assert_num_queries(5):
        tasks_of_week(timezone.now())
    with django_assert_num_queries(1):
        accounts_now(timezone.now())
