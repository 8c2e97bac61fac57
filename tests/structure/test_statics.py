"""Static files are complete, hashed, and ask for nothing from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from geoparticipation.templatetags.front import VENDOR_MODULES, own_modules

CHECKOUT = Path(__file__).resolve().parents[2]
MODULES = sorted((CHECKOUT / "static" / "js").rglob("*.js"))
STYLES = sorted((CHECKOUT / "static" / "css").rglob("*.css"))
TEMPLATES = sorted(
    path
    for part in ("geoparticipation", "neighbourhoods", "layers")
    for path in (CHECKOUT / part).rglob("templates/**/*.*")
)
IMPORT = re.compile(
    r"""^\s*(?:import|export)\s(?:[^;"'()=]*\sfrom\s*)?["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']""",
    re.MULTILINE,
)
# Names of XML vocabularies look like addresses; nothing is fetched from them.
VOCABULARIES = ("http://www.w3.org/",)


def imports_of(path: Path) -> set[str]:
    return {static or dynamic for static, dynamic in IMPORT.findall(path.read_text())}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What collectstatic writes with the site's own storage, without compressing."""
    from django.test import override_settings

    storage = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    folder = tmp_path_factory.mktemp("collected")
    with override_settings(STATIC_ROOT=folder, STORAGES={"default": storage, "staticfiles": storage}):
        call_command("collectstatic", interactive=False, verbosity=0)
    paths: dict[str, str] = json.loads((folder / "staticfiles.json").read_text())["paths"]
    return paths


def test_collectstatic_passes_and_hashes_every_file_of_the_import_map(manifest: dict[str, str]) -> None:
    for path in {**own_modules(), **VENDOR_MODULES}.values():
        assert re.search(r"\.[0-9a-f]{12}\.m?js$", manifest[path]), path


def test_collectstatic_leaves_the_package_managers_files_out(manifest: dict[str, str]) -> None:
    unwanted = ("node_modules", "package", "copy_vendor", "icons.txt", ".map")

    ours = [path for path in manifest if not path.startswith(("admin/", "rest_framework/"))]
    assert [path for path in ours if any(part in path for part in unwanted)] == []


def test_the_worker_of_the_map_is_served(manifest: dict[str, str]) -> None:
    assert "vendor/maplibre-gl/maplibre-gl-worker.mjs" in manifest


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_import_only_what_the_import_map_names(path: Path) -> None:
    """A relative import would ask for a name without a hash, which is not served."""
    assert imports_of(path) <= {*own_modules(), *VENDOR_MODULES, "htmx"}


def test_vendor_modules_import_only_what_the_import_map_names() -> None:
    for served in VENDOR_MODULES.values():
        found = finders.find(served)
        assert found, f"{served} is missing: make vendor"
        # Built files have their imports anywhere on one long line.
        bare = set(re.findall(r"""\bfrom\s*["'](\w[\w/@-]*)["'];""", Path(found).read_text()))
        assert bare <= set(VENDOR_MODULES), served


@pytest.mark.parametrize("path", [*MODULES, *STYLES, *TEMPLATES], ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_no_other_host_is_asked_for_anything(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}|/\*.*?\*/|<!--.*?-->", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"<a\s[^>]*>", "", text)  # a link is followed by a person, not fetched
    addresses = [
        found for found in re.findall(r"(?:https?:)?//[a-z][\w.-]+\.[a-z]{2,}[^\s\"'<>]*", text) if "//" in found
    ]

    assert [found for found in addresses if not found.startswith(VOCABULARIES)] == []


def test_styles_find_their_files() -> None:
    for path in STYLES:
        for url in re.findall(r"url\(\s*[\"']?([^)\"']+)", path.read_text()):
            if not url.startswith(("data:", "#")):
                assert (path.parent / url.split("#")[0]).resolve().exists(), f"{path.name}: {url}"


def test_icons_that_templates_name_are_installed() -> None:
    listed = set((CHECKOUT / "static" / "icons.txt").read_text().split())
    named = {
        (path.name, name)
        for path in TEMPLATES
        for name in re.findall(r"\{%\s*icon\s+[\"']([\w-]+)[\"']", path.read_text())
    }

    assert {(template, name) for template, name in named if name not in listed} == set()
