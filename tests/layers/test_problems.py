"""Refusals as RFC 9457 documents."""

from __future__ import annotations

import json

from layers.errors import Refusal
from layers.geometry import GeometryInvalid
from layers.problems import problem_document, refusal_response


def test_document_has_the_members_of_the_standard() -> None:
    assert problem_document(code="gone_fishing", status=410, detail="Nobody is here.", until="noon") == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "code": "gone_fishing",
        "detail": "Nobody is here.",
        "until": "noon",
    }


def test_refusal_says_what_where_and_in_which_field() -> None:
    response = refusal_response(GeometryInvalid("It crosses itself.", field="geometry", lon=1.0, lat=2.0))

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "code": "geometry_invalid",
        "detail": "It crosses itself.",
        "field": "geometry",
        "lon": 1.0,
        "lat": 2.0,
    }


def _all_refusals(base: type[Refusal]) -> list[type[Refusal]]:
    return [kind for child in base.__subclasses__() for kind in (child, *_all_refusals(child))]


def test_codes_of_this_package_are_distinct() -> None:
    import layers.bbox
    import layers.features
    import layers.readers
    import layers.registry
    import layers.tile_grid  # noqa: F401

    codes = [kind.code for kind in _all_refusals(Refusal) if kind.__module__.startswith("layers.")]

    assert len(codes) == len(set(codes))
    assert all(code.replace("_", "").isalpha() for code in codes)
