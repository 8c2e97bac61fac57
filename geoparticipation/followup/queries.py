"""Reads of the follow-up: how the commune keeps its word, what waits, and what the college decides next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from geoparticipation.accounts.models import User
from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.enums import Decision, Stage
from geoparticipation.followup.errors import CannotBeTakenUp
from geoparticipation.followup.models import Case, CollegeMeeting, OfficialAnswer

# Grouping sets give the town's line with those of the districts; a median cannot be added up from others.
_WORD_KEPT = """
    SELECT d.name,
           grouping(c.district_id) = 1 AS is_town,
           count(*),
           count(a.id),
           count(a.id) FILTER (WHERE a.answered_on <= f.answer_due_on),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY a.answered_on - f.opened_on) FILTER (WHERE a.id IS NOT NULL),
           count(*) FILTER (WHERE a.id IS NULL AND f.answer_due_on < %(day)s),
           count(m.id) FILTER (WHERE m.progress = 'done')
    FROM followup_case f
    JOIN contributions_contribution c ON c.id = f.contribution_id AND c.status = 'published'
    JOIN consultations_consultation q ON q.id = c.consultation_id AND q.state IN ('published', 'archived')
    LEFT JOIN followup_officialanswer a ON a.case_id = f.id AND a.answered_on <= %(day)s
    LEFT JOIN followup_measure m ON m.case_id = f.id
    LEFT JOIN neighbourhoods_district d ON d.id = c.district_id
    WHERE f.opened_on <= %(day)s
    GROUP BY GROUPING SETS ((), (c.district_id, d.name))
    ORDER BY is_town DESC, d.name NULLS LAST
"""


@dataclass(frozen=True)
class WordKept:
    """How the commune keeps its word, in the town or in one of its smallest districts."""

    name: str
    """Of the district; empty for the town as a whole and for what lies in no district."""
    taken_up: int
    answered: int
    in_time: int
    """Answered on the last day or before."""
    median_days: float | None
    """From the day the idea was taken up to the day of the answer; None without an answer."""
    overdue: int
    """Without an answer though its last day is past."""
    realised: int

    @property
    def in_time_percent(self) -> int | None:
        """Of what was answered or should have been by now, in whole percent; None of nothing."""
        due = self.answered + self.overdue
        return round(100 * self.in_time / due) if due else None


def word_kept(day: date) -> tuple[WordKept, list[WordKept]]:
    """The figures of the town and of each of its districts with a case, by name, as on a day. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_WORD_KEPT, {"day": day})
        rows = [(is_town, WordKept(name or "", *figures)) for name, is_town, *figures in cursor.fetchall()]
    town = next(row for is_town, row in rows if is_town)
    return town, [row for is_town, row in rows if not is_town]


def with_everything(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Each with its idea, place, study, answer and measure, in one query."""
    return cases.select_related(
        "contribution__district",
        "contribution__street",
        "contribution__consultation",
        "in_charge",
        "study",
        "answer__meeting",
        "measure",
    ).defer("contribution__geometry", "measure__geometry")


def case_of(contribution: Contribution) -> Case | None:
    """The case of an idea, with all there is to say about it; None when it was not taken up. One query."""
    return with_everything(Case.objects.filter(contribution=contribution)).first()


def idea_to_follow(user: User, code: object) -> Contribution:
    """An idea by its code, for an agent. Raises CannotBeTakenUp where there is none. One query."""
    found = (
        Contribution.objects.visible_to(user)
        .filter(code=code, kind="proposal")
        .select_related("consultation", "district", "street", "author")
        .defer("geometry")
        .first()
    )
    if found is None:
        raise CannotBeTakenUp
    return found


def next_meeting(day: date) -> CollegeMeeting | None:
    """The next meeting from a day on. One query."""
    return CollegeMeeting.objects.filter(held_on__gte=day).order_by("held_on").first()


def agenda_of(meeting: CollegeMeeting, today: date) -> QuerySet[Case]:
    """What the meeting decides: for the next one all that is studied and not answered; for one held what it answered.

    Most urgent first. One query when read.
    """
    decided = Q(answer__meeting=meeting)
    earlier_ahead = CollegeMeeting.objects.filter(held_on__gte=today, held_on__lt=meeting.held_on)
    is_next = meeting.held_on >= today
    waiting = Q(answer__isnull=True, study__isnull=False, study__made_on__lte=meeting.held_on) & ~Exists(earlier_ahead)
    return with_everything(Case.objects.public().filter(decided | waiting if is_next else decided)).order_by(
        "answer_due_on", "pk"
    )


def to_follow(stage: str, day: date) -> QuerySet[Case]:
    """The cases at a stage, or those that are "overdue", most urgent first; answered ones latest first."""
    cases = with_everything(Case.objects.public())
    if stage == "overdue":
        return cases.overdue(day).order_by("answer_due_on", "pk")
    found = cases.at_stage(stage)
    return found.order_by("-answer__answered_on", "-pk") if stage == Stage.ANSWERED else found


def close_to_the_number(threshold: int, limit: int) -> QuerySet[Contribution]:
    """Ideas online that are not taken up and have at least half the supports it takes, most supports first."""
    return (
        Contribution.objects.public()
        .filter(kind="proposal", support_count__gte=max(1, threshold // 2))
        .exclude(Exists(Case.objects.filter(contribution=OuterRef("pk"))))
        .select_related("district", "street")
        .defer("geometry", "public_geometry")
        .order_by("-support_count", "pk")[:limit]
    )


def latest_answers(limit: int) -> Iterable[Case]:
    """The cases answered last. One query."""
    return with_everything(Case.objects.public().filter(answer__isnull=False)).order_by(
        "-answer__answered_on", "-answer__pk"
    )[:limit]


def was_accepted(answer: OfficialAnswer) -> bool:
    """Whether something will be made of it."""
    return answer.decision in {Decision.ACCEPTED, Decision.PARTLY}
