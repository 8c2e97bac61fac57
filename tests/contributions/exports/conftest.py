"""Exports written to files, and looked at by GDAL's own programs in processes of their own."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from geoparticipation.contributions.domain.exports import extract_contributions
from geoparticipation.contributions.enums import Scope
from geoparticipation.machine import find_gdal_python
from layers.exports.formats import FORMATS, FileFormat

Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write an export to a file, in English, and give its path."""

    def write(
        file_format: FileFormat,
        *,
        user: Any = None,
        scope: Scope = Scope.PUBLIC,
        filters: str = "",
        site: str = "https://town.example",
        language: str = "en",
        **changes: Any,
    ) -> Path:
        path = tmp_path / f"export.{FORMATS[file_format].extension}"
        extract = extract_contributions(
            user=user, scope=scope, parameters=QueryDict(filters), file_format=file_format, site=site, **changes
        )
        with path.open("wb") as file, translation.override(language):
            FORMATS[file_format].write(file, extract)
        return path

    return write


def unzipped(path: Path) -> Path:
    """The folder with what is in the archive."""
    folder = path.parent / "unzipped"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def ogrinfo(path: Path) -> dict[str, int]:
    """Number of features of each layer, as the system's GDAL counts them when it reads the whole file."""
    told = subprocess.run(
        ["ogrinfo", "-ro", "-so", "-al", str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert "ERROR" not in told.stderr
    assert "Warning" not in told.stderr, told.stderr
    counts: dict[str, int] = {}
    for line in told.stdout.splitlines():
        if line.startswith("Layer name: "):
            layer = line.removeprefix("Layer name: ")
        elif line.startswith("Feature Count: "):
            counts[layer] = int(line.removeprefix("Feature Count: "))
    return counts


def assert_valid_geopackage(path: Path) -> None:
    """Ask GDAL's own validate_gpkg, with every check."""
    python = find_gdal_python()
    assert python is not None, "python3-gdal is missing: python3 -m geoparticipation.machine --test"
    told = subprocess.run(
        [python, "-m", "osgeo_utils.samples.validate_gpkg", "--extra", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (told.returncode, told.stdout.strip(), told.stderr.strip()) == (0, "", ""), told


def features_of(path: Path) -> list[dict[str, Any]]:
    """Features of a GeoJSON file."""
    return json.loads(path.read_text())["features"]  # type: ignore[no-any-return]
