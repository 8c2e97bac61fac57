"""The SQL that keeps the tallies: triggers on responses, their places and their contributions.

Whatever changes a response (taking it in, a moderator, new boundaries, SQL), the statement's end counts it again: what
it added before, which is kept beside it, is taken away, and what it adds now is added, in the same transaction. Tallies
are changed in the order of their key, so that two transactions do not wait for one another in a circle.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings

from geoparticipation.surveys.results.figures import FOLLOW_UP, HEXAGON, LEAST, MORE
from geoparticipation.surveys.results.hexagons import hexagon_sql

_IN_WORDS: Final = """
CREATE FUNCTION surveys_said(answer jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(answer)
        WHEN 'object' THEN 'other'
        WHEN 'array' THEN (
            SELECT string_agg(
                CASE jsonb_typeof(one) WHEN 'object' THEN 'other' ELSE one #>> '{}' END, '; ' ORDER BY place
            )
            FROM jsonb_array_elements(answer) WITH ORDINALITY AS each (one, place)
        )
        ELSE answer #>> '{}'
    END
$$;
CREATE FUNCTION surveys_own_words(answer jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(answer)
        WHEN 'object' THEN answer ->> 'other'
        WHEN 'array' THEN (SELECT string_agg(one ->> 'other', '; ') FROM jsonb_array_elements(answer) AS one)
    END
$$;
"""

_KEY: Final = "survey_id, question, part, value, district, day, origin"

# What one value adds, by the kind of its question; `part` is given to follow-ups, whose questions have no parts.
_ROWS: Final = f"""
CREATE FUNCTION surveys_value_rows(asked jsonb, answer jsonb)
RETURNS TABLE (part text, value text, amount numeric) LANGUAGE sql IMMUTABLE AS $$
    SELECT '', CASE jsonb_typeof(answer) WHEN 'object' THEN 'other' ELSE answer #>> '{{}}' END, 0
        WHERE asked ->> 'kind' = 'single'
    UNION ALL SELECT '', CASE jsonb_typeof(one) WHEN 'object' THEN 'other' ELSE one #>> '{{}}' END, 0
        FROM jsonb_array_elements(CASE WHEN asked ->> 'kind' IN ('multiple', 'places_choice') THEN answer END) AS one
    UNION ALL SELECT place::text, one #>> '{{}}', 0
        FROM jsonb_array_elements(CASE WHEN asked ->> 'kind' = 'ranking' THEN answer END)
            WITH ORDINALITY AS ranked (one, place)
    UNION ALL SELECT '', (answer::numeric)::int::text, 0 WHERE asked ->> 'kind' = 'scale'
    UNION ALL SELECT key, one #>> '{{}}', 0
        FROM jsonb_each(CASE WHEN asked ->> 'kind' = 'matrix' THEN answer END) AS each (key, one)
        WHERE coalesce(one #>> '{{}}', '') <> ''
    -- Four digits say enough for a chart; the sum is exact.
    UNION ALL SELECT '', trim_scale(
            trunc(answer::numeric, 3 - floor(log(greatest(abs(answer::numeric), 0.0001)))::int)
        )::text, 0 WHERE asked ->> 'kind' = 'number'
    UNION ALL SELECT '', left(answer #>> '{{}}', 7), 0 WHERE asked ->> 'kind' = 'date'
    UNION ALL SELECT item ->> 'key', CASE WHEN given > least THEN '{MORE}' ELSE '{LEAST}' END, given
        FROM jsonb_array_elements(CASE WHEN asked ->> 'kind' = 'budget' THEN asked -> 'items' END) AS item,
            LATERAL (SELECT coalesce((item ->> 'cost_minimum')::numeric, 0) AS least) AS least,
            LATERAL (SELECT coalesce((answer ->> (item ->> 'key'))::numeric, least) AS given) AS given
    UNION ALL SELECT '', '', CASE WHEN asked ->> 'kind' IN ('scale', 'number') THEN answer::numeric ELSE 0 END
$$;
"""

_RESPONSES: Final = f"""
CREATE FUNCTION surveys_response_rows(response bigint, definition jsonb, answers jsonb)
RETURNS TABLE (question text, part text, value text, n bigint, amount numeric) LANGUAGE sql STABLE AS $$
    WITH asked AS (
        SELECT question ->> 'key' AS key, question
        FROM jsonb_path_query(definition, '$.sections[*].questions[*]') AS question
    ),
    placed AS (
        SELECT place.question AS key, place.geometry, place.follow_up, asked.question
        FROM surveys_placeanswer AS place JOIN asked ON asked.key = place.question
        WHERE place.response_id = response
    )
    SELECT '', '', '', 1, 0
    UNION ALL SELECT asked.key, rows.part, rows.value, 1, rows.amount
        FROM asked, surveys_value_rows(asked.question, answers -> asked.key) AS rows
        WHERE answers ? asked.key AND asked.question ->> 'kind' <> 'place'
    UNION ALL SELECT key, '', '', 1, count(*) FROM placed WHERE question ->> 'kind' = 'place' GROUP BY key
    UNION ALL SELECT DISTINCT key, '{HEXAGON}', {hexagon_sql("geometry")}, 1, 0 FROM placed
    UNION ALL SELECT placed.key, '{FOLLOW_UP}' || (further ->> 'key'), rows.value, count(*), sum(rows.amount)
        FROM placed,
            jsonb_path_query(placed.question, '$.follow_up[*]') AS further,
            surveys_value_rows(further, placed.follow_up -> (further ->> 'key')) AS rows
        WHERE placed.follow_up ? (further ->> 'key')
        GROUP BY placed.key, further ->> 'key', rows.value
$$;
"""

_RECOUNT: Final = f"""
CREATE FUNCTION surveys_day(moment timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (moment AT TIME ZONE '{{zone}}')::date
$$;

CREATE FUNCTION surveys_recount(changed bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was jsonb;
BEGIN
    PERFORM FROM surveys_countedresponse WHERE response = ANY(changed) ORDER BY response FOR UPDATE;
    SELECT jsonb_agg(to_jsonb(counted)) INTO was FROM surveys_countedresponse AS counted
        WHERE response = ANY(changed);
    DELETE FROM surveys_countedresponse WHERE response = ANY(changed)
        AND NOT EXISTS (SELECT FROM surveys_surveyresponse WHERE contribution_id = surveys_countedresponse.response);
    INSERT INTO surveys_countedresponse (response, survey, district, day, origin, rows)
        SELECT given.contribution_id, given.survey_id, coalesce(placed.district_id, 0),
            surveys_day(placed.submitted_at), placed.origin, CASE WHEN placed.status = 'counted' THEN (
                SELECT jsonb_agg(jsonb_build_array(question, part, value, n, amount)) FROM surveys_response_rows(
                    given.contribution_id, survey.definition, given.answers
                )
            ) ELSE '[]' END
        FROM surveys_surveyresponse AS given
        JOIN contributions_contribution AS placed ON placed.id = given.contribution_id
        JOIN surveys_survey AS survey ON survey.id = given.survey_id
        WHERE given.contribution_id = ANY(changed)
        ON CONFLICT (response) DO UPDATE SET survey = excluded.survey, district = excluded.district,
            day = excluded.day, origin = excluded.origin, rows = excluded.rows;
    INSERT INTO surveys_surveytally AS kept ({_KEY}, n, amount)
        SELECT survey, one ->> 0, one ->> 1, one ->> 2,
            CASE WHEN one ->> 1 = '{HEXAGON}' THEN 0 ELSE district END, day,
            CASE WHEN one ->> 1 = '{HEXAGON}' THEN '' ELSE origin END,
            sum(sign * (one ->> 3)::bigint), sum(sign * (one ->> 4)::numeric)
        FROM (
            SELECT 1 AS sign, survey, district, day, origin, rows FROM surveys_countedresponse
                WHERE response = ANY(changed)
            UNION ALL SELECT -1, survey, district, day, origin, rows
                FROM jsonb_to_recordset(was) AS before (
                    survey bigint, district bigint, day date, origin text, rows jsonb
                )
        ) AS both_of_them, jsonb_array_elements(rows) AS one
        GROUP BY 1, 2, 3, 4, 5, 6, 7
        HAVING sum(sign * (one ->> 3)::bigint) <> 0 OR sum(sign * (one ->> 4)::numeric) <> 0
        ORDER BY 1, 2, 3, 4, 5, 6, 7
        ON CONFLICT ({_KEY}) DO UPDATE SET n = kept.n + excluded.n, amount = kept.amount + excluded.amount;
END $$;
"""


def _trigger(name: str, table: str, event: str, tables: str, changed: str) -> str:
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    {changed}
    IF changed IS NOT NULL THEN PERFORM surveys_recount(changed); END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


def _triggers() -> list[tuple[str, str, str]]:
    """Name, table and SQL of each trigger."""
    made = []
    for table, key in (("surveys_surveyresponse", "contribution_id"), ("surveys_placeanswer", "response_id")):
        for event, tables in (
            ("INSERT", "NEW TABLE AS rows_now"),
            ("UPDATE", "NEW TABLE AS rows_now"),
            ("DELETE", "OLD TABLE AS rows_now"),
        ):
            name = f"{table}_tally_{event.lower()}"
            changed = f"SELECT array_agg(DISTINCT {key}) INTO changed FROM rows_now;"
            made.append((name, table, _trigger(name, table, event, tables, changed)))
    table = "contributions_contribution"
    name = "surveys_contribution_tally_update"
    changed = """
    SELECT array_agg(now.id) INTO changed FROM rows_now AS now JOIN rows_before AS before ON before.id = now.id
    WHERE now.kind = 'response' AND (now.status, now.district_id, now.submitted_at, now.origin)
        IS DISTINCT FROM (before.status, before.district_id, before.submitted_at, before.origin);"""
    tables = "OLD TABLE AS rows_before NEW TABLE AS rows_now"
    made.append((name, table, _trigger(name, table, "UPDATE", tables, changed)))
    return made


def tally_sql(time_zone: str = settings.TIME_ZONE) -> tuple[str, str]:
    """SQL that makes functions and triggers and counts what is there, and SQL that removes them; for the migration.

    A day is one of `time_zone`: a commune that moves to another needs a migration of its own.
    """
    triggers = _triggers()
    create = "".join(
        [
            _IN_WORDS,
            _ROWS,
            _RESPONSES,
            _RECOUNT.replace("{zone}", time_zone),
            *(sql for _name, _table, sql in triggers),
            "SELECT surveys_recount(array_agg(contribution_id)) FROM surveys_surveyresponse HAVING count(*) > 0;",
        ]
    )
    drop = "".join(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();\n" for name, table, _sql in triggers)
    drop += "DROP FUNCTION surveys_recount(bigint[]); DROP FUNCTION surveys_day(timestamptz);"
    drop += "DROP FUNCTION surveys_response_rows(bigint, jsonb, jsonb);"
    drop += "DROP FUNCTION surveys_value_rows(jsonb, jsonb); DROP FUNCTION surveys_own_words(jsonb);"
    return create, f"{drop} DROP FUNCTION surveys_said(jsonb);"
