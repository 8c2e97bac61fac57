"""GeoJSON written by the database: the rows never become Python objects.

A page of features is one query whatever it holds, and begins after a key instead of counting rows off, so the
thousandth page costs what the first does.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connections
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from layers.errors import Refusal
from layers.layer import Layer, Rows
from layers.sql import compiled

GEOJSON_TYPE = "application/geo+json"
MAX_PAGE = 1000
# 1e-7 degrees are a centimetre.
_DECIMALS = 7


class CursorInvalid(Refusal):
    """A cursor that no page of this list has given."""

    code = "cursor_invalid"


class LimitInvalid(Refusal):
    """A limit that is not a whole number from 1 to the maximum."""

    code = "limit_invalid"


class FeatureNotFound(Refusal):
    """No such feature, or none that this person may see."""

    code = "feature_not_found"
    status = 404


def feature_collection(
    rows: Rows,
    layer: Layer,
    *,
    limit: int,
    cursor: str | None = None,
    next_url: Callable[[str], str] | None = None,
) -> bytes:
    """A page of the rows as a GeoJSON FeatureCollection (UTF-8), in the layer's order. One query.

    `next_cursor` is what the next page is asked for with, null on the last one; `next_url` turns it into the address
    that `links` then gives. Raises CursorInvalid.
    """
    features, next_cursor = _page(rows, layer, limit, cursor)
    tail: dict[str, Any] = {"numberReturned": len(features), "next_cursor": next_cursor}
    if next_url is not None:
        tail["links"] = [{"rel": "next", "type": GEOJSON_TYPE, "href": next_url(next_cursor)}] if next_cursor else []
    members = json.dumps(tail)[1:]
    return f'{{"type": "FeatureCollection", "features": [{",".join(features)}], {members}'.encode()


def feature(rows: Rows, layer: Layer) -> bytes:
    """The first of the rows as a GeoJSON Feature (UTF-8). One query. Raises FeatureNotFound when there is none."""
    features, _next = _page(rows, layer, 1, None)
    if not features:
        raise FeatureNotFound(_("There is nothing here, or it is not public."))
    return features[0].encode()


def parse_limit(text: str | None, *, default: int = 100, maximum: int = MAX_PAGE) -> int:
    """The number of features a request asks for; raises LimitInvalid."""
    if text is None or text == "":
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= maximum:
        return int(text)
    raise LimitInvalid(
        _("“limit” is a whole number from 1 to %(maximum)s.") % {"maximum": maximum}, field="limit", maximum=maximum
    )


def _page(rows: Rows, layer: Layer, limit: int, cursor: str | None) -> tuple[list[str], str | None]:
    """Features as JSON text, and the cursor after the last of them."""
    names = tuple(layer.properties)
    keys = [name.removeprefix("-") for name in layer.order_by]
    columns: dict[str, str | Combinable] = {"layer_shape": F(layer.geometry)}
    columns |= {f"o{i}": key for i, key in enumerate(keys)}
    columns |= {f"p{i}": layer.properties[name] for i, name in enumerate(names)}
    if cursor:
        rows = rows.filter(rows_after(layer.order_by, _decoded(rows, keys, cursor)))
    try:
        source = compiled(rows.order_by(*layer.order_by), columns, limit=limit + 1)
    except EmptyResultSet:
        return [], None
    sql = f"""
        SELECT {feature_json(layer, f"ST_AsGeoJSON(page.layer_shape, {_DECIMALS})")},
            {", ".join(f"page.o{i}" for i in range(len(keys)))}
        FROM ({source.sql}) AS page"""
    with connections[source.using].cursor() as execution:
        execution.execute(sql, (*names, *source.parameters))
        found = execution.fetchall()
    next_cursor = _encoded(found[limit - 1][1:]) if len(found) > limit else None
    return [row[0] for row in found[:limit]], next_cursor


def feature_json(layer: Layer, geometry: str) -> str:
    """SQL for the GeoJSON Feature, as text, of a row of `page`: its columns p0, p1 … are the layer's properties.

    `geometry` is SQL for the geometry as GeoJSON text. The names of the properties are the first parameters.
    """
    properties = ", ".join(f"%s, page.p{i}" for i in range(len(layer.properties)))
    return f"""json_build_object(
            'type', 'Feature', 'id', page.p{list(layer.properties).index(layer.id_property)},
            'geometry', ({geometry})::json,
            'properties', json_build_object({properties})
        )::text"""


def rows_after(order_by: Sequence[str], values: Sequence[object]) -> Q:
    """The rows that come after these values of the fields of `order_by`, none of which may be null.

    For (a, b): a ≥ x AND (a > x OR b > y), whose first half the index on (a, b) answers.
    """
    condition: Q | None = None
    for name, value in reversed(list(zip(order_by, values, strict=True))):
        key, beyond = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        later = Q(**{f"{key}__{beyond}": value})
        condition = later if condition is None else Q(**{f"{key}__{beyond}e": value}) & (later | condition)
    if condition is None:
        raise ValueError("A layer needs an order to be listed in pages.")
    return condition


def _encoded(values: Sequence[Any]) -> str:
    texts = [value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(texts, separators=(",", ":")).encode()).decode().rstrip("=")


def _decoded(rows: Rows, keys: Sequence[str], cursor: str) -> list[object]:
    """The values in a cursor, as the fields they belong to read them; it is not secret and may be made up."""
    refusal = CursorInvalid(_("This cursor is not valid. Begin again without it."), field="cursor")
    try:
        texts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise refusal from None
    if (
        not isinstance(texts, list)
        or len(texts) != len(keys)
        or not all(isinstance(text, str) and "\x00" not in text for text in texts)
    ):
        raise refusal
    named = rows.annotate(**{f"o{i}": F(key) for i, key in enumerate(keys)}).query.annotations
    try:
        return [named[f"o{i}"].output_field.to_python(text) for i, text in enumerate(texts)]
    except (ValidationError, ValueError, OverflowError):
        raise refusal from None
