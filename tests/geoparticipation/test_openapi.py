"""The description of the API is valid and whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict:
    path = Path(tmp_path_factory.mktemp("openapi")) / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path))
    return yaml.safe_load(path.read_text())


def test_contract_is_described(document: dict) -> None:
    assert document["openapi"].startswith("3.0")
    assert set(document["paths"]) >= {
        "/api/v1/contributions/",
        "/api/v1/contributions/{code}/",
        "/api/v1/contributions/{code}/support/",
        "/api/v1/consultations/",
        "/api/v1/consultations/{slug}/",
        "/api/v1/places/locate",
        "/api/v1/places/search",
        "/api/v1/targets/",
        "/api/v1/targets/{id}/",
        "/api/v1/targets/preview/",
        *(f"/api/v1/targets/{{id}}/{name}" for name in ("mailing-list.csv", "mailing-list.xlsx", "mailing-list.gpkg")),
        "/api/v1/targets/{id}/labels.pdf",
        "/healthz",
        "/tiles/{layer}.json",
        "/tiles/{layer}/{z}/{x}/{y}.mvt",
    }
    filters = {
        *("in_bbox", "kind", "consultation", "district", "street", "council", "status", "q"),
        *("submitted_after", "submitted_before", "skill", "time"),
    }
    listed = document["paths"]["/api/v1/contributions/"]["get"]["parameters"]
    assert {item["name"] for item in listed} == {*filters, "limit", "cursor"}
    assert all(item.get("description") for item in listed)
    exported = document["paths"]["/api/v1/contributions/export.{extension}"]["get"]["parameters"]
    assert {item["name"] for item in exported} == {*filters, "extension", "scope"}


def test_every_operation_may_answer_with_a_problem(document: dict) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            problem = operation["responses"]["default"]["content"]["application/problem+json"]
            assert problem["schema"]["$ref"] == "#/components/schemas/Problem", (path, method)


def test_every_post_that_creates_takes_an_idempotency_key(document: dict) -> None:
    creating = {
        path: operations["post"]
        for path, operations in document["paths"].items()
        if "201" in operations.get("post", {}).get("responses", {})
    }

    assert set(creating) >= {"/api/v1/contributions/", "/api/v1/targets/"}
    for path, operation in creating.items():
        parameters = {(item["in"], item["name"]) for item in operation.get("parameters", [])}
        assert ("header", "Idempotency-Key") in parameters, path


@pytest.mark.django_db
def test_schema_is_served() -> None:
    as_json = Client().get("/api/v1/schema/")
    as_yaml = Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi"})

    assert (as_json.status_code, as_yaml.status_code) == (200, 200)
    assert as_json["Content-Type"].startswith("application/json")
    assert "/api/v1/contributions/" in as_json.json()["paths"]
    assert yaml.safe_load(as_yaml.content) == as_json.json()
