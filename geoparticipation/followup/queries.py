"""Reads of the follow-up: how the commune keeps its word, what waits, and what the college decides next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import (
    Case as CaseWhen,
)
from django.db.models import (
    Count,
    DecimalField,
    Exists,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.enums import Decision, Stage
from geoparticipation.followup.errors import UnknownIdea
from geoparticipation.followup.models import Case, CollegeMeeting, Measure, OfficialAnswer
from neighbourhoods.domain.place_geometry import place_geometries
from neighbourhoods.models import District

STREET_WITHIN_M: Final = 100
"""A street farther away says nothing about where something is built."""

# Grouping sets give the town's line with those of the districts; a median cannot be added up from others.
_WORD_KEPT = """
    WITH seen AS (
        SELECT f.*, c.district_id, m.done_on, a.answered_on,
               c.status = 'published' AND q.state IN ('published', 'archived') AS online
        FROM followup_case f
        JOIN contributions_contribution c ON c.id = f.contribution_id
        JOIN consultations_consultation q ON q.id = c.consultation_id
        LEFT JOIN followup_officialanswer a ON a.case_id = f.id AND a.answered_on <= %(day)s
        LEFT JOIN followup_measure m ON m.contribution_id = c.id AND m.done_on <= %(day)s
        WHERE f.opened_on <= %(day)s
    )
    SELECT d.name,
           grouping(seen.district_id) = 1 AS is_town,
           count(*) FILTER (WHERE online),
           count(answered_on) FILTER (WHERE online),
           count(*) FILTER (WHERE online AND answered_on <= answer_due_on),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY answered_on - opened_on) FILTER (WHERE online),
           count(*) FILTER (WHERE online AND answered_on IS NULL AND answer_due_on < %(day)s),
           count(done_on) FILTER (WHERE online),
           count(*) FILTER (WHERE NOT online)
    FROM seen
    LEFT JOIN neighbourhoods_district d ON d.id = seen.district_id
    GROUP BY GROUPING SETS ((), (seen.district_id, d.name))
    HAVING grouping(seen.district_id) = 1 OR bool_or(online)
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
    dropped: int
    """Taken up, and then hidden or taken back: in none of the other figures."""

    @property
    def in_time_percent(self) -> int | None:
        """Of what was answered or should have been by now, in whole percent, never rounded up; None of nothing."""
        due = self.answered + self.overdue
        return 100 * self.in_time // due if due else None


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
        "contribution__measure",
        "commitment",
        "in_charge",
        "study",
        "answer__meeting",
    ).defer("contribution__geometry", "contribution__public_geometry", "contribution__measure__geometry")


def followed(contribution: Contribution) -> Contribution:
    """The idea with its case, study, answer, measure and project of a budget, each as far as it has one. One query."""
    return (
        Contribution.objects.select_related(
            "case__study", "case__answer__meeting", "case__commitment", "case__in_charge", "measure"
        )
        .select_related("project__budget__consultation")
        .defer("geometry", "public_geometry", "project__budget__source")
        .get(pk=contribution.pk)
    )


def has_won(idea: Contribution) -> bool:
    """Whether its project won the vote of a budget that is counted. No query for what `followed` gives."""
    project = getattr(idea, "project", None)
    return bool(project and project.budget.counted and project.number in project.budget.counted["winners"])


def is_to_be_realised(idea: Contribution) -> bool:
    """Whether something is made of it: it was accepted, or it won. No query for what `followed` gives."""
    answer = getattr(getattr(idea, "case", None), "answer", None)
    return (answer is not None and was_accepted(answer)) or has_won(idea)


def to_be_realised() -> QuerySet[Contribution]:
    """The ideas of which something is made, online or not: accepted ones, and winners of counted budgets."""
    number = Func(F("project__number"), function="to_jsonb", output_field=JSONField())
    return Contribution.objects.filter(
        Q(case__answer__decision__in=[Decision.ACCEPTED, Decision.PARTLY])
        | Q(project__budget__counted__winners__contains=number)
    )


def case_of(contribution: Contribution) -> Case | None:
    """The case of an idea, with all there is to say about it; None when it was not taken up. One query."""
    return with_everything(Case.objects.filter(contribution=contribution)).first()


def idea_to_follow(user: User, code: object) -> Contribution:
    """An idea by its code, for an agent. Raises UnknownIdea. One query."""
    found = (
        Contribution.objects.visible_to(user)
        .filter(code=code, kind="proposal")
        .select_related("consultation", "district", "street", "author")
        .defer("geometry")
        .first()
    )
    if found is None:
        raise UnknownIdea
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


def with_story(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    """Each with `place`, `expected` (what study or ballot said it costs), idea, answer and photos; two queries."""
    told = measures.with_place().select_related(  # type: ignore[attr-defined]
        "contribution__district", "contribution__street", "contribution__case__answer"
    )
    hidden = ("geometry", "contribution__geometry", "contribution__public_geometry", "contribution__body")
    return with_expected(told).defer(*hidden).prefetch_related("photos")


def places_in_words(places: Sequence[GEOSGeometry]) -> list[str]:
    """For each its nearest street, within STREET_WITHIN_M, and its smallest district. One query, none for none."""
    told = []
    for found in place_geometries(places):
        street, district = found.street, found.smallest_district
        near = street.name if street is not None and street.distance_m <= STREET_WITHIN_M else ""
        told.append(" · ".join(name for name in (near, district.name if district else "") if name) or _("in town"))
    return told


def tell_where_built(measures: Iterable[Any]) -> None:
    """Give measures `with_place` that have one of their own `where`, their place in words. One query at most."""
    own = [one for one in measures if one.has_own_place]
    for one, words in zip(own, places_in_words([one.place for one in own]), strict=True):
        one.where = words


def with_expected(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    """Each with `expected`, in euros: what the study says it costs, else what stood on the ballot; null for neither."""
    on_ballot = When(contribution__project__budget__currency="EUR", then=F("contribution__project__cost"))
    return measures.annotate(
        expected=Coalesce(
            "contribution__case__study__cost",
            CaseWhen(on_ballot),
            output_field=DecimalField(max_digits=14, decimal_places=2),
        )
    )


def money_of(measures: QuerySet[Measure]) -> dict[str, Any]:
    """`spent` in all, and of those of which both are known what they were to cost (`expected`) and cost. One query."""
    both = Q(spent__isnull=False, expected__isnull=False)
    return with_expected(measures.order_by()).aggregate(
        count=Count("pk"),
        total=Sum("spent"),
        of_both_expected=Sum("expected", filter=both),
        of_both_spent=Sum("spent", filter=both),
    )


def districts_of_measures() -> list[tuple[str, str]]:
    """Key and name of the districts in which there are public measures. One query."""
    there = Measure.objects.public().filter(contribution__district=OuterRef("pk"))
    named = District.objects.filter(Exists(there)).order_by("name", "pk").values_list("pk", "name")
    return [(str(pk), name) for pk, name in named]


def to_note() -> QuerySet[Contribution]:
    """The ideas online of which something is made, first those of which nothing is noted yet, then the latest noted."""
    online = Contribution.objects.public().filter(pk__in=to_be_realised().values("pk"))
    return (
        online.select_related("measure", "district", "street", "project__budget__consultation")
        .defer("geometry", "public_geometry", "measure__geometry", "project__budget__source")
        .order_by(F("measure__changed_at").desc(nulls_first=True), "pk")
    )
