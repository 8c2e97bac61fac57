"""The round on the phone: who opens it, what it holds, what it takes in."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.make_mailing import code_of, make_mailing
from geoparticipation.mailings.domain.rounds import ask_for_rounds, plan_rounds
from geoparticipation.mailings.domain.walks.links import make_link, withdraw_link
from geoparticipation.mailings.errors import RoundsBegun, RoundsHandedOut
from geoparticipation.mailings.models import Mailing, Round, RoundEvent, RoundLink

pytestmark = pytest.mark.django_db


def path_of(round_: Round) -> str:
    _link, token = make_link(round_=round_, user=None)
    return f"/rounds/{token}/"


def done(round_: Round, order: int = 1, **other: Any) -> dict[str, Any]:
    stop = round_.stops.get(order=order)
    return {
        "id": str(uuid.uuid4()),
        "act": "done",
        "stop": stop.pk,
        "replaces": [],
        "made_at": timezone.now().isoformat(),
        "text": "",
        **other,
    }


def send(client: Client, path: str, *acts: object) -> Any:
    return client.post(f"{path}events/", json.dumps({"acts": acts}), content_type="application/json")


def test_the_page_has_the_round_and_nothing_else(client: Client, mailing: Mailing) -> None:
    first, second = plan_rounds(mailing=mailing, rounds=2).rounds
    answer = client.get(path_of(first), headers={"accept-language": "en"})

    page = answer.content.decode()
    streets = set(first.stops.values_list("segment__street_name", flat=True))
    others = set(second.stops.values_list("segment__street_name", flat=True)) - streets
    assert others
    assert all(street in page for street in streets)
    assert not any(street in page for street in others)
    for letterbox in mailing.letterboxes.all():
        for code in letterbox.codes.all():
            printed = code_of(mailing, letterbox, code)
            assert printed not in page
            assert code.code_hash not in page
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert not answer.cookies


def test_the_link_is_nowhere_in_the_database(client: Client, walked: Round) -> None:
    link, token = make_link(round_=walked, user=None)

    assert token not in json.dumps(list(RoundLink.objects.values()), default=str)
    assert len(token) >= 32
    assert link.is_in_force


def test_a_link_ends_by_another_one_by_withdrawal_and_with_time(client: Client, walked: Round) -> None:
    first = path_of(walked)
    second = path_of(walked)
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200

    RoundLink.objects.filter(withdrawn_at__isnull=True).update(expires_at=timezone.now() - timedelta(days=1))
    assert client.get(second).status_code == 410
    assert client.get(f"{second}worker.js").status_code == 410
    # What was noted before is taken a while longer, and tells nothing.
    late = send(client, second, done(walked))
    assert (late.status_code, late.json()["acts"], RoundEvent.objects.count()) == (200, [], 1)

    withdraw_link(round_=walked)
    assert send(client, second, done(walked, 2)).status_code == 410
    assert client.get("/rounds/no-such-token/").status_code == 404
    assert RoundEvent.objects.count() == 1


def test_the_worker_rules_over_its_round_alone(client: Client, walked: Round) -> None:
    path = path_of(walked)
    answer = client.get(f"{path}worker.js")

    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in answer.headers
    told = json.loads(answer.content.decode().splitlines()[0].removeprefix("self.WALK = ").rstrip(";"))
    assert told["page"] == path


def test_acts_are_kept_once_and_make_letterboxes_delivered(client: Client, walked: Round) -> None:
    path, act = path_of(walked), done(walked)
    for _time in range(2):
        assert send(client, path, act).json()["kept"] == [act["id"]]

    assert RoundEvent.objects.count() == 1
    on_stop = walked.stops.get(order=1).letterboxes
    delivered = walked.mailing.letterboxes.filter(delivered_on=timezone.localdate())
    assert set(delivered.values_list("pk", flat=True)) == set(on_stop.values_list("letterbox_id", flat=True))

    letterbox = on_stop.first()
    assert letterbox is not None
    noted = done(walked, act="no_access", letterbox=letterbox.letterbox_id)
    send(client, path, noted)
    assert not delivered.filter(pk=letterbox.letterbox_id).exists()
    send(client, path, done(walked, act="cleared", letterbox=letterbox.letterbox_id, replaces=[noted["id"]]))
    assert delivered.filter(pk=letterbox.letterbox_id).exists()
    send(client, path, done(walked, act="undone", replaces=[act["id"]]))
    assert not delivered.exists()


@pytest.mark.parametrize(
    "fault",
    [
        {"act": "eaten"},
        {"stop": 0},
        {"stop": "1"},
        {"id": "x"},
        {"replaces": ["x"]},
        {"made_at": "yesterday"},
        {"made_at": "2026-01-01T00:00:00"},
        {"act": "no_access"},
        {"replaces": 7},
    ],
)
def test_an_act_with_a_fault_is_refused_and_the_others_are_kept(client: Client, walked: Round, fault: dict) -> None:
    path, good = path_of(walked), done(walked)

    answer = send(client, path, {**done(walked), **fault}, good, "no object").json()

    assert answer["kept"] == [good["id"]]
    assert list(answer["refused"].values()) == ["round_act_malformed"]
    assert [act["id"] for act in answer["acts"]] == [good["id"]]


def test_a_wrong_clock_and_half_a_character_lose_nothing(client: Client, walked: Round) -> None:
    letterbox = walked.stops.get(order=1).letterboxes.first().letterbox_id
    early = done(walked, made_at="0001-01-01T00:00:00+14:00")
    broken = done(walked, act="wrong_address", letterbox=letterbox, text="\ud83d no bell")

    answer = send(client, path_of(walked), early, broken).json()

    assert answer["kept"] == [early["id"], broken["id"]]
    assert RoundEvent.objects.get(pk=early["id"]).made_at == walked.mailing.created_at
    assert RoundEvent.objects.get(pk=broken["id"]).text == "no bell"


def test_acts_on_another_round_are_refused(client: Client, mailing: Mailing) -> None:
    first, second = plan_rounds(mailing=mailing, rounds=2).rounds
    path = path_of(first)

    assert send(client, path, done(second)).json()["kept"] == []
    mine = done(first)
    send(client, path, mine)
    taken = send(client, path_of(second), done(second, id=mine["id"]))
    assert taken.json()["refused"] == {mine["id"]: "round_act_taken"}
    assert RoundEvent.objects.get().round == first


def test_too_much_at_once_is_refused_whole(client: Client, walked: Round) -> None:
    path = path_of(walked)

    assert send(client, path, *(done(walked) for _ in range(501))).status_code == 413
    assert send(client, path, done(walked, text="x" * 400_000)).status_code == 413
    assert client.post(f"{path}events/", b"[" * 50_000, content_type="application/json").status_code == 200
    assert not RoundEvent.objects.exists()


def test_without_a_script_a_stop_is_ticked_and_a_letterbox_noted(client: Client, walked: Round) -> None:
    path, stop = path_of(walked), walked.stops.get(order=1)
    answer = client.post(f"{path}act/", {"act": "done", "stop": stop.pk})
    assert answer.headers["Location"] == f"{path}#stop-{stop.pk}"

    door = stop.letterboxes.first()
    assert door is not None
    form = client.get(path, {"door": door.letterbox_id})
    assert f'name="letterbox" value="{door.letterbox_id}"' in form.content.decode()
    client.post(f"{path}act/", {"act": "wrong_address", "letterbox": door.letterbox_id, "text": "no\x00 such door"})
    client.post(f"{path}act/", {"act": "undone", "stop": stop.pk})

    page = client.get(path, headers={"accept-language": "en"}).content.decode()
    assert "wrong address: no such door" in page
    assert "0 of" in page


def test_acts_are_never_changed_or_deleted(client: Client, walked: Round) -> None:
    send(client, path_of(walked), done(walked))

    for change in (lambda: RoundEvent.objects.update(text="x"), lambda: RoundEvent.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_rounds_are_not_planned_anew_once_delivery_began(client: Client, walked: Round, agent: User) -> None:
    path, mailing = path_of(walked), walked.mailing
    with pytest.raises(RoundsHandedOut):
        ask_for_rounds(mailing=mailing, user=agent, rounds=2)
    with pytest.raises(RoundsHandedOut):
        plan_rounds(mailing=mailing, rounds=2)
    ask_for_rounds(mailing=mailing, user=agent, rounds=2, end_links=True)

    send(client, path, done(walked))
    for plan in (ask_for_rounds, plan_rounds):
        with pytest.raises(RoundsBegun):
            plan(mailing=mailing, rounds=2, end_links=True, **({"user": agent} if plan is ask_for_rounds else {}))
    assert list(mailing.rounds.all()) == [walked]


def test_the_page_takes_as_many_queries_for_a_long_round_as_for_a_short_one(client: Client, mailing: Mailing) -> None:
    counts = []
    for rounds in (3, 1):
        one = plan_rounds(mailing=mailing, rounds=rounds, end_links=True).rounds[0]
        path = path_of(one)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 9


def test_agents_make_and_withdraw_links_and_tick_what_came_back_on_paper(
    client: Client, walked: Round, agent: User, planner: User
) -> None:
    link = f"/workspace/mailings/{walked.mailing_id}/rounds/1/link/"
    client.force_login(planner)
    assert client.post(link, {"act": "make"}).status_code == 403
    client.force_login(agent)
    made = client.post(link, {"act": "make"})
    path = "/rounds/" + made.context["address"].split("/rounds/")[1]
    assert Client().get(path).status_code == 200
    client.post(link, {"act": "withdraw"})
    assert Client().get(path).status_code == 410

    client.post(f"/workspace/mailings/{walked.mailing_id}/rounds/1/delivered/")
    assert not walked.mailing.letterboxes.filter(delivered_on=None).exists()
    assert set(RoundEvent.objects.values_list("made_by", flat=True)) == {agent.pk}


def test_another_mailing_has_links_of_its_own(walked: Round, mailing: Mailing) -> None:
    other = make_mailing(name="Winter", consultation=mailing.consultation, target=mailing.target)
    make_link(round_=walked, user=None)

    assert plan_rounds(mailing=other, rounds=2).rounds
