"""The report of a consultation as one file: what it tells, whom it leaves out, and that it asks nothing of any host."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from django.contrib.gis.geos import GEOSGeometry, Point
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import BrowserContext, expect
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, PlacePrivacy
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.dashboards import views
from geoparticipation.dashboards.report import files
from geoparticipation.dashboards.report.gathering import CELLS_ACROSS, LISTED_WHEN_MANY, MOST_SINGLE
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.question import MakeConsultation, Submit
from tests.fixtures.site import Watch
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db

LINE = GEOSGeometry("SRID=4326;LINESTRING(4.403 50.845, 4.407 50.845)")
AREA = GEOSGeometry("SRID=4326;POLYGON((4.411 50.844, 4.413 50.844, 4.413 50.846, 4.411 50.846, 4.411 50.844))")


@pytest.fixture(autouse=True)
def english(client: Client) -> None:
    cache.clear()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def said(submit: Submit, citizen: User, agent: User) -> Consultation:
    """Three ideas (point and line in West, area in East), one comment in West, one hidden idea."""
    first = submit(title="A tree <b>here</b>")
    submit(title="A calm street", geometry=LINE)
    submit(title="A wilder park", geometry=AREA)
    submit(title="Something rude", geometry=Point(4.4121, 50.8451, srid=4326))
    submit(parent=first, body="Yes, a lime tree.")
    Contribution.objects.filter(title="Something rude").update(status=Status.HIDDEN)
    return first.consultation


def _report(client: Client, consultation: Consultation, file_format: str = "html", query: str = "") -> Any:
    return client.get(f"/consultations/{consultation.slug}/report.{file_format}{query}")


def _features(html: str) -> list[dict[str, Any]]:
    """Every feature that the page's script hands to the map."""
    collections = re.findall(r'_add\((\{"features".*\})\);', html)
    return [item for text in collections for item in json.loads(text)["features"]]


def test_html_shows_every_public_contribution_once_in_its_place(client: Client, said: Consultation) -> None:
    response = _report(client, said)

    html = response.content.decode()
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{said.slug}.html"'
    places = Counter(
        json.dumps(item["geometry"], sort_keys=True)
        for item in _features(html)
        if "/contributions/" in item["properties"].get("words", "")
    )
    assert places == Counter(
        json.dumps(json.loads(shape.geojson), sort_keys=True)
        for shape in (Point(4.405, 50.8451, srid=4326), Point(4.405, 50.8451, srid=4326), LINE, AREA)
    )
    assert "Something rude" not in html
    assert "A tree &lt;b&gt;here&lt;/b&gt;" in html
    assert "<b>here</b>" not in html


def test_html_counts_by_kind_and_district(client: Client, said: Consultation) -> None:
    html = _report(client, said).content.decode()

    assert re.search(r"<dt>ideas</dt><dd>3</dd>", html)
    assert re.search(r"<dt>comments</dt><dd>1</dd>", html)
    assert re.findall(r'<th scope="row">(West|East)</th><td class="number">(\d+)</td>', html) == [
        ("West", "3"),
        ("East", "1"),
    ]


def test_filters_narrow_the_report_and_are_told(client: Client, said: Consultation) -> None:
    html = _report(client, said, query="?kind=comment").content.decode()

    assert re.search(r"<dt>ideas</dt><dd>0</dd>", html)
    assert re.search(r"<dt>comments</dt><dd>1</dd>", html)
    assert "Kind: comment" in html
    assert "A calm street" not in html


def test_weeks_without_a_contribution_are_told_too(client: Client, said: Consultation) -> None:
    monday = datetime(2025, 6, 2, 12, tzinfo=UTC)
    for offset, title in ((0, "A calm street"), (1, "A wilder park"), (15, "A tree <b>here</b>")):
        Contribution.objects.filter(title=title).update(submitted_at=monday + timedelta(days=offset))
    Contribution.objects.filter(title="").update(submitted_at=monday)

    html = _report(client, said).content.decode()

    weeks = re.findall(r'<th scope="row">(\d\d/\d\d/2025)</th><td class="number">(\d)</td>', html)
    assert weeks == [("06/02/2025", "3"), ("06/09/2025", "0"), ("06/16/2025", "1")]


def test_places_that_are_told_by_street_only_do_not_show_where_somebody_was(
    client: Client, make_consultation: MakeConsultation, submit: Submit
) -> None:
    careful = make_consultation(place_privacy=PlacePrivacy.STREET)
    submit(into=careful, geometry=Point(4.40512, 50.84517, srid=4326))

    html = _report(client, careful).content.decode()

    assert "4.40512" not in html
    assert "50.84517" not in html
    assert re.search(r"<dt>ideas</dt><dd>1</dd>", html)


def test_a_draft_has_no_report_for_the_public(client: Client, make_consultation: MakeConsultation) -> None:
    draft = make_consultation(state=ConsultationState.DRAFT)

    assert _report(client, draft).status_code == 404
    assert _report(client, draft, "pdf").status_code == 404


def test_other_endings_do_not_exist(client: Client, said: Consultation) -> None:
    assert _report(client, said, "exe").status_code == 404


def test_a_consultation_about_which_nobody_said_anything_has_a_report(
    client: Client, consultation: Consultation
) -> None:
    assert "Nothing was said yet." in _report(client, consultation).content.decode()
    assert _report(client, consultation, "pdf").content.startswith(b"%PDF-")


def test_one_connection_may_not_ask_without_end(client: Client, said: Consultation, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "report": 2}

    assert [_report(client, said).status_code for _ in range(3)] == [200, 200, 429]


def test_others_do_not_wait_for_many_reports(client: Client, said: Consultation) -> None:
    with views._TURNS, views._TURNS:
        busy = _report(client, said)
    then = _report(client, said)

    assert busy.status_code == 503
    assert "try again in a minute" in busy.content.decode()
    assert (then.status_code, then.headers["Cache-Control"]) == (200, "private, no-store")


@pytest.mark.parametrize("further", [0, 5])
def test_a_report_takes_a_constant_number_of_queries(
    client: Client,
    said: Consultation,
    submit: Submit,
    agent: User,
    tiny_town: TinyTown,
    django_assert_num_queries: DjangoAssertNumQueries,
    further: int,
) -> None:
    parts = [PartSpec(kind=PartKind.STREET, street_id=tiny_town.rue_haute.pk, buffer_m=50)]
    said.target = save_target(name="Rue Haute", parts=parts, user=agent)
    said.save()
    for number in range(further):
        submit(title=f"Another {number}", geometry=Point(4.411 + number / 10_000, 50.842, srid=4326))
    _report(client, said)  # the town's name is kept for a minute

    # consultation, phases, parts of its target; districts to filter by; the filter; how often; three figures, period,
    # contributions, weeks, ground, streets, districts counted and drawn, the list
    with django_assert_num_queries(17):
        _report(client, said)


def test_very_many_are_counted_in_cells(client: Client, said: Consultation, citizen: User) -> None:
    model = Contribution.objects.get(title="A calm street")
    count = MOST_SINGLE - 3
    for number in range(count):
        model.pk, model.code, model.title, model.support_count = None, None, f"Idea {number}", number
        model.code = Contribution._meta.get_field("code").get_default()
        model.public_geometry = model.geometry = Point(4.401 + 0.018 * number / count, 50.8451, srid=4326)
        Contribution.objects.bulk_create([model])

    html = _report(client, said).content.decode()

    counts = [
        int(found.group(1).replace(",", ""))
        for item in _features(html)
        if "size" in item["properties"] and (found := re.match(r"([\d,]+) contribution", item["properties"]["words"]))
    ]
    assert sum(counts) == count + 4
    assert 10 < len(counts) <= CELLS_ACROSS + 4
    assert html.count("/contributions/") == LISTED_WHEN_MANY
    assert f"Idea {count - 1}<" in html
    assert "The larger a circle" in html


def test_pdf_tells_the_same_and_has_a_map_for_each_kind_and_of_the_districts(
    client: Client, said: Consultation
) -> None:
    response = _report(client, said, "pdf")

    assert response.headers["Content-Type"] == "application/pdf"
    with pdfplumber.open(io.BytesIO(response.content)) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
        pictures = sum(len(page.images) for page in pdf.pages)
        within = all(image["x0"] >= 0 and image["x1"] <= page.width for page in pdf.pages for image in page.images)
    assert pictures == 4  # everything, ideas, comments, districts
    assert within
    for words in ("A wilder park", "A tree <b>here</b>", "West 3", "East 1", "Question 1"):
        assert words in text
    assert "Something rude" not in text
    assert "Everything that was said" in text


def test_pdf_lists_what_most_support_where_all_would_be_too_long(
    client: Client, said: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LISTED_ON_PAPER", 1)
    long_word = "A wilder park" + "k" * 107
    Contribution.objects.filter(title="A wilder park").update(support_count=9, title=long_word)

    with pdfplumber.open(io.BytesIO(_report(client, said, "pdf").content)) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
        assert all(sign["x1"] <= page.width for page in pdf.pages for sign in page.chars)

    assert "What most people support" in text
    assert "A wilder" in text
    assert "A tree <b>here</b>" not in text


def test_a_browser_without_a_connection_shows_the_map(
    client: Client,
    said: Consultation,
    tmp_path: Path,
    new_context: Callable[..., BrowserContext],
    axe_violations: Callable[..., list[str]],
    watch: Watch,
) -> None:
    Contribution.objects.filter(title="A wilder park").update(title="W" * 120)
    file = tmp_path / "report.html"
    file.write_bytes(_report(client, said).content)
    context = new_context(offline=True, viewport={"width": 360, "height": 740})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: watch.console_errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: watch.console_errors.append(str(error)))

    page.goto(file.as_uri())

    expect(page.locator(".report-mark")).to_have_count(2)  # the idea and, over it, its comment
    expect(page.get_by_role("checkbox", name="Ideas")).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator(".report-mark").last.press("Enter")
    expect(page.locator(".leaflet-popup").get_by_text("Read it on the site")).to_be_visible()
    page.get_by_role("checkbox", name="Ideas").uncheck()
    expect(page.locator(".report-mark")).to_have_count(1)
    assert [url for url in asked if not url.startswith(("data:", "file:"))] == []
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    assert axe_violations(page) == []
