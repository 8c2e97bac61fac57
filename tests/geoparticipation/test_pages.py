"""What every page has: languages, theme, nonce, import map; and the pages of words and errors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db

PAGES = [
    "/", "/contributions/", "/consultations/", "/places/?q=x", "/about/data/", "/about/charter/", "/about/privacy/",
    "/about/accessibility/", "/compte/login/", "/compte/signup/", "/compte/password/reset/", "/nowhere/",
]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_page_has_language_landmarks_and_nothing_inline(client: Client, address: str, language: str) -> None:
    page = client.get(address, headers={"Accept-Language": language}).content.decode()

    assert f'<html lang="{language}"' in page
    assert page.count("<h1") == 1
    assert '<main id="main"' in page
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert all('type="importmap" nonce="' in tag or 'type="application/json"' in tag for tag in inline)


def test_import_map_has_every_module_and_the_policys_nonce(client: Client) -> None:
    response = client.get("/")
    page = response.content.decode()
    nonce, text = re.search(r'<script type="importmap" nonce="([^"]+)">(.*?)</script>', page).groups()
    names = set(json.loads(text)["imports"])

    assert f"'nonce-{nonce}'" in response["Content-Security-Policy"]
    modules = {f"gp/{path.stem}" for path in (Path(settings.BASE_DIR) / "static" / "js").glob("*.js")}
    assert modules | {"maplibre-gl", "terra-draw", "terra-draw-maplibre-gl-adapter", "htmx"} == names


def test_every_import_of_our_modules_is_in_the_import_map() -> None:
    folder = Path(settings.BASE_DIR) / "static" / "js"
    wanted = {
        name
        for path in folder.glob("*.js")
        for name in re.findall(r'^import (?:[^"]* from )?"([^"]+)";', path.read_text(), re.MULTILINE)
    }

    assert {name for name in wanted if name.startswith("gp/")} <= {f"gp/{path.stem}" for path in folder.glob("*.js")}
    assert {name for name in wanted if not name.startswith("gp/")} <= {"htmx", "terra-draw", "maplibre-gl"}


@pytest.mark.parametrize(("cookie", "attribute"), [("dark", 'data-theme="dark"'), ('x"><b', None), ("", None)])
def test_chosen_colours_come_with_the_page(client: Client, cookie: str, attribute: str | None) -> None:
    client.cookies["gp_theme"] = cookie
    head = client.get("/about/data/").content.decode()[:200]

    assert ("data-theme" in head) == (attribute is not None)
    assert attribute is None or attribute in head


def test_language_switch_comes_back_to_the_page(client: Client) -> None:
    response = client.post("/i18n/setlang/", {"language": "en", "next": "/about/data/"})

    assert response["Location"] == "/about/data/"
    assert '<html lang="en"' in client.get("/about/data/").content.decode()


def test_form_kept_open_too_long_says_what_to_do() -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})

    response = client.post("/compte/login/", {"login": "x"})

    assert response.status_code == 403
    assert "The page was open for too long" in response.content.decode()


def test_server_error_page_needs_nothing(client: Client) -> None:
    client.raise_request_exception = False
    page = (Path(settings.BASE_DIR) / "geoparticipation/templates/500.html").read_text()

    assert "Something went wrong" in page
    assert "{% load" not in page
