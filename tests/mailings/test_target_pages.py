"""The targeting screen as pages: who may open it, what is kept, what is told; with and without its script."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.mailings.enums import Channel
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind, Side
from neighbourhoods.models import Target
from tests.fixtures.tiny_town import TinyTown

LIST = "/workspace/targets/"
NEW = "/workspace/targets/new/"


def fields(*rows: dict[str, Any], name: str = "A name", action: str = "save") -> dict[str, Any]:
    """What the browser sends for these rows."""
    sent: dict[str, Any] = {"name": name, "action": action, "part-TOTAL_FORMS": len(rows), "part-INITIAL_FORMS": 0}
    for at, row in enumerate(rows):
        written = {"operation": "include", "kind": "street", "side": "both", **row}
        sent |= {f"part-{at}-{field}": value for field, value in written.items()}
    return sent


@pytest.fixture
def even_side(tiny_town: TinyTown, agent: User) -> Target:
    """Rue Haute, even side: numbers 2, 4 and 6, of which 4 wants no flyers."""
    part = PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk, side=Side.EVEN)
    return save_target(name="Rue Haute, côté pair", parts=[part], user=agent)


@pytest.mark.parametrize("path", [LIST, NEW])
def test_a_visitor_is_sent_to_sign_in_and_back(client: Client, path: str, db: None) -> None:
    answer = client.get(path)

    assert answer.status_code == 302
    assert answer["Location"] == f"/compte/login/?next={path}"


@pytest.mark.parametrize(
    ("person", "of_list", "of_new", "of_saved"),
    [
        ("agent", 200, 200, 200),
        ("planner", 200, 403, 200),
        ("councillor", 200, 403, 200),
        ("moderator", 403, 403, 403),
        ("citizen", 403, 403, 403),
    ],
)
def test_who_may_open_what(
    client: Client, cast: dict[str, User], even_side: Target, person: str, of_list: int, of_new: int, of_saved: int
) -> None:
    client.force_login(cast[person])

    codes = [client.get(path).status_code for path in (LIST, NEW, f"{LIST}{even_side.pk}/")]

    assert codes == [of_list, of_new, of_saved]


def test_a_planner_reads_figures_and_sentences_without_letterboxes_or_list(
    client: Client, planner: User, even_side: Target
) -> None:
    client.force_login(planner)

    page = client.get(f"{LIST}{even_side.pk}/", headers={"accept-language": "en"})

    html = page.content.decode()
    assert "Rue Haute · even side" in html
    assert "<dd>3</dd>" in html
    assert "mailing-list" not in html
    assert "data-targeting" not in html


def test_a_planner_cannot_save(client: Client, planner: User, even_side: Target, tiny_town: TinyTown) -> None:
    client.force_login(planner)

    answer = client.post(f"{LIST}{even_side.pk}/", fields({"reference": tiny_town.rue_basse.pk}))

    assert answer.status_code == 403
    assert even_side.parts.get().street == tiny_town.rue_haute


def test_unknown_target_is_not_found(client: Client, agent: User) -> None:
    client.force_login(agent)

    assert client.get(f"{LIST}999999/").status_code == 404
    assert client.get(f"{LIST}{10**30}/").status_code == 404


def test_other_methods_are_refused(client: Client, agent: User, even_side: Target) -> None:
    client.force_login(agent)

    assert [client.delete(NEW).status_code, client.put(f"{LIST}{even_side.pk}/").status_code] == [405, 405]
    assert [client.post(LIST).status_code, client.get(f"{LIST}{even_side.pk}/mailing-list/").status_code] == [405, 405]


def test_saving_keeps_the_parts_in_order_and_opens_the_target(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)
    street = {
        "reference": tiny_town.rue_haute.pk, "side": "even", "number_from": 2, "number_to": 60, "buffer_m": 50,
    }  # fmt: skip
    district = {"kind": "district", "reference": tiny_town.east.pk, "operation": "exclude"}

    answer = client.post(NEW, fields(street, district, name="Haute sans Est"))

    target = Target.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"{LIST}{target.pk}/"
    assert target.name == "Haute sans Est"
    first, second = target.parts.all()
    assert (first.street, first.side, first.number_from, first.number_to, first.buffer_m) == (
        tiny_town.rue_haute, "even", 2, 60, 50,
    )  # fmt: skip
    assert (second.district, second.operation) == (tiny_town.east, "exclude")


def test_saving_again_replaces_the_parts(client: Client, agent: User, even_side: Target, tiny_town: TinyTown) -> None:
    client.force_login(agent)

    client.post(f"{LIST}{even_side.pk}/", fields({"reference": tiny_town.rue_basse.pk}, name="Basse"))

    even_side.refresh_from_db()
    assert (even_side.name, even_side.letterboxes) == ("Basse", 4)
    assert even_side.parts.get().street == tiny_town.rue_basse


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"named": "Rue Hotte"}, "There is no street “Rue Hotte”"),
        ({"named": "", "side": "even"}, "Type the name of a street or a district."),
        ({"reference": 999_999, "named": "Rue Haute"}, "no longer in the register"),
        ({"reference": 10**30, "named": "Rue Haute"}, "9223372036854775807"),
        ({"named": "Rue Haute", "number_from": 9, "number_to": 3}, "The house numbers run backwards"),
        ({"named": "Rue Haute", "ring_only": "on"}, "A ring needs a width"),
        ({"kind": "district", "named": "Nord"}, "There is no district “Nord”"),
        ({"kind": "shape", "shape": ""}, "Paste the shape as GeoJSON."),
        ({"kind": "shape", "shape": "{"}, "This is not JSON: look at line 1, character 2."),
        ({"kind": "shape", "shape": '{"type": "Point", "coordinates": [4.405, 50.845]}'}, "covers no homes"),
        ({"kind": "shape", "shape": '{"type": "Point", "coordinates": [4.405, "x"]}'}, "coordinates"),
    ],
)
def test_a_wrong_row_is_explained_and_nothing_is_kept(
    client: Client, agent: User, tiny_town: TinyTown, row: dict[str, Any], said: str
) -> None:
    client.force_login(agent)

    answer = client.post(NEW, fields({"named": "Rue Basse"}, row), headers={"accept-language": "en"})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "A name" in answer.content.decode()  # what was typed is kept
    assert not Target.objects.exists()


def test_a_name_is_asked_for(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)

    answer = client.post(NEW, fields({"named": "Rue Basse"}, name=" "), headers={"accept-language": "en"})

    assert answer.status_code == 422
    assert "Give the target a name" in answer.content.decode()


def test_only_something_to_take_away_is_refused(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)
    row = {"named": "Rue Basse", "operation": "exclude"}

    answer = client.post(NEW, fields(row), headers={"accept-language": "en"})

    assert answer.status_code == 422
    assert "There is only something to take away." in answer.content.decode()


def test_without_script_names_are_looked_up_and_the_figures_come_from_the_server(
    client: Client, agent: User, tiny_town: TinyTown
) -> None:
    client.force_login(agent)
    rows = [{"named": "rue haute", "side": "even"}, {"kind": "district", "named": "EAST"}]

    answer = client.post(NEW, fields(*rows, {}, action="preview"), headers={"accept-language": "en"})

    # 2, 4 and 6 of Rue Haute; 3 and 4 of Rue Basse and the four of Avenue du Parc.
    assert answer.status_code == 200
    assert answer.context["figures"].addresses == 9
    assert "Rue Haute · even side" in answer.content.decode()
    assert not Target.objects.exists()


def test_a_pasted_feature_is_taken(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)
    park_side = (
        '{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates":'
        " [[[4.414, 50.843], [4.416, 50.843], [4.416, 50.848], [4.414, 50.848], [4.414, 50.843]]]}}"
    )

    client.post(NEW, fields({"kind": "shape", "shape": park_side}))

    assert Target.objects.get().letterboxes == 4


def test_screen_of_a_saved_target_shows_its_parts_and_figures(client: Client, agent: User, even_side: Target) -> None:
    client.force_login(agent)

    page = client.get(f"{LIST}{even_side.pk}/", headers={"accept-language": "en"})

    html = page.content.decode()
    assert "Rue Haute · even side" in html
    assert '<dd data-figure="addresses">3</dd>' in html


def test_list_and_screen_take_the_same_queries_for_one_and_three(
    client: Client, agent: User, tiny_town: TinyTown, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(agent)
    parts = [PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk)]
    parts += [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.east.pk)]
    one = save_target(name="One", parts=parts[:1], user=agent)
    client.get(LIST)  # fills the cache of town name and extent
    client.get(NEW)
    for _ in range(2):
        with django_assert_num_queries(6):  # session, user, queue's badge, count, targets, parts
            client.get(LIST)
        save_target(name="More", parts=parts, user=agent)
        save_target(name="And more", parts=parts, user=agent)
    with django_assert_num_queries(6):  # session, user, badge, target, parts, figures
        client.get(f"{LIST}{one.pk}/")
    save_target(target=one, name="One", parts=[*parts, parts[0]], user=agent)
    with django_assert_num_queries(6):
        client.get(f"{LIST}{one.pk}/")


def test_mailing_list_has_the_rows_of_the_preview_and_is_recorded(
    client: Client, agent: User, even_side: Target
) -> None:
    client.force_login(agent)

    answer = client.post(
        f"{LIST}{even_side.pk}/mailing-list/", {"deduplicate": "on", "respect_no_flyers": "on", "file_format": "csv"}
    )

    rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    record = MailingListDownload.objects.get()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert len(rows) == 1 + 2  # number 4 wants no flyers
    assert (record.downloaded_by, record.target, record.channel) == (agent, even_side, Channel.PAGE)
    assert (record.letterboxes, record.no_flyers_left_out) == (2, 1)


def test_unticked_boxes_keep_everything(client: Client, agent: User, even_side: Target) -> None:
    client.force_login(agent)

    answer = client.post(f"{LIST}{even_side.pk}/mailing-list/", {"file_format": "csv"})

    assert len(b"".join(answer.streaming_content).splitlines()) == 1 + 3


@pytest.mark.parametrize(
    ("file_format", "beginning"),
    [("xlsx", b"PK\x03\x04"), ("gpkg", b"SQLite format 3\x00"), ("labels-pdf", b"%PDF-1.")],
)
def test_every_format_the_screen_offers_is_given_and_recorded(
    client: Client, agent: User, even_side: Target, file_format: str, beginning: bytes
) -> None:
    client.force_login(agent)
    page = client.get(f"{LIST}{even_side.pk}/").content.decode()
    sent = {"respect_no_flyers": "on", "file_format": file_format, "sheet": "5160", "start_at": "30"}

    answer = client.post(f"{LIST}{even_side.pk}/mailing-list/", sent)

    assert f'name="file_format" value="{file_format}"' in page
    assert b"".join(answer.streaming_content).startswith(beginning)
    record = MailingListDownload.objects.get()
    assert (record.channel, record.file_format, record.letterboxes) == (Channel.PAGE, file_format, 2)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"file_format": "labels-pdf", "start_at": "22"}, "This sheet has the labels 1 to 21"),
        ({"file_format": "labels-pdf", "start_at": "x"}, "“start_at” must be a whole number."),
        ({"file_format": "labels-pdf", "sheet": "A4"}, "There is no sheet “a4”."),
        ({"file_format": "docx"}, "There is no format “docx”."),
    ],
)
def test_a_wrong_download_is_explained_on_the_screen_and_not_recorded(
    client: Client, agent: User, even_side: Target, sent: dict[str, str], said: str
) -> None:
    client.force_login(agent)

    answer = client.post(f"{LIST}{even_side.pk}/mailing-list/", sent, headers={"accept-language": "en"}, follow=True)

    assert said in answer.content.decode()
    assert not MailingListDownload.objects.exists()


@pytest.mark.parametrize("person", ["planner", "councillor", "moderator", "citizen"])
def test_nobody_but_agents_gets_a_mailing_list(
    client: Client, cast: dict[str, User], even_side: Target, person: str
) -> None:
    client.force_login(cast[person])

    assert client.post(f"{LIST}{even_side.pk}/mailing-list/").status_code == 403
    assert client.get("/workspace/downloads/").status_code == 403
    assert not MailingListDownload.objects.exists()


def test_mailing_list_of_an_unknown_target_is_not_found(client: Client, agent: User) -> None:
    client.force_login(agent)

    assert client.post(f"{LIST}999999/mailing-list/").status_code == 404


def test_downloads_list_says_who_what_and_how_many(
    client: Client, agent: User, even_side: Target, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(agent)
    assert (
        "No list was fetched yet."
        in client.get("/workspace/downloads/", headers={"accept-language": "en"}).content.decode()
    )
    for _ in range(2):
        client.post(f"{LIST}{even_side.pk}/mailing-list/", {"respect_no_flyers": "on"})
        with django_assert_num_queries(5):  # session, user, badge, count, downloads
            page = client.get("/workspace/downloads/")
        client.post(f"{LIST}{even_side.pk}/mailing-list/")

    html = page.content.decode()
    assert "agent@example.org" in html
    assert "Rue Haute, côté pair" in html
