"""The database keeps the counts of answers, whatever changes a response, and they equal a recount."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain import change_status
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.surveys.models import PlaceAnswer, Survey, SurveyResponse, SurveyTally
from geoparticipation.surveys.results.hexagons import hexagon
from geoparticipation.surveys.results.tallies import recount
from tests.fixtures.question import actor_of
from tests.fixtures.survey import Respond, answers
from tests.fixtures.tiny_town import TinyTown
from tests.surveys.results.generating import counted_again, generate_responses


def tallied(survey: Survey) -> Counter[tuple[str, str, str, int]]:
    """People by question, part, value and district, as the database keeps them; without hexagons."""
    rows = (
        SurveyTally.objects.filter(survey=survey)
        .exclude(part="hex")
        .values_list("question", "part", "value", "district")
    )
    return Counter({tuple(key): n for *key, n in rows.annotate(total=Sum("n")) if n})


def test_an_answer_is_counted_in_each_part(survey: Survey, respond: Respond, tiny_town: TinyTown) -> None:
    respond()

    west = tiny_town.west.pk
    assert tallied(survey) == Counter(
        {
            (question, part, value, west): n
            for question, part, value, n in [
                ("", "", "", 1),
                ("mode", "", "", 1), ("mode", "", "car", 1),
                ("reasons", "", "", 1), ("reasons", "", "fast", 1), ("reasons", "", "cheap", 1),
                ("cars", "", "", 1), ("cars", "", "2", 1),
                ("order", "", "", 1), ("order", "1", "b", 1), ("order", "2", "a", 1),
                ("safe", "", "", 1), ("safe", "", "4", 1),
                ("times", "", "", 1), ("times", "work", "often", 1),
                ("danger", "", "", 1), ("danger", "place:why", "", 1),
                ("danger", "place:bad", "", 2), ("danger", "place:bad", "3", 1), ("danger", "place:bad", "1", 1),
                ("way", "", "", 1),
                ("spots", "", "", 1), ("spots", "", "station", 1),
                ("money", "", "", 1), ("money", "lamps", "more", 1), ("money", "paths", "more", 1),
                ("since", "", "", 1), ("since", "", "2025-03", 1),
                ("word", "", "", 1), ("story", "", "", 1), ("agree", "", "", 1),
            ]
        }
    )  # fmt: skip
    assert SurveyTally.objects.get(question="money", part="paths", value="more").amount == 70
    assert SurveyTally.objects.get(question="cars", value="").amount == 2


def test_counts_equal_a_recount_whatever_happens(survey: Survey, agent: User, tiny_town: TinyTown) -> None:
    generate_responses(survey, 300)
    assert tallied(survey) == counted_again(survey)
    assert tallied(survey)["", "", "", tiny_town.west.pk] > 100

    taken_out = Contribution.objects.filter(status=Status.COUNTED).order_by("pk")[:20]
    for contribution in taken_out:
        change_status(contribution=contribution, to_status=Status.HIDDEN, actor=actor_of(agent), reason="Twice.")
    moved = list(Contribution.objects.filter(district=tiny_town.west).values_list("pk", flat=True)[:40])
    Contribution.objects.filter(pk__in=moved).update(district=tiny_town.east)
    PlaceAnswer.objects.filter(position=2).delete()
    SurveyResponse.objects.filter(answers__safe=3).update(answers=answers(cars=None, danger=None, way=None))
    SurveyResponse.objects.filter(answers__word="@home").first().contribution.delete()  # type: ignore[union-attr]

    assert tallied(survey) == counted_again(survey)


def test_a_response_that_is_taken_back_leaves_nothing(survey: Survey, respond: Respond) -> None:
    with transaction.atomic():
        response = respond()
        Contribution.objects.filter(pk=response.pk).update(status=Status.HIDDEN)

    assert not any(SurveyTally.objects.values_list("n", flat=True))
    assert not any(SurveyTally.objects.values_list("amount", flat=True))


def test_a_day_is_one_of_the_town(survey: Survey, respond: Respond) -> None:
    response = respond()
    Contribution.objects.filter(pk=response.pk).update(submitted_at="2026-06-30T22:30:00Z")

    assert set(SurveyTally.objects.filter(n__gt=0).values_list("day", flat=True)) == {date(2026, 7, 1)}


def test_ten_pins_of_a_person_are_one_person_in_a_hexagon(survey: Survey, respond: Respond) -> None:
    pin = {"geometry": {"type": "Point", "coordinates": [4.405, 50.845]}, "follow_up": {"bad": 3}}
    respond(answers=answers(danger=[pin, pin, pin], way=None))

    assert list(SurveyTally.objects.filter(part="hex").values_list("question", "n")) == [("danger", 1)]


@pytest.mark.django_db
def test_a_place_lies_in_its_hexagon() -> None:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT surveys_hexagon(place), ST_AsText(place, 12) FROM (
                SELECT (ST_DumpPoints(ST_GeneratePoints(ST_MakeEnvelope(4.3, 50.8, 4.35, 50.83, 4326), 400, 7))).geom
            ) AS made (place)""")
        made = cursor.fetchall()
        for name, place in made:
            cursor.execute(
                "SELECT ST_Covers(ST_Buffer(ST_GeomFromEWKB(%s), 1e-9), ST_GeomFromText(%s, 4326))",
                [bytes(hexagon(name).ewkb), place],
            )
            assert cursor.fetchone() == (True,)
    assert len({name for name, _place in made}) > 40


def test_a_recount_puts_right_what_triggers_missed(survey: Survey) -> None:
    generate_responses(survey, 40)
    assert recount(survey) == 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE surveys_surveyresponse SET answers = answers - 'safe'")
        cursor.execute("UPDATE surveys_surveytally SET n = n + 1 WHERE question = 'mode' AND value = 'bike'")
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert recount(survey) > 5
    assert tallied(survey) == counted_again(survey)
    assert recount(survey) == 0
