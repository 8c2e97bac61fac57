"""Imports go downwards; models and migrations agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

CHECKOUT = Path(__file__).resolve().parents[2]


def test_import_contracts_are_kept() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)


def test_web_processes_do_not_load_pandas() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import geoparticipation.wsgi, sys; print('pandas' in sys.modules)"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert loaded.stdout.strip() == "False", loaded.stderr


def test_one_gdal_and_one_geos_in_the_process() -> None:
    code = (
        "import geoparticipation.wsgi, pyogrio, geopandas, shapely\n"
        "from django.contrib.gis.gdal import gdal_version\n"
        "assert gdal_version().decode() == pyogrio.__gdal_version_string__, gdal_version()\n"
        "from django.contrib.gis.geos import Point\n"
        "there = Point(4.4, 50.85, srid=4326).transform(3812, clone=True)\n"
        "assert abs(there.x - 652200.03) < 0.01 and abs(there.y - 671067.80) < 0.01, there\n"
        "from pathlib import Path\n"
        "maps = Path('/proc/self/maps')\n"
        "lines = maps.read_text().splitlines() if maps.exists() else []\n"
        "files = {line.split()[-1] for line in lines if 'libgdal' in line}\n"
        "assert len(files) <= 1, files\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
