"""The files of responses, opened again by other programs, hold what is stored."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pyogrio
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from geoparticipation.accounts.models import User
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Export
from geoparticipation.surveys.models import PlaceAnswer, Survey, SurveyResponse
from tests.surveys.results.generating import generate_responses


@pytest.fixture
def answered(survey: Survey) -> Survey:
    """A survey with 250 responses, some of them taken out."""
    generate_responses(survey, 250)
    return survey


def fetched(client: Client, survey: Survey, file_format: str, **asked: Any) -> bytes:
    answer = client.get(reverse("workspace-survey-export", args=[survey.slug, file_format]), asked)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def stored(survey: Survey) -> dict[str, SurveyResponse]:
    counted = SurveyResponse.objects.filter(survey=survey, contribution__status=Status.COUNTED)
    return {str(one.contribution.code): one for one in counted.select_related("contribution__district")}


def expected_cells(answers: dict[str, Any]) -> dict[str, Any]:
    """The cells of the answers, worked out in Python."""
    mode = answers["mode"]
    return {
        "mode": "other" if isinstance(mode, dict) else mode,
        "mode_other": mode["other"] if isinstance(mode, dict) else None,
        "reasons": "; ".join(answers["reasons"]) if "reasons" in answers else None,
        "cars": answers.get("cars"),
        "order": "; ".join(answers["order"]) if "order" in answers else None,
        "safe": answers.get("safe"),
        "times_work": answers["times"]["work"],
        "money_lamps": answers.get("money", {}).get("lamps"),
        "word": answers.get("word"),
        "story": answers.get("story"),
        "agree": True,
    }


def test_a_geopackage_has_a_layer_for_each_question_with_places(
    answered: Survey, agent: User, client: Client, tmp_path: Path
) -> None:
    client.force_login(agent)
    path = tmp_path / "answers.gpkg"
    path.write_bytes(fetched(client, answered, "gpkg"))

    assert list(pyogrio.list_layers(path)[:, 0]) == ["responses", "danger", "way", "photo"]
    rows = geopandas.read_file(path, layer="responses").set_index("code")
    by_code = stored(answered)
    assert set(rows.index) == set(by_code)
    for code, response in by_code.items():
        row = rows.loc[code]
        for name, value in expected_cells(response.answers).items():
            assert (None if row[name] is None or row[name] != row[name] else row[name]) == value, name
        assert row.geometry.wkb == bytes(response.contribution.geometry.wkb)
        assert row["danger_places"] == response.places.filter(question="danger").count()
    for question in ("danger", "way"):
        places = geopandas.read_file(path, layer=question)
        kept = PlaceAnswer.objects.filter(question=question, response__contribution__code__in=by_code)
        assert {(one.response, one.position, one.geometry.wkb) for one in places.itertuples()} == {
            (str(one.response.contribution.code), one.position, bytes(one.geometry.wkb))
            for one in kept.select_related("response__contribution")
        }
    dangers = geopandas.read_file(path, layer="danger")
    assert dangers["bad"].sum() == sum(
        one.follow_up["bad"]
        for one in PlaceAnswer.objects.filter(question="danger", response__contribution__code__in=by_code)
    )
    assert pyogrio.read_info(path, layer="way")["crs"] == "EPSG:4326"


def test_a_csv_is_safe_and_whole(answered: Survey, agent: User, client: Client) -> None:
    client.force_login(agent)

    text = fetched(client, answered, "csv").decode("utf-8-sig")

    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    by_code = stored(answered)
    assert set(rows) == set(by_code)
    for code, response in by_code.items():
        for name, value in expected_cells(response.answers).items():
            cell = rows[code][name]
            if isinstance(value, str):
                assert cell == (f"'{value}" if value.startswith(("=", "+", "-", "@")) else value)
            elif value is True:
                assert cell == "True"
            elif value is not None:
                assert float(cell) == value
            else:
                assert cell == ""
    assert "'=HYPERLINK(1)" in {row["mode_other"] for row in rows.values()}
    assert "'@home" in {row["word"] for row in rows.values()}


def test_a_workbook_has_a_sheet_for_each_and_says_what_keys_mean(answered: Survey, agent: User, client: Client) -> None:
    client.force_login(agent)

    book = openpyxl.load_workbook(io.BytesIO(fetched(client, answered, "xlsx")))

    assert book.sheetnames[:4] == ["responses", "danger", "way", "photo"]
    head, *rows = book["responses"].iter_rows(values_only=True)
    by_code = stored(answered)
    assert {row[0] for row in rows} == set(by_code)
    for row in rows:
        cells = dict(zip(head, row, strict=True))
        for name, value in expected_cells(by_code[cells["code"]].answers).items():
            assert cells[name] == value, name
    assert all(cell.data_type != "f" for row in book["responses"].iter_rows() for cell in row)
    assert (
        book["danger"].max_row - 1
        == PlaceAnswer.objects.filter(question="danger", response__contribution__code__in=by_code).count()
    )
    assert ("mode", "single", "bike", "Bike (fr)") in list(book[book.sheetnames[-1]].iter_rows(values_only=True))


def test_filters_narrow_all_layers(answered: Survey, agent: User, client: Client, tmp_path: Path) -> None:
    client.force_login(agent)
    path = tmp_path / "answers.gpkg"
    path.write_bytes(fetched(client, answered, "gpkg", origin="paper"))

    codes = {code for code, one in stored(answered).items() if one.contribution.origin == "paper"}
    assert set(geopandas.read_file(path, layer="responses")["code"]) == codes
    assert set(geopandas.read_file(path, layer="danger")["response"]) == codes


def test_a_file_is_noted(answered: Survey, agent: User, client: Client) -> None:
    client.force_login(agent)

    fetched(client, answered, "csv")

    export = Export.objects.get()
    assert (export.requested_by, export.scope, export.rows_total) == (agent, "internal", len(stored(answered)))


def test_too_many_for_a_workbook_are_refused_and_streamed_as_csv(
    answered: Survey, agent: User, client: Client, settings: Any
) -> None:
    settings.EXPORT_ROWS_AT_ONCE = 100
    client.force_login(agent)

    refused = client.get(reverse("workspace-survey-export", args=[answered.slug, "xlsx"]))

    assert refused.status_code == 413
    assert len(fetched(client, answered, "csv").splitlines()) > 240


def test_the_command_writes_any_number(answered: Survey, tmp_path: Path, settings: Any) -> None:
    settings.EXPORT_ROWS_AT_ONCE = 100

    call_command("export_survey", answered.slug, output=str(tmp_path / "all.gpkg"), verbosity=0)

    assert len(pyogrio.read_dataframe(tmp_path / "all.gpkg", layer="responses")) == len(stored(answered))
    with pytest.raises(CommandError):
        call_command("export_survey", "no-such", output=str(tmp_path / "none.gpkg"))
    with pytest.raises(CommandError):
        call_command("export_survey", answered.slug, output=str(tmp_path / "all.doc"))
    assert [path.name for path in tmp_path.iterdir()] == ["all.gpkg"]


def test_an_empty_survey_makes_empty_files(survey: Survey, tmp_path: Path) -> None:
    for ending in ("csv", "xlsx", "gpkg"):
        call_command("export_survey", survey.slug, output=str(tmp_path / f"none.{ending}"), verbosity=0)

    assert list(pyogrio.list_layers(tmp_path / "none.gpkg")[:, 0]) == ["responses", "danger", "way", "photo"]
    assert openpyxl.load_workbook(tmp_path / "none.xlsx")["way"].max_row == 1
