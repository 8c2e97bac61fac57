"""The page of a mailing's flyers."""

from __future__ import annotations

import csv
import io
from typing import Any

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.flyers.runs import cancel_flyers, request_flyers, write_run
from geoparticipation.mailings.domain.rounds.plan_rounds import plan_rounds
from geoparticipation.mailings.enums import FlyerOrder, FlyerRunState
from geoparticipation.mailings.models import FlyerDesign, FlyerRun, Mailing, MailingListDownload
from tests.layers.pictures.pictures import four_colours, photo
from tests.mailings.flyers.conftest import MM, mailing, make_town_mailing

pytestmark = pytest.mark.django_db
__all__ = ["mailing", "make_town_mailing"]


@pytest.fixture
def at_work(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


def page_of(mailing: Mailing) -> str:
    return f"/workspace/mailings/{mailing.pk}/flyers/"


def test_agent_designs_writes_and_downloads(at_work: Client, mailing: Mailing) -> None:
    page = page_of(mailing)

    saved = at_work.post(page, {"template": "a6", "title": "Place du Marché", "with_map": "on", "colour": "#0B6E69"})
    assert saved.status_code == 302
    # the town's colour is no colour of its own
    assert FlyerDesign.objects.values_list("template", "title", "colour").get() == ("a6", "Place du Marché", "")

    at_work.post(f"{page}write/", {"paper": "a4"})
    run = FlyerRun.objects.get()
    assert (run.on_a4, run.bleed, run.order) == (True, False, FlyerOrder.LIST)
    write_run(run_id=run.pk)
    shown = at_work.get(page).content.decode()
    assert f"{page}{run.code}.pdf" in shown
    assert "3 pages" in shown
    answer = at_work.get(f"{page}{run.code}.pdf")
    assert len(pypdfium2.PdfDocument(b"".join(answer))) == 3  # type: ignore[arg-type]
    assert "no-store" in answer["Cache-Control"]


def test_picture_is_kept_with_the_design(at_work: Client, mailing: Mailing) -> None:
    picture = SimpleUploadedFile("a.jpg", photo(four_colours(80, 40)))

    at_work.post(page_of(mailing), {"template": "a5", "picture": picture})
    assert FlyerDesign.objects.get().picture
    at_work.post(page_of(mailing), {"template": "a5", "without_picture": "on"})
    assert FlyerDesign.objects.get().picture == ""


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"template": "a6", "with_reply": "on"}, "Une carte postale n’a pas de place"),
        ({"template": "a6", "text": "mot\n" * 60}, "Ce texte ne tient pas"),
        ({"template": "a5", "picture": SimpleUploadedFile("a.jpg", b"<svg>")}, "pas une photo que nous pouvons lire"),
    ],
)
def test_refused_design_is_told_and_not_kept(at_work: Client, mailing: Mailing, sent: Any, said: str) -> None:
    answer = at_work.post(page_of(mailing), sent, headers={"accept-language": "fr"})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not FlyerDesign.objects.exists()


def test_preview_shows_what_is_not_saved(at_work: Client, mailing: Mailing) -> None:
    page, french = page_of(mailing), {"accept-language": "fr"}

    plain = at_work.post(f"{page}preview/", {"template": "dl"}, headers=french).content.decode()
    titled = at_work.post(f"{page}preview/", {"template": "dl", "title": "Autre"}, headers=french).content.decode()
    refused = at_work.post(f"{page}preview/", {"template": "a6", "with_reply": "on"}, headers=french).content.decode()

    assert "data:image/webp" in plain
    assert "99 × 210 mm" in plain
    assert plain != titled
    assert "Une carte postale" in refused
    assert not FlyerDesign.objects.exists()


def test_sheet_is_printed_as_chosen(at_work: Client, mailing: Mailing) -> None:
    sizes = {}
    for paper in ("single", "bleed", "a4"):
        content = at_work.post(f"{page_of(mailing)}sheet/", {"paper": paper}).content
        sizes[paper] = [round(edge * MM) for edge in pypdfium2.PdfDocument(content)[0].get_size()]
    assert sizes == {"single": [148, 210], "bleed": [166, 228], "a4": [297, 210]}


def test_rounds_are_offered_when_there_are_some(at_work: Client, mailing: Mailing) -> None:
    page = page_of(mailing)
    assert "order" not in at_work.get(page).content.decode().partition('id="print"')[2].partition("</form>")[0]
    at_work.post(f"{page}write/", {"order": "walk"})
    assert not FlyerRun.objects.exists()

    plan_rounds(mailing=mailing, rounds=2)
    assert 'name="order"' in at_work.get(page).content.decode()
    at_work.post(f"{page}write/", {"order": "walk", "covers": "on"})
    run = FlyerRun.objects.get()
    assert (run.order, run.with_covers) == (FlyerOrder.WALK, True)


def test_addresses_for_the_post_are_recorded(at_work: Client, agent: User, mailing: Mailing) -> None:
    answer = at_work.post(f"{page_of(mailing)}postage/")

    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    assert len(list(csv.DictReader(io.StringIO(text, newline="")))) == 12
    download = MailingListDownload.objects.get()
    assert (download.downloaded_by, download.target, download.letterboxes) == (agent, mailing.target, 12)


def test_run_is_stopped_and_gone_on_with(at_work: Client, agent: User, mailing: Mailing) -> None:
    page = page_of(mailing)
    run = request_flyers(mailing=mailing, user=agent)
    part = at_work.get(page, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert 'hx-trigger="every 2s"' in part

    for action, state in (("stop", FlyerRunState.CANCELLED), ("resume", FlyerRunState.WAITING)):
        at_work.post(f"{page}write/", {"action": action, "run": str(run.code)})
        run.refresh_from_db()
        assert run.state == state
    cancel_flyers(run=run)
    assert "hx-trigger" not in at_work.get(page, headers={"hx-request": "true"}).content.decode()
    assert at_work.post(f"{page}write/", {"action": "stop", "run": "7"}).status_code == 404
    assert at_work.get(f"{page}{run.code}.pdf").status_code == 404


def test_number_of_queries_does_not_grow_with_files(
    at_work: Client, agent: User, mailing: Mailing, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page = page_of(mailing)
    at_work.get(page)
    for _more in range(2):
        cancel_flyers(run=request_flyers(mailing=mailing, user=agent))
        with django_assert_num_queries(14):
            at_work.get(page)


@pytest.mark.parametrize("person", ["moderator", "planner", "councillor", "citizen"])
def test_others_see_no_flyers(client: Client, mailing: Mailing, agent: User, request: Any, person: str) -> None:
    run = request_flyers(mailing=mailing, user=agent)
    write_run(run_id=run.pk)
    client.force_login(request.getfixturevalue(person))
    page = page_of(mailing)

    assert [client.get(path).status_code for path in (page, f"{page}{run.code}.pdf")] == [403, 403]
    assert {client.post(f"{page}{part}/").status_code for part in ("preview", "sheet", "write", "postage")} == {403}
    client.logout()
    assert {client.get(path).status_code for path in (page, f"{page}{run.code}.pdf")} == {302}
    assert FlyerRun.objects.count() == 1
    assert not MailingListDownload.objects.exists()
