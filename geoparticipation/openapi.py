"""What the generated OpenAPI document says beyond the views' own descriptions."""

from __future__ import annotations

import copy
from typing import Any, Final

from layers.problems import CONTENT_TYPE

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "An RFC 9457 problem. `code` is stable; `detail` is for people.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "example": "about:blank"},
        "title": {"type": "string", "example": "Bad Request"},
        "status": {"type": "integer", "example": 400},
        "code": {"type": "string", "example": "outside_territory"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "field": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def _parameter(name: str, kind: str, description: str = "") -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}, "description": description}


def _answer(description: str, content_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {content_type: {"schema": schema}}}


_LAYER: Final = _parameter("layer", "string", "Name of a layer: contributions, districts, streets …")
OTHER_PATHS: Final[dict[str, Any]] = {
    "/healthz": {
        "get": {
            "operationId": "healthz",
            "description": "Whether the database and the task queue answer.",
            "tags": ["operation"],
            "responses": {
                "200": _answer("Both answer", "application/json", {"type": "object"}),
                "503": _answer("One does not", "application/json", {"type": "object"}),
            },
        }
    },
    "/tiles/{layer}.json": {
        "get": {
            "operationId": "tilejson",
            "description": "TileJSON 3.0 of a layer.",
            "tags": ["tiles"],
            "parameters": [_LAYER],
            "responses": {"200": _answer("TileJSON", "application/json", {"type": "object"})},
        }
    },
    "/tiles/{layer}/{z}/{x}/{y}.mvt": {
        "get": {
            "operationId": "tile",
            "description": "A Mapbox vector tile of a layer; filters of the layer as query parameters.",
            "tags": ["tiles"],
            "parameters": [_LAYER, *(_parameter(name, "integer") for name in ("z", "x", "y"))],
            "responses": {
                "200": _answer("A tile", "application/vnd.mapbox-vector-tile", {"type": "string", "format": "binary"}),
                "204": {"description": "Nothing in this tile"},
                "304": {"description": "The tile that the client has is the current one"},
            },
        }
    },
}
"""What is not made with the REST framework, and so not found by the generator."""

_METHODS: Final = {"get", "put", "post", "delete", "patch"}


def describe_problems(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Add the paths outside the REST framework, and the problem as every operation's answer to what went wrong."""
    result.setdefault("paths", {}).update(copy.deepcopy(OTHER_PATHS))
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            if method in _METHODS:
                operation["responses"].setdefault(
                    "default",
                    {
                        "description": "A problem",
                        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                    },
                )
    return result
