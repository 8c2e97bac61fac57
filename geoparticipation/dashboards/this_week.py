"""What agents have to do this week, and how many accounts there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from geoparticipation.accounts.models import User
from geoparticipation.budgets.models import Budget, PaperEntry
from geoparticipation.consultations.enums import ConsultationState, PhaseKind
from geoparticipation.consultations.models import Phase
from geoparticipation.dashboards.indicators.people import RESIDENTS
from geoparticipation.followup.models import Case
from geoparticipation.meetings.enums import MeetingState
from geoparticipation.meetings.models import Meeting

WEEK: Final = timedelta(days=7)
MINUTES_WITHIN: Final = timedelta(days=30)
"""A meeting that is over for longer is not asked for its minutes any more."""


@dataclass(frozen=True)
class Task:
    """Something to do, in words with its number, and the page where it is done."""

    words: str
    url: str
    is_late: bool = False


@dataclass(frozen=True)
class Accounts:
    """Accounts of residents, for agents only: of any number, and as they are now."""

    all: int
    this_month: int


def tasks_of_week(at: datetime) -> list[Task]:
    """What is late or due within seven days, the late first. Five queries, whatever there is."""
    return sorted(_tasks(at), key=lambda task: not task.is_late)


def accounts_now(at: datetime) -> Accounts:
    """One query."""
    first = timezone.localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = User.objects.filter(role__in=RESIDENTS, is_active=True).aggregate(
        all=Count("pk"), this_month=Count("pk", Q(date_joined__gte=first))
    )
    return Accounts(**found)


def _tasks(at: datetime) -> Iterator[Task]:
    today = timezone.localdate(at)
    soon = today + WEEK
    due = Case.objects.public().aggregate(
        late=Count("pk", Q(answer__isnull=True, answer_due_on__lt=today)),
        answers=Count("pk", Q(answer__isnull=True, answer_due_on__range=(today, soon))),
        studies=Count("pk", Q(answer__isnull=True, study__isnull=True, study_due_on__lte=soon)),
    )
    cases = reverse("workspace-cases")
    if n := due["late"]:
        words = ngettext("%(n)s answer is late", "%(n)s answers are late", n) % {"n": n}
        yield Task(words, f"{cases}?shown=overdue", is_late=True)
    if n := due["answers"]:
        words = ngettext("%(n)s answer is due this week", "%(n)s answers are due this week", n) % {"n": n}
        yield Task(words, f"{cases}?shown=to_decide")
    if n := due["studies"]:
        words = ngettext("%(n)s study is due this week or late", "%(n)s studies are due this week or late", n) % {
            "n": n
        }
        yield Task(words, f"{cases}?shown=to_study")
    announced = Meeting.objects.filter(state=MeetingState.ANNOUNCED).aggregate(
        coming=Count("pk", Q(starts_at__range=(at, at + WEEK))),
        minutes=Count("pk", Q(ends_at__range=(at - MINUTES_WITHIN, at), minutes="")),
    )
    meetings = reverse("workspace-meetings")
    if n := announced["coming"]:
        yield Task(ngettext("%(n)s meeting this week", "%(n)s meetings this week", n) % {"n": n}, meetings)
    if n := announced["minutes"]:
        words = ngettext("%(n)s meeting has no minutes yet", "%(n)s meetings have no minutes yet", n) % {"n": n}
        yield Task(words, meetings)
    budgets = reverse("workspace-budgets")
    votes = Phase.objects.filter(consultation=OuterRef("consultation"), kind=PhaseKind.VOTE)
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    over = Budget.objects.filter(Exists(votes), ~Exists(votes.filter(running)), closed_at__isnull=True)
    if n := over.count():
        words = ngettext("%(n)s vote is over and not counted", "%(n)s votes are over and not counted", n) % {"n": n}
        yield Task(words, budgets, is_late=True)
    if n := PaperEntry.objects.filter(taken_at__isnull=True).count():
        yield Task(
            ngettext("%(n)s paper ballot waits to be read again", "%(n)s paper ballots wait to be read again", n)
            % {"n": n},
            budgets,
        )
    ending = Phase.objects.filter(
        consultation__state=ConsultationState.PUBLISHED, ends_at__range=(at, at + WEEK)
    ).count()
    if ending:
        words = ngettext("%(n)s phase ends this week", "%(n)s phases end this week", ending) % {"n": ending}
        yield Task(words, reverse("workspace-consultations"))
