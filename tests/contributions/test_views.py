"""The pages of contributions, as a browser without script uses them."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ModerationRule, PlacePrivacy
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import LocatedBy, Status
from geoparticipation.contributions.models import Contribution
from tests.fixtures.question import MakeConsultation, Submit
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def contribute(client: Client, consultation: Consultation, **said: Any) -> Any:
    answers = {"place_text": "Rue Haute", "title": "A bench", "token": str(uuid.uuid4()), "act": "send", **said}
    return client.post(reverse("contribute", args=[consultation.slug]), answers)


# --- Putting one in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "located_by", "street"),
    [
        ("Rue Haute", LocatedBy.STREET, "Rue Haute"),
        ("rue haute 3", LocatedBy.ADDRESS, "Rue Haute"),
        ("West", LocatedBy.DISTRICT, None),
    ],
)
def test_contribute_by_typing_a_place(
    client: Client, consultation: Consultation, tiny_town: TinyTown, typed: str, located_by: str, street: str | None
) -> None:
    response = contribute(client, consultation, place_text=typed)

    made = Contribution.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/contributions/{made.code}/?sent=1"
    assert (made.located_by, made.street and made.street.name, made.title) == (located_by, street, "A bench")


def test_contribute_with_a_drawn_line(client: Client, consultation: Consultation, tiny_town: TinyTown) -> None:
    line = {"type": "LineString", "coordinates": [[4.404, 50.846], [4.406, 50.846]]}

    contribute(client, consultation, geometry=json.dumps(line), place_text="")

    made = Contribution.objects.get()
    assert (made.located_by, made.geometry.coords) == (LocatedBy.DRAWN, ((4.404, 50.846), (4.406, 50.846)))


def test_ambiguous_place_asks_which_and_keeps_the_text(
    client: Client, consultation: Consultation, tiny_town: TinyTown
) -> None:
    response = contribute(client, consultation, place_text="rue", title="My words")

    page = response.content.decode()
    assert response.status_code == 400
    assert Contribution.objects.count() == 0
    assert f'value="street:{tiny_town.rue_haute.pk}"' in page
    assert f'value="street:{tiny_town.rue_basse.pk}"' in page
    assert 'value="My words"' in page

    contribute(client, consultation, place_text="rue", place=f"street:{tiny_town.rue_basse.pk}")
    assert Contribution.objects.get().street == tiny_town.rue_basse


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"place_text": ""}, "Say where it is"),
        ({"place_text": "Xylophonweg"}, "We found no “Xylophonweg”"),
        ({"place": "street:999999"}, "We found no"),
        ({"place": "street:DROP"}, "We found no"),
        ({"title": ""}, "Give your idea a title"),
        ({"geometry": "not json"}, "It was not sent yet"),
        ({"geometry": '{"type":"Point","coordinates":[5,51]}'}, "outside the town"),
    ],
)
def test_refused_contribution_says_why_and_stores_nothing(
    client: Client, consultation: Consultation, tiny_town: TinyTown, said: dict[str, str], sentence: str
) -> None:
    response = contribute(client, consultation, **said)

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert Contribution.objects.count() == 0


def test_sending_twice_is_sending_once(
    client: Client, consultation: Consultation, citizen: User, tiny_town: TinyTown
) -> None:
    client.force_login(citizen)
    token = str(uuid.uuid4())

    first = contribute(client, consultation, token=token)
    again = contribute(client, consultation, token=token)

    assert Contribution.objects.count() == 1
    assert first["Location"] == again["Location"]


def test_preview_shows_the_public_place_and_stores_nothing(
    client: Client, make_consultation: MakeConsultation, tiny_town: TinyTown
) -> None:
    consultation = make_consultation(place_privacy=PlacePrivacy.STREET)
    pin = {"type": "Point", "coordinates": [4.4045, 50.8453]}

    response = contribute(client, consultation, geometry=json.dumps(pin), place_text="", act="preview")

    assert response.status_code == 200
    assert Contribution.objects.count() == 0
    assert response.context["preview_place"]["geometry"]["type"] == "MultiLineString"
    assert "Only the street is shown in public" in response.content.decode()


def test_previews_are_attempts_too(
    client: Client, make_consultation: MakeConsultation, tiny_town: TinyTown, settings: Any
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "attempt": 2}
    consultation = make_consultation()

    answers = [contribute(client, consultation, act="preview").status_code for _ in range(3)]

    assert answers == [200, 200, 429]


def test_level_1_asks_a_visitor_to_sign_in_and_keeps_the_text(
    client: Client, make_consultation: MakeConsultation, citizen: User, tiny_town: TinyTown
) -> None:
    consultation = make_consultation(identity_level=IdentityLevel.EMAIL)

    refused = contribute(client, consultation, title="Kept words")
    client.force_login(citizen)
    page = client.get(reverse("contribute", args=[consultation.slug]))

    assert refused.status_code == 403
    assert Contribution.objects.count() == 0
    # force_login starts a new session; the words are in the refused page for the browser's draft.
    assert 'value="Kept words"' in refused.content.decode()
    assert page.status_code == 200
    assert contribute(client, consultation).status_code == 302


def test_sign_in_button_leads_straight_there_and_keeps_everything(
    client: Client, make_consultation: MakeConsultation, citizen: User, tiny_town: TinyTown
) -> None:
    consultation = make_consultation(identity_level=IdentityLevel.EMAIL)
    address = reverse("contribute", args=[consultation.slug])
    geometry = '{"type": "Point", "coordinates": [4.405, 50.845]}'

    answer = contribute(client, consultation, title="Kept words", place_text="", geometry=geometry, act="sign-in")
    form = client.get(address).context["form"]

    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_login')}?next={quote(address, safe='')}"
    assert Contribution.objects.count() == 0
    assert form["title"].value() == "Kept words"
    assert json.loads(form["geometry"].value()) == {"type": "Point", "coordinates": [4.405, 50.845]}


def test_refused_place_does_not_stand_in_the_way_of_a_typed_one(
    client: Client, make_consultation: MakeConsultation, tiny_town: TinyTown
) -> None:
    paris = '{"type": "Point", "coordinates": [2.35, 48.85]}'

    refused = contribute(client, make_consultation(), title="Kept words", geometry=paris)

    assert (refused.status_code, refused.context["refusal"].code) == (400, "outside_territory")
    form = refused.context["form"]
    assert (form["title"].value(), form["geometry"].value()) == ("Kept words", "")


def test_contribute_page_of_a_closed_phase_says_when(client: Client, make_consultation: MakeConsultation) -> None:
    consultation = make_consultation(None)

    page = client.get(reverse("contribute", args=[consultation.slug])).content.decode()

    assert '<form method="post" class="contribute"' not in page
    assert "This consultation is over" in page


def test_receipt_says_what_happens_next(
    client: Client, make_consultation: MakeConsultation, tiny_town: TinyTown
) -> None:
    consultation = make_consultation(moderation=ModerationRule.BEFORE)

    sent = contribute(client, consultation)
    page = client.get(sent["Location"]).content.decode()

    assert "Your idea has arrived" in page
    assert "A moderator reads it" in page


# --- The list -----------------------------------------------------------------------------------------------------


def test_list_is_filtered_by_kind_street_and_box(client: Client, submit: Submit, tiny_town: TinyTown) -> None:
    submit(title="North side")
    by_street = client.get(reverse("contributions"), {"street": "Rue Haute"})
    elsewhere = client.get(reverse("contributions"), {"street": "Avenue du Parc"})
    in_view = client.get(reverse("contributions"), {"in_bbox": "4.40,50.84,4.42,50.85"})
    out_of_view = client.get(reverse("contributions"), {"in_bbox": "4.30,50.74,4.32,50.75"})
    comments = client.get(reverse("contributions"), {"kind": "comment"})

    counts = [
        answer.context["page"].paginator.count for answer in (by_street, elsewhere, in_view, out_of_view, comments)
    ]
    assert counts == [1, 0, 1, 0, 0]


def test_list_with_a_street_that_does_not_exist_says_so(client: Client, tiny_town: TinyTown) -> None:
    response = client.get(reverse("contributions"), {"street": "Nowhere"})

    assert response.status_code == 200
    assert "There is no “Nowhere” to filter by" in response.content.decode()


def test_list_alone_for_the_pages_script(client: Client, submit: Submit) -> None:
    submit()

    response = client.get(reverse("contributions"), headers={"HX-Request": "true"})

    assert "<html" not in response.content.decode()
    assert 'class="items"' in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_a_constant_number_of_queries(
    client: Client, submit: Submit, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        submit(title=f"Idea {number}")
    client.get(reverse("contributions"))  # fills the cache of the town's name, extent and attribution

    with django_assert_num_queries(4):  # consultations, districts, count, page
        client.get(reverse("contributions"))


# --- One of them --------------------------------------------------------------------------------------------------


def test_hidden_contribution_is_not_there_for_others(client: Client, submit: Submit, outsider: User) -> None:
    idea = submit()
    Contribution.objects.filter(pk=idea.pk).update(status=Status.HIDDEN)

    assert client.get(reverse("contribution", args=[idea.code])).status_code == 404
    client.force_login(outsider)
    assert client.get(reverse("contribution", args=[idea.code])).status_code == 404


def test_exact_place_never_stands_in_the_page_of_a_street_only_consultation(
    client: Client, make_consultation: MakeConsultation, tiny_town: TinyTown
) -> None:
    consultation = make_consultation(place_privacy=PlacePrivacy.STREET)
    sent = contribute(client, consultation, place_text="", geometry='{"type":"Point","coordinates":[4.40451,50.84531]}')

    page = client.get(sent["Location"]).content.decode()

    assert "4.40451" not in page
    assert "Rue Haute" in page


def test_support_and_take_it_back(client: Client, submit: Submit) -> None:
    idea = submit()
    address = reverse("contribution-support", args=[idea.code])

    given = client.post(address)
    idea.refresh_from_db()
    assert (given.status_code, idea.support_count) == (302, 1)
    client.post(address)
    client.post(address, {"withdraw": "1"})
    idea.refresh_from_db()
    assert idea.support_count == 0


def test_support_from_the_pages_script_answers_with_the_button(client: Client, submit: Submit) -> None:
    idea = submit()

    response = client.post(reverse("contribution-support", args=[idea.code]), headers={"HX-Request": "true"})

    assert 'aria-pressed="true"' in response.content.decode()
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("name", ["contribution-support", "contribution-comment"])
def test_reading_the_address_of_an_act_leads_to_the_idea(client: Client, submit: Submit, name: str) -> None:
    idea = submit()

    assert client.get(reverse(name, args=[idea.code]))["Location"] == f"/contributions/{idea.code}/"


def test_comment_with_a_place_of_its_own_and_without(
    client: Client, submit: Submit, citizen: User, neighbour: User, tiny_town: TinyTown
) -> None:
    idea = submit()
    address = reverse("contribution-comment", args=[idea.code])
    client.force_login(citizen)
    client.post(address, {"body": "There too", "place_text": "Avenue du Parc 2", "token": str(uuid.uuid4())})
    client.force_login(neighbour)
    client.post(address, {"body": "I agree", "token": str(uuid.uuid4())})

    there, here = Contribution.objects.filter(parent=idea).order_by("pk")
    assert (there.street, there.located_by) == (tiny_town.avenue_du_parc, LocatedBy.ADDRESS)
    assert (here.geometry.coords, here.located_by) == (idea.geometry.coords, LocatedBy.INHERITED)


def test_empty_comment_is_refused_in_the_page(client: Client, submit: Submit) -> None:
    idea = submit()

    response = client.post(reverse("contribution-comment", args=[idea.code]), {"body": " "})

    assert response.status_code == 400
    assert "Write something first" in response.content.decode()


def test_comments_own_address_leads_to_the_idea(client: Client, submit: Submit, neighbour: User) -> None:
    idea = submit()
    client.force_login(neighbour)
    client.post(reverse("contribution-comment", args=[idea.code]), {"body": "Yes"})
    comment = Contribution.objects.get(parent=idea)

    response = client.get(reverse("contribution", args=[comment.code]))

    assert response["Location"] == f"/contributions/{idea.code}/#c-{comment.code}"


def test_author_takes_back_and_others_may_not(
    client: Client, consultation: Consultation, citizen: User, outsider: User, tiny_town: TinyTown
) -> None:
    client.force_login(citizen)
    contribute(client, consultation)
    idea = Contribution.objects.get()
    address = reverse("contribution-withdraw", args=[idea.code])

    client.force_login(outsider)
    assert client.post(address).status_code == 403
    client.force_login(citizen)
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 302
    idea.refresh_from_db()
    assert idea.status == Status.WITHDRAWN
