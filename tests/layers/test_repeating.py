"""What is sent twice is carried out once: keys of programs, tokens of forms, and both at the same time."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from layers import repeating
from layers.keyed_hash import keyed_hash
from layers.models import KeptAnswer
from layers.repeatable import repeatable
from layers.repeating import Answer, repeat_safely
from layers.tasks import forget_kept_answers
from neighbourhoods.models import Target
from tests.consultations.test_workspace_pages import ABOUT, NEW
from tests.fixtures.tiny_town import TinyTown

TARGETS = "/api/v1/targets/"
TARGET = {"name": "Even side", "parts": [{"kind": "street", "street": "Rue Haute", "side": "even"}]}
JSON = "application/json"


def token_in(page: HttpResponse) -> str:
    found = re.search(r'name="token" value="([0-9a-f-]{36})"', page.content.decode())
    assert found, "the form has no token"
    return found.group(1)


# --- Programs ---------------------------------------------------------------------------------------------------------
def test_target_with_a_key_is_saved_once(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)

    first, second = (client.post(TARGETS, TARGET, JSON, headers={"idempotency-key": "k"}) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first["Location"] == second["Location"] == f"{TARGETS}{Target.objects.get().pk}/"
    assert first["Content-Type"] == second["Content-Type"] == JSON
    assert (first.get("Idempotency-Replayed"), second.get("Idempotency-Replayed")) == (None, "true")


def test_target_with_a_used_key_and_another_name_is_refused(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)
    client.post(TARGETS, TARGET, JSON, headers={"idempotency-key": "k"})

    response = client.post(TARGETS, {**TARGET, "name": "Odd"}, JSON, headers={"idempotency-key": "k"})

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Target.objects.count() == 1


@pytest.mark.django_db
def test_files_are_part_of_the_request() -> None:
    class Upload(APIView):
        parser_classes = [MultiPartParser]
        permission_classes: list[type] = []

        @repeatable
        def post(self, request: Request) -> HttpResponse:
            return HttpResponse(request.FILES["photo"].read(), status=201)

    def send(photo: bytes) -> HttpResponse:
        body = {"title": "Bench", "photo": SimpleUploadedFile("a.jpg", photo)}
        return Upload.as_view()(APIRequestFactory().post("/photos/", body, headers={"idempotency-key": "k"}))

    assert send(b"one").content == b"one"
    assert send(b"one")["Idempotency-Replayed"] == "true"
    assert send(b"two").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_equal_keys_at_the_same_time_make_one(agent: User, tiny_town: TinyTown) -> None:
    def send(_number: int) -> HttpResponse:
        client = Client()
        client.force_login(agent)
        try:
            return client.post(TARGETS, TARGET, JSON, headers={"idempotency-key": "k"})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))

    assert Target.objects.count() == 1
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 5


@pytest.mark.django_db(transaction=True)
def test_key_that_takes_too_long_is_answered_in_words(
    client: Client, agent: User, tiny_town: TinyTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "LONGEST_WAIT_S", 1)
    client.force_login(agent)
    known_by = {name: connection.settings_dict[name.upper()] for name in ("host", "port", "user", "password")}
    with psycopg.connect(dbname=connection.settings_dict["NAME"], **known_by) as other:
        other.execute(
            "INSERT INTO layers_keptanswer (key_hash, request_hash, status, location, content_type, body, expires_at) "
            "VALUES (%s, '', 0, '', '', '', now() + interval '1 day')",
            [keyed_hash("idempotency", str(agent.pk), "k")],
        )
        waiting = client.post(TARGETS, TARGET, JSON, headers={"idempotency-key": "k", "accept-language": "fr"})
        other.rollback()
    then = client.post(TARGETS, TARGET, JSON, headers={"idempotency-key": "k"})

    assert (waiting.status_code, waiting.json()["code"]) == (409, "idempotency_key_in_use")
    assert waiting["Retry-After"] == "1"
    assert "en cours" in waiting.json()["detail"]
    assert then.status_code == 201


@pytest.mark.django_db
def test_what_fails_keeps_nothing() -> None:
    def fail() -> Answer:
        Target.objects.create(name="Half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        repeat_safely(user_id=None, key="k", request_text="a", carry_out=fail)

    assert (Target.objects.count(), KeptAnswer.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_answers_are_forgotten_when_their_day_is_over() -> None:
    for key in ("old", "new"):
        repeat_safely(user_id=None, key=key, request_text="a", carry_out=lambda: Answer(201, "/", ""))
    KeptAnswer.objects.filter(key_hash=keyed_hash("idempotency", "visitor", "old")).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )

    forget_kept_answers(timestamp=0)

    assert [row.key_hash for row in KeptAnswer.objects.all()] == [keyed_hash("idempotency", "visitor", "new")]


@pytest.mark.django_db
def test_limit_of_waiting_ends_with_the_search_for_the_key() -> None:
    def make() -> Answer:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return Answer(201, cursor.fetchone()[0], "")

    assert repeat_safely(user_id=None, key="k", request_text="a", carry_out=make).location == "0"


# --- Forms ------------------------------------------------------------------------------------------------------------
def test_consultation_form_sent_twice_makes_one(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)
    form = {**ABOUT, "process": "consultation", "starts_on": "2026-03-02", "token": token_in(client.get(NEW))}

    answers = [client.post(NEW, form) for _ in range(2)]

    slug = Consultation.objects.get().slug
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, f"/workspace/consultations/{slug}/")
    ] * 2


def test_consultation_form_with_other_words_makes_another(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)
    form = {**ABOUT, "process": "consultation", "starts_on": "2026-03-02", "token": token_in(client.get(NEW))}

    client.post(NEW, form)
    client.post(NEW, {**form, "title": "The other park"})

    assert Consultation.objects.count() == 2


def test_consultation_form_that_was_refused_keeps_its_token(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)
    token = token_in(client.get(NEW))

    refused = client.post(NEW, {**ABOUT, "title": "", "process": "consultation", "token": token})

    assert refused.status_code == 422
    assert token_in(refused) == token


def test_target_form_sent_twice_makes_one(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)
    page = client.get("/workspace/targets/new/")
    form = {
        "token": token_in(page),
        "action": "save",
        "name": "West",
        "part-TOTAL_FORMS": 1,
        "part-INITIAL_FORMS": 0,
        "part-0-operation": "include",
        "part-0-kind": "district",
        "part-0-named": "West",
        "part-0-side": "both",
    }

    answers = [client.post("/workspace/targets/new/", form) for _ in range(2)]

    pk = Target.objects.get().pk
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, f"/workspace/targets/{pk}/")] * 2
