"""`manage.py export_contributions`."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import geopandas
import pytest
from django.core.management import CommandError, call_command

from geoparticipation.accounts.models import User
from geoparticipation.contributions.models import Export
from layers.exports.formats import FileFormat
from tests.contributions.exports.conftest import ogrinfo
from tests.fixtures.odd_places import OddPlaces


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("export_contributions", *arguments, stdout=said)
    return said.getvalue()


def test_file_is_written_in_every_format(odd_places: OddPlaces, tmp_path: Path) -> None:
    for file_format in FileFormat:
        said = run("--format", file_format, "--street", "rue haute", "-o", str(tmp_path / file_format))
        assert "7" in said
        assert (tmp_path / file_format).stat().st_size > 500

    assert {path.name for path in tmp_path.iterdir()} == set(FileFormat.values)


def test_format_is_known_by_the_name_of_the_file(odd_places: OddPlaces, tmp_path: Path) -> None:
    run("-o", str(tmp_path / "a.geojson"), "--q", "trees")

    assert ogrinfo(tmp_path / "a.geojson") == {"contributions": 1}
    with pytest.raises(CommandError, match=r"csv\|xlsx"):
        run("-o", str(tmp_path / "b.what"))


def test_internal_needs_a_person_of_that_role_and_is_recorded(
    odd_places: OddPlaces, tmp_path: Path, moderator: User, planner: User
) -> None:
    path = tmp_path / "internal.gpkg"
    for who in ([], ["--as", planner.email]):
        with pytest.raises(CommandError):
            run("-o", str(path), "--scope", "internal", *who)
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        run("-o", str(path), "--scope", "internal", "--as", "nobody@example.org")
    assert list(tmp_path.iterdir()) == []

    run("-o", str(path), "--scope", "internal", "--as", moderator.email)

    assert len(geopandas.read_file(path)) == 8
    assert path.stat().st_mode & 0o077 == 0
    assert Export.objects.values_list("requested_by", "rows_total").get() == (moderator.pk, 8)


def test_wrong_filter_leaves_the_file_as_it_was(odd_places: OddPlaces, tmp_path: Path) -> None:
    path = tmp_path / "kept.csv"
    path.write_text("as it was")

    for wrong in (["--kind", "nonsense"], ["--in-bbox", "1,2"], ["--district", "none"]):
        with pytest.raises(CommandError):
            run("-o", str(path), *wrong)

    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_that_is_not_there_is_said(odd_places: OddPlaces, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        run("-o", str(tmp_path / "nowhere" / "a.csv"))
