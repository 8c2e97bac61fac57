"""Reading what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Sum

from geoparticipation.surveys.models import Survey, SurveyTally
from geoparticipation.surveys.results.figures import HEXAGON, Figures, figures_from
from geoparticipation.surveys.results.ranges import put_into_ranges


@dataclass(frozen=True)
class Narrowing:
    """Which responses are asked for: of a district, of a street, of some days (both included), of an origin."""

    district: int | None = None
    street: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    origin: str = ""

    def __bool__(self) -> bool:
        return self != Narrowing()


def read_figures(survey: Survey, narrowing: Narrowing | None = None, *, before: date | None = None) -> Figures:
    """Count the responses that were asked for, of the days before a day if one is given. One query.

    Everything but a street is read from the tallies; the responses of a street, which are few, are counted. Hexagons
    are read where nothing narrows but days.
    """
    narrowing = narrowing or Narrowing()
    if narrowing.street is not None:
        return put_into_ranges(survey.read, _figures_of_street(survey, narrowing))
    tallies = SurveyTally.objects.filter(survey=survey)
    if narrowing.district is not None:
        tallies = tallies.filter(district=narrowing.district)
    if narrowing.first_day is not None:
        tallies = tallies.filter(day__gte=narrowing.first_day)
    if narrowing.last_day is not None:
        tallies = tallies.filter(day__lte=narrowing.last_day)
    if narrowing.origin:
        tallies = tallies.filter(origin=narrowing.origin)
    if before is not None:
        tallies = tallies.filter(day__lt=before)
    if narrowing:
        tallies = tallies.exclude(part=HEXAGON)
    counted = (
        tallies.order_by()
        .values_list("question", "part", "value", "district")
        .annotate(people=Sum("n"), said=Sum("amount"))
        .filter(people__gt=0)
    )
    return put_into_ranges(
        survey.read, figures_from((*key, int(people), float(said)) for *key, people, said in counted)
    )


def _figures_of_street(survey: Survey, narrowing: Narrowing) -> Figures:
    """Count what the responses of a street add to the tallies."""
    conditions = ["contribution.street_id = %(street)s", "counted.survey = %(survey)s"]
    parameters = {"street": narrowing.street, "survey": survey.pk, "hexagon": HEXAGON}
    for name, condition in (
        ("district", "counted.district = %(district)s"),
        ("first_day", "counted.day >= %(first_day)s"),
        ("last_day", "counted.day <= %(last_day)s"),
        ("origin", "counted.origin = %(origin)s"),
    ):
        wanted = getattr(narrowing, name)
        if wanted not in {None, ""}:
            conditions.append(condition)
            parameters[name] = wanted
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT one ->> 0, one ->> 1, one ->> 2, counted.district,
                sum((one ->> 3)::bigint)::bigint, sum((one ->> 4)::numeric)::float8
            FROM surveys_countedresponse AS counted
            JOIN contributions_contribution AS contribution ON contribution.id = counted.response,
                jsonb_array_elements(counted.rows) AS one
            WHERE {" AND ".join(conditions)} AND one ->> 1 <> %(hexagon)s
            GROUP BY 1, 2, 3, 4""",
            parameters,
        )
        return figures_from(cursor.fetchall())


_FRESH = """
    SELECT survey AS survey_id, one ->> 0 AS question, one ->> 1 AS part, one ->> 2 AS value,
        CASE WHEN one ->> 1 = %(hexagon)s THEN 0 ELSE district END AS district, day,
        CASE WHEN one ->> 1 = %(hexagon)s THEN '' ELSE origin END AS origin,
        sum((one ->> 3)::bigint) AS n, sum((one ->> 4)::numeric) AS amount
    FROM surveys_countedresponse, jsonb_array_elements(rows) AS one
    WHERE survey = %(survey)s GROUP BY 1, 2, 3, 4, 5, 6, 7"""


@transaction.atomic
def recount(survey: Survey) -> int:
    """Count all responses of a survey again and write the tallies anew; returns how many were wrong.

    For what happened while triggers were switched off. Who answers meanwhile waits for it to end.
    """
    parameters = {"survey": survey.pk, "hexagon": HEXAGON}
    columns = "survey_id, question, part, value, district, day, origin, n, amount"
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE surveys_surveytally IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "CREATE TEMPORARY TABLE tallies_before ON COMMIT DROP AS"
            f" SELECT {columns} FROM surveys_surveytally WHERE survey_id = %(survey)s",
            parameters,
        )
        cursor.execute(
            "SELECT surveys_recount(array_agg(contribution_id)) FROM surveys_surveyresponse"
            " WHERE survey_id = %(survey)s HAVING count(*) > 0",
            parameters,
        )
        cursor.execute("DELETE FROM surveys_surveytally WHERE survey_id = %(survey)s", parameters)
        cursor.execute(f"INSERT INTO surveys_surveytally ({columns}) {_FRESH}", parameters)
        cursor.execute(
            f"""
            SELECT count(*) FROM (SELECT {columns} FROM surveys_surveytally WHERE survey_id = %(survey)s) AS now
            FULL JOIN (SELECT * FROM tallies_before WHERE n <> 0 OR amount <> 0) AS before
                USING (survey_id, question, part, value, district, day, origin)
            WHERE (now.n, now.amount) IS DISTINCT FROM (before.n, before.amount)""",
            parameters,
        )
        (wrong,) = cursor.fetchone()
        cursor.execute("DROP TABLE tallies_before")
    return int(wrong)
