"""The wizard that loads registers, page by page, with real files: who may, what is shown, what is refused."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from neighbourhoods.domain.registers import FileSummary, choices_of, describe_upload, load_upload
from neighbourhoods.models import Address, BoundaryRelease, RegisterUpload, Street
from neighbourhoods.tasks import take_up_registers
from tests.fixtures.register_files import HOMES, districts_gpkg, in_plane, latin_csv, zipped_streets
from tests.fixtures.tiny_town import TinyTown

LIST, NEW = "/workspace/registers/", "/workspace/registers/new/"

Send = Callable[..., HttpResponse]


@pytest.fixture
def agents_client(client: Client, agent: User) -> Client:
    """An agent's browser, in English."""
    client.force_login(agent)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def send(agents_client: Client) -> Send:
    """Send a file at step 1, under a name that says nothing true about it."""

    def sent(path: Path, kind: str, *, name: str = "", **more: Any) -> HttpResponse:
        file = SimpleUploadedFile(name or path.name, path.read_bytes(), content_type="image/png")
        return agents_client.post(NEW, {"kind": kind, "file": file, **more})

    return sent


@pytest.fixture
def empty_queue(transactional_db: None) -> None:
    """Nothing in the task queue: its tables are not emptied between tests that commit."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def step(upload: RegisterUpload, name: str) -> str:
    return reverse(f"workspace-register{name}", args=[upload.pk])


def answers(upload: RegisterUpload, **changes: str) -> dict[str, str]:
    """What the page of the columns sends when nothing is changed on it, with changes."""
    said = choices_of(upload)
    columns = {f"column-{meaning}": column for meaning, column in said.columns.items()}
    about = {"source": said.source, "extent": said.extent, "level": said.level or "strip", "release": said.release}
    return {**columns, **about, "crs": said.crs, "encoding": said.encoding, "layer": said.layer, **changes}


def words(response: HttpResponse) -> str:
    """The text of a page, without its tags."""
    main = response.content.decode().partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_only_agents_open_the_wizard(
    client: Client, cast: dict[str, User], tiny_town: TinyTown, tmp_path: Path
) -> None:
    client.force_login(cast["agent"])
    file = SimpleUploadedFile("a.csv", latin_csv(tmp_path / "a.csv").read_bytes())
    client.post(NEW, {"kind": "addresses", "file": file})
    upload = RegisterUpload.objects.get()
    pages = (LIST, NEW, *(step(upload, name) for name in ("-columns", "-check", "", "-refused")))
    opened, sent = {}, {}

    for person in ("planner", "councillor", "moderator", "citizen", "agent"):
        client.force_login(cast[person])
        opened[person] = [client.get(path).status_code for path in pages]
        if person != "agent":
            sent[person] = [client.post(step(upload, name)).status_code for name in ("-columns", "-load", "-cancel")]
            sent[person].append(client.post(NEW, {"kind": "addresses"}).status_code)

    assert opened.pop("agent") == [200, 200, 200, 200, 302, 302]
    assert opened == dict.fromkeys(("planner", "councillor", "moderator", "citizen"), [403] * 6)
    assert sent == dict.fromkeys(("planner", "councillor", "moderator", "citizen"), [403] * 4)
    upload.refresh_from_db()
    assert (upload.state, bool(upload.file)) == ("ready", True)


def test_a_visitor_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get(NEW)["Location"] == f"/compte/login/?next={NEW}"
    assert client.post(NEW, {"kind": "addresses"})["Location"] == f"/compte/login/?next={NEW}"
    assert client.get("/workspace/registers/7/refused.csv").status_code == 302


def test_a_form_without_its_token_is_refused(agent: User, tmp_path: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)

    answer = client.post(NEW, {"kind": "addresses", "file": SimpleUploadedFile("a.csv", b"street;lon;lat\n")})

    assert answer.status_code == 403
    assert not RegisterUpload.objects.exists()


def test_an_unknown_upload_is_a_404(agents_client: Client) -> None:
    assert agents_client.get("/workspace/registers/99/").status_code == 404
    assert agents_client.get("/workspace/registers/99999999999999999999/").status_code == 404


# --- Step 1 -----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_told_and_not_kept(send: Send, tmp_path: Path, settings: Any) -> None:
    settings.REGISTER_UPLOAD_MAX_MB = 1
    (tmp_path / "large.csv").write_bytes(b"street;lon;lat\n" + b"x" * 1_000_000)

    answer = send(tmp_path / "large.csv", "addresses")

    assert answer.status_code == 422
    assert "This file is larger than 1 MB. Send it in parts" in words(answer)
    assert 'value="addresses"' in answer.content.decode()
    assert not RegisterUpload.objects.exists()
    assert list((tmp_path / "media").rglob("*")) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty. Choose another one."),
        (None, "Choose the file on your computer."),
    ],
)
def test_no_file_or_an_empty_one_is_told(agents_client: Client, content: bytes | None, sentence: str) -> None:
    file = {} if content is None else {"file": SimpleUploadedFile("a.csv", content)}

    answer = agents_client.post(NEW, {"kind": "streets", **file})

    assert (answer.status_code, sentence in words(answer)) == (422, True)


def test_the_same_page_sent_twice_makes_one_upload(send: Send, tiny_town: TinyTown, tmp_path: Path) -> None:
    path = latin_csv(tmp_path / "a.csv")
    token = {"token": "7d444840-9dc0-11d1-b245-5ffdce74fad2"}

    answers_to = [send(path, "addresses", **token)["Location"] for _time in range(2)]

    assert answers_to[0] == answers_to[1]
    assert RegisterUpload.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "content", "sentence"),
    [
        (
            "districts",
            (
                b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
                b"</OGRVRTDataSource>"
            ),
            "none of the formats that can be read",
        ),
        ("streets", b"PK\x03\x04 a broken archive", "archive"),
        ("addresses", b"%PDF-1.7 ...", "a PDF document"),
        ("addresses", b"street;lon;lat\nRue \0Haute;4;50\n", "NUL"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_can_be_deleted(
    send: Send, agents_client: Client, tmp_path: Path, kind: str, content: bytes, sentence: str
) -> None:
    (tmp_path / "file").write_bytes(content)

    answer = agents_client.get(send(tmp_path / "file", kind, name="innocent.geojson")["Location"], follow=True)

    upload = RegisterUpload.objects.get()
    assert upload.state == "unreadable"
    assert sentence in words(answer)
    assert "Give up and delete this file" in words(answer)
    assert agents_client.post(step(upload, "-cancel"))["Location"] == LIST


def test_the_name_of_a_file_leads_nowhere(send: Send, tiny_town: TinyTown, tmp_path: Path, settings: Any) -> None:
    send(latin_csv(tmp_path / "a.csv"), "addresses", name="..\\..\\<b>settings.csv")

    upload = RegisterUpload.objects.get()
    assert re.fullmatch(r"uploads/registers/[0-9a-f]{32}", upload.file.name)
    assert Path(upload.file.path).parent == settings.MEDIA_ROOT / "uploads" / "registers"


def test_a_large_file_is_looked_into_by_the_worker(
    send: Send,
    agents_client: Client,
    tiny_town: TinyTown,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    (tmp_path / "a.csv").write_text("street,lon,lat\n" + f"{'Rue Haute':60},4.4025,50.8453\n" * 70_000)

    with django_capture_on_commit_callbacks(execute=True):
        location = send(tmp_path / "a.csv", "addresses")["Location"]
    reading = agents_client.get(location)
    upload = RegisterUpload.objects.get()
    job = ProcrastinateJob.objects.latest("id")
    describe_upload(upload_id=upload.pk)
    renewed = agents_client.get(location, headers={"HX-Request": "true"}).content.decode()

    assert "The file is being read" in words(reading)
    assert (job.task_name, job.args) == ("neighbourhoods.tasks.describe_register", {"upload_id": upload.pk})
    assert f'data-go-on="{step(upload, "-columns")}"' in renewed
    assert "70,000 rows" in words(agents_client.get(location, follow=True))


# --- Steps 2 and 3 ----------------------------------------------------------------------------------------------------


def test_columns_encoding_and_system_of_a_french_spreadsheet_are_found(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    page = agents_client.get(send(latin_csv(tmp_path / "adresses.csv"), "addresses")["Location"], follow=True)

    upload = RegisterUpload.objects.get()
    text = page.content.decode()
    assert choices_of(upload).columns == {
        **{"street": "Rue", "house_number": "Numéro", "postcode": "Code postal", "locality": "Commune"},
        **{"lon": "x", "lat": "y"},
    }
    assert choices_of(upload).crs == "EPSG:31370"
    assert '<option value="Rue" selected>Rue – Rue de l&#x27;Église, Rue Haute</option>' in text
    assert '<option value="EPSG:31370" selected>' in text
    assert "4 rows · 6 columns" in words(page)


def test_what_is_not_asked_is_not_shown(send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("street,lon,lat\nRue Haute,4.4025,50.8453\n", encoding="utf-8")

    page = agents_client.get(send(tmp_path / "a.csv", "addresses")["Location"], follow=True).content.decode()

    assert 'name="column-street"' in page
    assert not re.search(r'name="(crs|crs_code|encoding|layer)"', page)


def test_the_preview_is_what_the_importer_reads(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    path = latin_csv(tmp_path / "adresses.csv", more_lines=["9;;1000;Tinyville;149000,0;170000,0"])
    send(path, "addresses")
    upload = RegisterUpload.objects.get()

    answer = agents_client.post(step(upload, "-columns"), answers(upload, source="commune"))
    page = agents_client.get(answer["Location"])

    assert answer["Location"] == step(upload, "-check")
    places = page.context["preview"].features["features"]
    assert [place["properties"]["name"] for place in places] == [f"{street} {number}" for number, street, *_ in HOMES]
    for place, (_number, _street, lon, lat) in zip(places, HOMES, strict=True):
        assert place["geometry"]["coordinates"] == pytest.approx((lon, lat), abs=1e-6)
    assert "1 of the first 5 rows would be left out" in words(page)
    assert "line 6: it names no street" in words(page)


def test_a_register_whose_homes_are_there_under_another_name_is_pointed_out(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    """Two of the four are no reason: a street may be in the registers of two communes."""
    send(latin_csv(tmp_path / "adresses.csv"), "addresses")
    upload = RegisterUpload.objects.get()
    street = Street.objects.all()[0]

    def warning_with(homes: int, *, source: str) -> bool:
        Address.objects.all().delete()
        for number, _name, lon, lat in HOMES[:homes]:
            place = f"SRID=4326;POINT({lon + 0.0002} {lat})"
            Address.objects.create(source="osm", register_id=number, house_number=number, street=street, geometry=place)
        page = agents_client.post(step(upload, "-columns"), answers(upload, source=source), follow=True)
        return "Most of these addresses are already in the register “osm”" in words(page)

    assert not warning_with(2, source="commune")
    assert warning_with(3, source="commune")
    assert not warning_with(4, source="osm")


def test_a_wrong_choice_is_told_and_put_right_without_sending_the_file_again(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("rue,lon,lat\nRue Haute,4.4025,50.8453\nRue Basse,4.4050,50.8422\n")
    send(tmp_path / "a.csv", "addresses")
    upload = RegisterUpload.objects.get()

    missing = agents_client.post(step(upload, "-columns"), answers(upload, **{"column-street": ""}))
    swapped = agents_client.post(
        step(upload, "-columns"), answers(upload, **{"column-street": "lon", "column-lon": "rue"}), follow=True
    )
    again = agents_client.get(step(upload, "-columns")).content.decode()
    right = agents_client.post(step(upload, "-columns"), answers(upload), follow=True)

    assert (missing.status_code, "Say which column holds this: Name of the street." in words(missing)) == (422, True)
    assert swapped.status_code == 422
    assert "None of the first 2 rows can be used with these columns" in words(swapped)
    assert '<option value="rue" selected>' in again
    assert right.status_code == 200
    assert RegisterUpload.objects.count() == 1


def test_rows_outside_the_town_are_pointed_out(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("street,lon,lat\nUnter den Linden,13.38,52.51\n")
    send(tmp_path / "a.csv", "addresses")
    upload = RegisterUpload.objects.get()

    page = agents_client.post(step(upload, "-columns"), answers(upload), follow=True)

    assert "None of these rows lies in your town" in words(page)


def test_shapes_in_metres_that_say_no_system_are_put_where_they_make_sense(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    line = {"type": "LineString", "coordinates": [in_plane(31370, 4.402, 50.845), in_plane(31370, 4.408, 50.845)]}
    rows = [{"type": "Feature", "properties": {"nom": "Rue Haute"}, "geometry": line}]
    (tmp_path / "rues.json").write_text(json.dumps({"type": "FeatureCollection", "features": rows}))

    page = agents_client.get(send(tmp_path / "rues.json", "streets")["Location"], follow=True)

    [shape] = FileSummary.of(RegisterUpload.objects.get()).shapes
    assert '<option value="EPSG:31370" selected>' in page.content.decode()
    assert shape["coordinates"][0] == pytest.approx((4.402, 50.845), abs=1e-5)


def test_metres_that_are_in_no_usual_system_are_asked_about(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("street,lon,lat\nRue Haute,5900000,3300000\n")
    send(tmp_path / "a.csv", "addresses")
    upload = RegisterUpload.objects.get()

    asked = agents_client.post(step(upload, "-columns"), answers(upload))
    unknown = agents_client.post(step(upload, "-columns"), answers(upload, crs="other", crs_code="99999999"))

    assert (asked.status_code, "say which reference system they are in" in words(asked)) == (422, True)
    assert (unknown.status_code, "There is no reference system “EPSG:99999999”" in words(unknown)) == (422, True)


# --- Step 4 -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_queue")
def test_addresses_are_loaded_and_the_refused_ones_can_be_fetched(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    bad = ["9;;1000;Tinyville;149000,0;170000,0", "=1+1;Rue Haute;1000;Tinyville;?;170000,0"]
    send(latin_csv(tmp_path / "adresses.csv", more_lines=bad), "addresses")
    upload = RegisterUpload.objects.get()
    agents_client.post(step(upload, "-columns"), answers(upload, source="commune", extent="whole"))

    for _click in range(2):
        assert agents_client.post(step(upload, "-load"))["Location"] == step(upload, "")
    waiting = agents_client.get(step(upload, ""))
    jobs = list(ProcrastinateJob.objects.values_list("task_name", "args"))
    load_upload(upload_id=upload.pk)
    done = agents_client.get(step(upload, ""))
    refused = agents_client.get(step(upload, "-refused"))

    assert jobs == [("neighbourhoods.tasks.load_register", {"upload_id": upload.pk})]
    assert 'hx-trigger="every 2s"' in waiting.content.decode()
    loaded = Address.objects.filter(source="commune")
    assert set(loaded.values_list("house_number", "street__name")) == {(number, street) for number, street, *_ in HOMES}
    assert "6 read" in words(done).replace("read 6", "6 read")
    assert "Download the 2 refused rows" in words(done)
    rows = list(csv.reader(io.StringIO(b"".join(refused.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert rows == [
        ["row", "code", "reason", "Numéro", "Rue", "Code postal", "Commune", "x", "y"],
        ["6", "street_missing", "it names no street", "9", "", "1000", "Tinyville", "149000,0", "170000,0"],
        ["7", "coordinates_not_a_number", rows[2][2], "'=1+1", "Rue Haute", "1000", "Tinyville", "?", "170000,0"],
    ]
    assert refused["Content-Disposition"].startswith('attachment; filename="adresses-refused-')


@pytest.mark.usefixtures("empty_queue")
def test_the_next_month_the_same_register_needs_no_word_and_closes_what_is_gone(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    send(latin_csv(tmp_path / "january.csv"), "addresses")
    january = RegisterUpload.objects.get()
    agents_client.post(step(january, "-columns"), answers(january, source="commune", extent="whole"))
    agents_client.post(step(january, "-load"))
    load_upload(upload_id=january.pk)
    path = latin_csv(tmp_path / "february.csv")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))  # Place du Marché is gone
    send(path, "addresses")
    february = RegisterUpload.objects.latest("pk")
    said = choices_of(february)
    agents_client.post(step(february, "-load"))
    load_upload(upload_id=february.pk)

    page = agents_client.get(step(february, ""))

    assert (said.source, said.extent, said.crs) == ("commune", "whole", "EPSG:31370")
    [kind, *_streets] = page.context["kinds"]
    assert (kind["read"], kind["created"], kind["unchanged"], kind["closed"]) == (3, 0, 3, 1)
    assert Address.objects.current().filter(source="commune").count() == 3


@pytest.mark.usefixtures("empty_queue")
def test_streets_of_a_zipped_shapefile_are_loaded(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    send(zipped_streets(tmp_path / "rues.zip"), "streets")
    upload = RegisterUpload.objects.get()
    check = agents_client.post(step(upload, "-columns"), answers(upload, source="urbis"), follow=True)
    agents_client.post(step(upload, "-load"))
    load_upload(upload_id=upload.pk)

    assert choices_of(upload).columns == {
        "name": "NAME_FR", "code": "ID_RUE", "name:fr": "NAME_FR", "name:nl": "NAME_NL"
    }  # fmt: skip
    assert check.context["preview"].features["features"][0]["geometry"]["type"] == "LineString"
    new = Street.objects.get(code="R1")
    assert (new.name, set(new.names.values_list("language", "name"))) == (
        "Rue Neuve",
        {("", "Rue Neuve"), ("fr", "Rue Neuve"), ("nl", "Nieuwstraat")},
    )
    assert new.geometry.extent == pytest.approx((4.402, 50.8465, 4.408, 50.8465), abs=1e-6)


@pytest.mark.usefixtures("empty_queue")
def test_districts_of_a_geopackage_become_an_edition(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    send(districts_gpkg(tmp_path / "quartiers 2026.gpkg"), "districts")
    upload = RegisterUpload.objects.get()
    agents_client.post(step(upload, "-columns"), answers(upload, level="Zone d'été", release="2026"))
    agents_client.post(step(upload, "-load"))
    load_upload(upload_id=upload.pk)

    release = BoundaryRelease.objects.get(level__name="zone-dete")
    assert (release.name, release.is_current) == ("2026", True)
    assert list(release.districts.order_by("code").values_list("code", "name")) == [
        ("N1", "Bas"), ("N2", "Milieu"), ("N3", "Haut")
    ]  # fmt: skip
    assert agents_client.get(step(upload, "")).context["kinds"][0]["created"] == 3

    send(districts_gpkg(tmp_path / "2026.gpkg"), "districts")
    again = RegisterUpload.objects.exclude(pk=upload.pk).get()
    assert choices_of(again).level == "zone-dete"
    assert re.fullmatch(r"2026 \d{4}-\d\d-\d\d", choices_of(again).release)
    refused = agents_client.post(step(again, "-columns"), answers(again, release="2026"))
    assert refused.context["form"].errors["release"] == [
        "There is already an edition “2026” of “zone-dete”. Give this one another name."
    ]
    agents_client.post(step(again, "-columns"), answers(again, release="2027"))
    agents_client.post(step(again, "-load"))
    release.level.releases.create(name="2027")
    load_upload(upload_id=again.pk)
    again.refresh_from_db()
    assert (again.state, again.refusal_code) == ("refused", "edition_exists")


@pytest.mark.usefixtures("empty_queue")
def test_a_register_refused_as_a_whole_changes_nothing_and_can_be_put_right(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    before = Address.objects.count()
    lines = ["street,lon,lat", *(["Rue Haute,4.4025,50.8453"] * 300), "Rue Basse,4.4050,50.8422"]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    send(tmp_path / "a.csv", "addresses")
    upload = RegisterUpload.objects.get()
    agents_client.post(step(upload, "-columns"), answers(upload))
    Path(upload.file.path).write_text("street,lon,lat\n,4.4025,50.8453\n")  # every row is refused now
    agents_client.post(step(upload, "-load"))
    load_upload(upload_id=upload.pk)

    page = agents_client.get(step(upload, ""))
    back = agents_client.get(step(upload, "-columns"))

    assert "The register was not loaded" in words(page)
    assert "Back to the columns" in words(page)
    assert (back.status_code, Address.objects.count()) == (200, before)


def test_given_up_before_loading_the_file_is_deleted(
    send: Send,
    agents_client: Client,
    tiny_town: TinyTown,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    send(latin_csv(tmp_path / "a.csv"), "addresses")
    upload = RegisterUpload.objects.get()
    path = Path(upload.file.path)

    with django_capture_on_commit_callbacks(execute=True):
        agents_client.post(step(upload, "-cancel"))
    loading = agents_client.post(step(upload, "-load"), follow=True)

    assert not path.exists()
    assert "cannot be changed any more" in words(loading) or "cannot be changed any more" in loading.content.decode()
    assert "Cancelled" in words(agents_client.get(LIST))


@pytest.mark.usefixtures("empty_queue")
def test_what_a_killed_worker_left_is_told_and_taken_up_again(
    send: Send, agents_client: Client, tiny_town: TinyTown, tmp_path: Path
) -> None:
    send(latin_csv(tmp_path / "a.csv"), "addresses")
    upload = RegisterUpload.objects.get()
    agents_client.post(step(upload, "-columns"), answers(upload, source="commune"))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE neighbourhoods_registerupload "
            "SET state = 'loading', attempts = 1, changed_at = now() - interval '1 h'"
        )

    page = agents_client.get(step(upload, ""))
    take_up_registers(0)
    take_up_registers(0)
    jobs = list(ProcrastinateJob.objects.values_list("task_name", "args"))
    load_upload(upload_id=upload.pk)

    assert "The server was stopped in the middle" in words(page)
    assert jobs == [("neighbourhoods.tasks.load_register", {"upload_id": upload.pk})]
    assert Address.objects.filter(source="commune").count() == len(HOMES)


def test_the_list_takes_the_same_queries_at_one_and_at_three(
    send: Send,
    agents_client: Client,
    tiny_town: TinyTown,
    tmp_path: Path,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    send(latin_csv(tmp_path / "a.csv"), "addresses")
    agents_client.get(LIST)
    with django_assert_num_queries(5):  # session, user, what waits in the queue, count and page
        agents_client.get(LIST)
    send(latin_csv(tmp_path / "b.csv"), "addresses")
    send(latin_csv(tmp_path / "c.csv"), "addresses")

    with django_assert_num_queries(5):
        page = agents_client.get(LIST)

    assert [name in words(page) for name in ("a.csv", "b.csv", "c.csv", "agent@example.org")] == [True] * 4
    assert FileSummary.of(RegisterUpload.objects.latest("pk")).rows == 4
