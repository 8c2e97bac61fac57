"""Photos in forms, in the API and in the moderators' queue, as browsers without script and programs use them."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ModerationRule
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions import photo_form, views_contribute, views_photos
from geoparticipation.contributions.domain import add_photo
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.models import Attachment, Contribution, HeldPhoto, PhotoRemoval
from geoparticipation.contributions.photo_form import FORM_MAX_BYTES
from tests.fixtures.question import MakeConsultation, Submit, actor_of
from tests.fixtures.tiny_town import TinyTown
from tests.layers.pictures.pictures import four_colours, photo

pytestmark = pytest.mark.django_db

SENT = photo(four_colours(90, 60), lon=4.405, lat=50.8451)
OTHER = photo(four_colours(60, 90))


@pytest.fixture(autouse=True)
def english(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def file_of(content: bytes = SENT, name: str = "IMG_1.JPG") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def contribute(client: Client, consultation: Consultation, *contents: bytes, **said: Any) -> Any:
    answers = {"place_text": "Rue Haute", "title": "A bench", "token": str(uuid.uuid4()), "act": "send", **said}
    if contents:
        answers["photos"] = [file_of(content) for content in contents]
    return client.post(reverse("contribute", args=[consultation.slug]), answers)


# --- Forms ------------------------------------------------------------------------------------------------------------


def test_idea_with_photos_of_a_visitor(client: Client, consultation: Consultation, tiny_town: TinyTown) -> None:
    response = contribute(client, consultation, SENT, OTHER)

    assert response.status_code == 302
    idea = Contribution.objects.get()
    assert [(one.position, one.width, one.height) for one in idea.photos.all()] == [(1, 90, 60), (2, 60, 90)]
    assert not HeldPhoto.objects.exists()
    page = client.get(response["Location"]).content.decode()
    assert all(f"/photos/{one.code}/small" in page for one in idea.photos.all())


def test_refused_form_keeps_its_photos_for_the_next_try(
    client: Client, consultation: Consultation, tiny_town: TinyTown
) -> None:
    refused = contribute(client, consultation, SENT, title="")
    (held,) = HeldPhoto.objects.all()
    page = refused.content.decode()

    assert refused.status_code == 400
    assert f'name="held" value="{held.code}"' in page
    sent = contribute(client, consultation, held=str(held.code), **{f"description-{held.code}": "Broken"})
    assert sent.status_code == 302
    assert [(one.code, one.description) for one in Attachment.objects.all()] == [(held.code, "Broken")]


@pytest.mark.parametrize("held_first", [False, True])
def test_form_sent_twice_does_not_double_the_photos(
    held_first: bool, client: Client, consultation: Consultation, citizen: User, tiny_town: TinyTown
) -> None:
    client.force_login(citizen)
    token = str(uuid.uuid4())
    contents, said = (SENT, OTHER), {}
    if held_first:
        for content in contents:
            client.post(reverse("photo-hold"), {"photo": file_of(content)})
        contents, said = (), {"held": [str(held.code) for held in HeldPhoto.objects.order_by("pk")]}

    answers = [contribute(client, consultation, *contents, token=token, **said) for _each in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert (Contribution.objects.count(), Attachment.objects.count(), HeldPhoto.objects.count()) == (1, 2, 0)


def test_place_of_a_photo_is_asked_where_none_is_given(
    client: Client, consultation: Consultation, tiny_town: TinyTown
) -> None:
    refused = contribute(client, consultation, SENT, place_text="")
    held = HeldPhoto.objects.get()
    page = refused.content.decode()

    assert refused.status_code == 400
    assert "Place your idea where the photo was taken?" in page
    assert f'value="photo:{held.code}"' in page
    assert Contribution.objects.count() == 0
    token = str(uuid.uuid4())
    for _each in range(2):
        again = {"held": str(held.code), "place": f"photo:{held.code}", "place_text": "", "token": token}
        assert contribute(client, consultation, **again).status_code == 302
    assert Contribution.objects.get().geometry.coords == pytest.approx((4.405, 50.8451))


def test_place_of_somebody_elses_photo_is_no_place(
    client: Client, consultation: Consultation, citizen: User, tiny_town: TinyTown
) -> None:
    other = Client()
    other.post(reverse("photo-hold"), {"photo": file_of()})
    held = HeldPhoto.objects.get()
    client.force_login(citizen)

    refused = contribute(client, consultation, held=str(held.code), place=f"photo:{held.code}", place_text="")

    assert refused.status_code == 409
    assert "no longer kept" in refused.content.decode()
    assert str(held.code) not in refused.content.decode()


def test_one_bad_photo_is_named_and_the_good_ones_are_kept(
    client: Client, consultation: Consultation, tiny_town: TinyTown
) -> None:
    response = client.post(
        reverse("contribute", args=[consultation.slug]),
        {
            "title": "A bench",
            "place_text": "Rue Haute",
            "photos": [file_of(), file_of(b"<svg/>", "<b>evil.jpg"), file_of(OTHER)],
        },
    )

    page = response.content.decode()
    assert response.status_code == 400
    assert "“&lt;b&gt;evil.jpg”: This file is none of the kinds of photo" in page
    assert HeldPhoto.objects.count() == 2
    assert Contribution.objects.count() == 0


def test_five_photos_are_one_too_many(client: Client, consultation: Consultation, tiny_town: TinyTown) -> None:
    pictures = [photo(four_colours(40 + number, 40)) for number in range(5)]

    response = contribute(client, consultation, *pictures)

    assert "At most 4 photos" in response.content.decode()
    assert HeldPhoto.objects.count() == 4


def test_photo_left_out_is_not_sent(client: Client, consultation: Consultation, tiny_town: TinyTown) -> None:
    contribute(client, consultation, SENT, OTHER, title="")
    first, second = HeldPhoto.objects.order_by("pk")

    contribute(client, consultation, held=[str(first.code), str(second.code)], leave=str(first.code))

    assert [one.code for one in Attachment.objects.all()] == [second.code]


def test_photo_that_is_no_longer_held_is_said(client: Client, consultation: Consultation, tiny_town: TinyTown) -> None:
    response = contribute(client, consultation, held=str(uuid.uuid4()))

    assert response.status_code == 409
    assert "no longer kept" in response.content.decode()
    assert Contribution.objects.count() == 0


def test_photos_are_kept_while_somebody_signs_in(
    client: Client, make_consultation: MakeConsultation, citizen: User, tiny_town: TinyTown
) -> None:
    asks = make_consultation(identity_level=1)
    contribute(client, asks, SENT, act="sign-in")
    held = HeldPhoto.objects.get()
    client.force_login(citizen)

    page = client.get(reverse("contribute", args=[asks.slug])).content.decode()
    assert f'name="held" value="{held.code}"' in page
    contribute(client, asks, held=str(held.code))
    assert Attachment.objects.get().contribution.author == citizen


def test_comment_with_a_photo(client: Client, submit: Submit, citizen: User) -> None:
    idea = submit()
    client.force_login(citizen)
    address = reverse("contribution-comment", args=[idea.code])
    refused = client.post(address, {"body": "", "photos": [file_of()]})
    held = HeldPhoto.objects.get()
    assert f'name="held" value="{held.code}"' in refused.content.decode()

    client.post(address, {"body": "Here it is", "held": str(held.code)})

    comment = Contribution.objects.get(kind=Kind.COMMENT)
    assert comment.photos.get().code == held.code
    assert f"/photos/{held.code}/large" in client.get(f"/contributions/{idea.code}/").content.decode()


def test_list_shows_the_first_photo(client: Client, submit: Submit, citizen: User) -> None:
    idea, bare = submit(), submit(title="Bare")
    first, second = (
        add_photo(actor=actor_of(citizen), contribution=idea, content=content) for content in (SENT, OTHER)
    )

    page = client.get("/contributions/").content.decode()

    assert f"/photos/{first.code}/small" in page
    assert str(second.code) not in page
    assert bare.title in page


def test_too_large_a_request_is_refused_in_words(
    client: Client, consultation: Consultation, monkeypatch: pytest.MonkeyPatch, tiny_town: TinyTown
) -> None:
    for view in (views_contribute.contribute, views_photos.hold):
        monkeypatch.setattr(view, "max_body_bytes", 1_000_000)
    too_large = SENT + b"\0" * 1_000_000

    page = contribute(client, consultation, too_large)
    program = client.post(reverse("photo-hold"), {"photo": file_of(too_large)}, headers={"Accept": "application/json"})

    assert page.status_code == 413
    assert "more than the 1 MB that are taken at once" in page.content.decode()
    assert not Contribution.objects.exists()
    assert (program.status_code, program.json()["code"]) == (413, "too_large")


def test_more_files_than_anybody_sends_are_refused_in_words(
    client: Client, consultation: Consultation, tiny_town: TinyTown
) -> None:
    response = contribute(client, consultation, *([b"x"] * 101))

    assert response.status_code == 400
    assert "trop de fichiers" in response.content.decode()
    assert not HeldPhoto.objects.exists()


# --- One at a time, by the page's script ------------------------------------------------------------------------------


def test_holding_a_photo_answers_with_what_the_form_shows(
    client: Client, consultation: Consultation, tiny_town: TinyTown
) -> None:
    response = client.post(reverse("photo-hold"), {"photo": file_of(), "consultation": consultation.slug})

    held = HeldPhoto.objects.get()
    shown = response.json()["html"]
    assert response.status_code == 201
    assert f'value="{held.code}"' in shown
    assert 'data-lon="4.4050000" data-lat="50.8451000"' in shown
    assert "Rue Haute · West" in shown
    assert client.get(f"/photos/{held.code}/small").status_code == 200
    assert Client().post(reverse("photo-drop", args=[held.code])).status_code == 204
    assert HeldPhoto.objects.exists()
    assert client.post(reverse("photo-drop", args=[held.code])).status_code == 204
    assert not HeldPhoto.objects.exists()


def test_holding_says_why_not(client: Client, consultation: Consultation, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = client.post(reverse("photo-hold"), {})
    drawing = client.post(reverse("photo-hold"), {"photo": file_of(b"<svg/>")})

    assert (nothing.status_code, nothing.json()["code"]) == (400, "photo_missing")
    assert (drawing.status_code, drawing.json()["code"]) == (400, "photo_format_unknown")


def test_a_photo_outside_the_question_is_said(client: Client, consultation: Consultation, tiny_town: TinyTown) -> None:
    away = photo(four_colours(40, 40), lon=2.35, lat=48.85)

    response = client.post(reverse("photo-hold"), {"photo": file_of(away), "consultation": consultation.slug})

    assert "taken outside the town" in response.json()["html"]
    assert "data-photo-place" not in response.json()["html"]


# --- API --------------------------------------------------------------------------------------------------------------


def token_of(user: User) -> dict[str, str]:
    return {"Authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"}


def test_author_adds_reads_and_takes_off_by_api(client: Client, submit: Submit, citizen: User, neighbour: User) -> None:
    idea = submit()
    address = f"/api/v1/contributions/{idea.code}/photos/"

    made = client.post(address, {"photo": file_of(), "description": "A bench"}, headers=token_of(citizen))

    assert made.status_code == 201
    code = made.json()["code"]
    expected = {
        "code": code,
        "description": "A bench",
        "width": 90,
        "height": 60,
        "large": f"http://testserver/photos/{code}/large",
        "small": f"http://testserver/photos/{code}/small",
    }
    assert made.json() == expected
    assert client.get(address).json() == {"photos": [expected]}
    feature = client.get(f"/api/v1/contributions/{idea.code}/").json()
    assert feature["photos"] == [expected]
    assert "photos" not in feature["properties"]
    assert client.get(made.json()["small"]).status_code == 200
    foreign = client.delete(f"{address}{code}/", headers=token_of(neighbour))
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not_yours")
    assert client.delete(f"{address}{code}/", headers=token_of(citizen)).status_code == 204
    assert client.get(address).json() == {"photos": []}


def test_same_key_adds_once_by_api(client: Client, submit: Submit, citizen: User) -> None:
    address = f"/api/v1/contributions/{submit().code}/photos/"
    headers = {**token_of(citizen), "Idempotency-Key": "one-photo"}

    first, again = (client.post(address, {"photo": file_of()}, headers=headers) for _each in range(2))
    other = client.post(address, {"photo": file_of(OTHER)}, headers=headers)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Attachment.objects.count() == 1


def test_api_refuses_with_a_problem(client: Client, submit: Submit, citizen: User, neighbour: User) -> None:
    address = f"/api/v1/contributions/{submit().code}/photos/"

    def code_of(user: User | None, body: dict[str, Any], where: str = address) -> tuple[int, str]:
        response = client.post(where, body, headers=token_of(user) if user else {})
        return response.status_code, response.json()["code"]

    assert code_of(neighbour, {"photo": file_of()}) == (403, "not_yours")
    assert code_of(None, {"photo": file_of()}) == (403, "not_yours")
    assert code_of(citizen, {}) == (400, "photo_missing")
    assert code_of(citizen, {"photo": "not a file"}) == (400, "photo_missing")
    assert code_of(citizen, {"photo": file_of(SENT[:-300])}) == (400, "photo_broken")
    nowhere = f"/api/v1/contributions/{uuid.uuid4()}/photos/"
    assert code_of(citizen, {"photo": file_of()}, nowhere) == (404, "not_found")
    broken = client.post(
        address, b"no parts", content_type="multipart/form-data; boundary=x", headers=token_of(citizen)
    )
    assert broken.status_code == 400
    as_json = client.post(address, json.dumps({}), content_type="application/json", headers=token_of(citizen))
    assert as_json.status_code == 415


# --- Moderators -------------------------------------------------------------------------------------------------------


def test_moderator_takes_a_photo_off_in_the_queue(
    client: Client, make_consultation: MakeConsultation, submit: Submit, citizen: User, moderator: User
) -> None:
    idea = submit(into=make_consultation(moderation=ModerationRule.BEFORE))
    shown = add_photo(actor=actor_of(citizen), contribution=idea, content=SENT, description="My neighbour")
    client.force_login(moderator)
    queue = client.get("/workspace/queue/").content.decode()
    assert f"/photos/{shown.code}/small" in queue
    assert 'alt="My neighbour"' in queue
    address = reverse("workspace-photo-off", args=[idea.code, shown.code])

    without_reason = client.post(address, {"reason": " "}, headers={"HX-Request": "true"})
    assert without_reason.status_code == 422
    assert Attachment.objects.exists()
    done = client.post(address, {"reason": "One sees a face."}, headers={"HX-Request": "true"})
    again = client.post(address, {"reason": "One sees a face."}, headers={"HX-Request": "true"})

    assert (done.status_code, again.status_code) == (200, 409)
    assert f"/photos/{shown.code}/small" not in done.content.decode()
    removal = PhotoRemoval.objects.get()
    assert (removal.removed_by, removal.photo_code, removal.reason) == (moderator, shown.code, "One sees a face.")
    idea.refresh_from_db()
    assert idea.status == Status.SUBMITTED
    client.force_login(citizen)
    assert "One sees a face." in client.get(f"/contributions/{idea.code}/").content.decode()


def test_nobody_else_takes_a_photo_off_in_the_queue(client: Client, submit: Submit, cast: dict[str, User]) -> None:
    idea = submit()
    shown = add_photo(actor=actor_of(cast["citizen"]), contribution=idea, content=SENT)
    address = reverse("workspace-photo-off", args=[idea.code, shown.code])

    for name in ("planner", "councillor", "citizen", "neighbour"):
        client.force_login(cast[name])
        assert client.post(address, {"reason": "x"}).status_code == 403
    assert Attachment.objects.exists()


def test_queue_takes_the_same_queries_whatever_the_photos(
    client: Client, submit: Submit, citizen: User, moderator: User, django_assert_num_queries: Any
) -> None:
    client.force_login(moderator)
    for count in (1, 2):
        idea = submit(title=f"Idea {count}")
        for content in (SENT, OTHER)[:count]:
            add_photo(actor=actor_of(citizen), contribution=idea, content=content)
        with django_assert_num_queries(7):  # session, user, consultations, count, contributions, photos, badge
            client.get("/workspace/queue/")


def test_form_takes_as_many_bytes_as_its_photos_may_have() -> None:
    assert FORM_MAX_BYTES >= photo_form.MAX_PHOTOS * photo_form.MAX_BYTES + 1_000_000
