"""The page of a mailing's rounds: asking, the worker's part, the table, the files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.rounds import ask_for_rounds, carry_out_plan, plan_rounds
from geoparticipation.mailings.models import Mailing, RoundPlan
from geoparticipation.mailings.tasks import plan_mailing_rounds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_queue")]


def page(mailing: Mailing) -> str:
    return f"/workspace/mailings/{mailing.pk}/rounds/"


@pytest.fixture
def desk(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


def ask(desk: Client, mailing: Mailing, **said: Any) -> Any:
    return desk.post(page(mailing), {"by": "rounds", "rounds": "2", "minutes": "90", **said})


def test_what_is_asked_for_is_planned_by_the_worker(
    desk: Client, mailing: Mailing, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(desk, mailing, rounds="3")

    assert answer.status_code == 302
    plan = RoundPlan.objects.get()
    assert (plan.state, plan.rounds, plan.minutes) == ("waiting", 3, None)
    job = ProcrastinateJob.objects.get(task_name="geoparticipation.mailings.tasks.plan_mailing_rounds")
    assert b'hx-trigger="every 2s"' in desk.get(page(mailing)).content

    plan_mailing_rounds(**job.args)

    shown = desk.get(page(mailing))
    assert b"hx-trigger" not in shown.content
    assert [row.round.letterbox_count for row in shown.context["rows"]] == [5, 3, 4]
    plan.refresh_from_db()
    assert plan.state == "ready"
    assert plan.length_m == pytest.approx(sum(row.round.length_m for row in shown.context["rows"]))


def test_a_task_that_runs_again_changes_nothing(mailing: Mailing, agent: User) -> None:
    plan = ask_for_rounds(mailing=mailing, user=agent, rounds=2)
    carry_out_plan(plan_id=plan.pk)
    before = list(mailing.rounds.values_list("pk", flat=True))

    assert carry_out_plan(plan_id=plan.pk) is None
    assert list(mailing.rounds.values_list("pk", flat=True)) == before


def test_what_cannot_be_planned_is_said_and_the_rounds_of_before_stay(
    desk: Client, mailing: Mailing, agent: User
) -> None:
    plan_rounds(mailing=mailing, rounds=2)
    plan = ask_for_rounds(mailing=mailing, user=agent, rounds=500)

    carry_out_plan(plan_id=plan.pk)

    shown = desk.get(page(mailing), HTTP_ACCEPT_LANGUAGE="en")
    assert len(shown.context["rows"]) == 2
    plan.refresh_from_db()
    assert plan.state == "refused"
    assert plan.refusal in shown.content.decode()


def test_a_later_wish_is_not_taken_for_carried_out(mailing: Mailing, agent: User) -> None:
    plan = ask_for_rounds(mailing=mailing, user=agent, rounds=2)
    stale = RoundPlan.objects.get()
    ask_for_rounds(mailing=mailing, user=agent, minutes=600)
    RoundPlan.objects.filter(asked_at=stale.asked_at).update(state="ready")  # what the first one's task would write

    assert RoundPlan.objects.get().state == "waiting"
    carry_out_plan(plan_id=plan.pk)
    assert mailing.rounds.count() == 1


def test_start_and_end_need_no_map(desk: Client, mailing: Mailing) -> None:
    assert ask(desk, mailing, start_words="Rue Haute 1", end_words="Avenue du Parc").status_code == 302

    plan = RoundPlan.objects.get()
    assert plan.start is not None
    assert plan.end is not None
    assert plan.start.coords == pytest.approx((4.4025, 50.8453))
    assert plan.end.x == pytest.approx(4.415, abs=1e-4)
    assert plan.start_words == "Rue Haute 1"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"start_words": "Nowhere at all"}, "start_words"),
        ({"rounds": ""}, "rounds"),
        ({"by": "minutes", "minutes": "2"}, "minutes"),
        ({"by": "neither"}, "by"),
    ],
)
def test_a_wish_with_a_fault_is_kept_on_the_page(desk: Client, mailing: Mailing, said: dict, field: str) -> None:
    answer = ask(desk, mailing, **said)

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not RoundPlan.objects.exists()


def test_a_position_from_the_map_is_taken_as_it_is(desk: Client, mailing: Mailing) -> None:
    ask(desk, mailing, start_words="a point on the map", start_position="4.401,50.846")

    plan = RoundPlan.objects.get()
    assert plan.start is not None
    assert plan.start.coords == (4.401, 50.846)


@pytest.mark.parametrize(
    ("ending", "begins"), [("pdf", b"%PDF-1"), ("gpx", b"<?xml"), ("geojson", b'{"type": "FeatureCollection"')]
)
def test_each_round_is_there_as_a_file(desk: Client, mailing: Mailing, ending: str, begins: bytes) -> None:
    plan_rounds(mailing=mailing, rounds=3)

    answer = desk.get(f"{page(mailing)}2.{ending}")

    assert answer.content.startswith(begins)
    assert f"-2.{ending}" in answer.headers["Content-Disposition"]
    if ending == "geojson":
        assert json.loads(answer.content)["features"][0]["properties"]["letterboxes"] == 3
    assert desk.get(f"{page(mailing)}4.{ending}").status_code == 404
    assert desk.get(f"{page(mailing)}2.exe").status_code == 404


def test_only_agents_open_the_page(client: Client, mailing: Mailing, moderator: User, planner: User) -> None:
    plan_rounds(mailing=mailing, rounds=1)

    assert client.get(page(mailing)).status_code == 302
    for person in (moderator, planner):
        client.force_login(person)
        assert client.get(page(mailing)).status_code == 403
        assert client.get(f"{page(mailing)}1.gpx").status_code == 403
        assert ask(client, mailing).status_code == 403


def test_the_page_takes_as_many_queries_for_three_rounds_as_for_one(desk: Client, mailing: Mailing) -> None:
    counts = []
    for rounds in (1, 3):
        plan_rounds(mailing=mailing, rounds=rounds)
        desk.get(page(mailing))
        with CaptureQueriesContext(connection) as captured:
            desk.get(page(mailing))
        counts.append(len(captured))

    assert counts[0] == counts[1]
