"""Whether a place may be the answer: its shape, and how large it is.

That it is no nonsense and lies where it should is for the domain, which asks the database. Sizes are geodesic; the
page works them out on the same ellipsoid and agrees to one part in ten thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geoparticipation.surveys.answers.values import is_blank
from layers.errors import Refusal
from layers.geometry import area_m2, geometry_from_geojson, length_m

SHAPE_OF_TYPE: Final = {"Point": "point", "LineString": "line", "Polygon": "area"}
"""What may be drawn; a place chosen by name has whatever shape its register gives it."""

PlaceFault = tuple[str, float | str | None]


def is_named(entry: Mapping[str, Any]) -> bool:
    """Whether the place was typed or chosen by name, and not drawn."""
    return entry.get("geometry") is None and any(
        isinstance(words := entry.get(name), str) and not is_blank(words) for name in ("chosen", "text")
    )


def check_place(
    entry: Mapping[str, Any], shapes: Sequence[str], max_area_m2: float | None, max_length_m: float | None
) -> PlaceFault | None:
    """Code and limit of what is wrong with one place; None where nothing is."""
    if is_named(entry):
        return None
    drawn = entry.get("geometry")
    if drawn is None:
        return "place_missing", None
    shape = SHAPE_OF_TYPE.get(str(drawn.get("type"))) if isinstance(drawn, Mapping) else None
    if shape is None:
        return "not_a_place", None
    if shape not in shapes:
        return "shape_not_allowed", None
    rings = drawn.get("coordinates")
    if shape == "area" and isinstance(rings, list) and len(rings) != 1:
        return "not_a_place", None  # nobody draws a hole
    try:
        geometry = geometry_from_geojson(drawn)
    except Refusal:
        return "not_a_place", None
    if max_length_m is not None and length_m(geometry) > max_length_m:
        return "line_too_long", max_length_m
    if max_area_m2 is not None and area_m2(geometry) > max_area_m2:
        return "area_too_large", max_area_m2
    return None
