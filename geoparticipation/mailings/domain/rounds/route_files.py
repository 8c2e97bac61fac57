"""A round as GPX for a phone or a watch, and as GeoJSON for a map."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import shapely
from django.utils.translation import gettext as _

from geoparticipation.mailings.domain.rounds.round_contents import RoundContents, StopContents, side_in_words
from layers.geometry import to_shapely

GPX: str = "http://www.topografix.com/GPX/1/1"


def as_gpx(contents: RoundContents, name: str) -> bytes:
    """GPX 1.1: a waypoint where each stop begins, numbered, and the path as one track.

    Schema: topografix.com/GPX/1/1/gpx.xsd, by which waypoints come before tracks.
    """
    root = ET.Element("gpx", {"version": "1.1", "creator": "geoparticipation", "xmlns": GPX})
    ET.SubElement(ET.SubElement(root, "metadata"), "name").text = _legal(name)
    for stop in contents.stops:
        lon, lat = shapely.get_coordinates(to_shapely(stop.stop.geometry))[0]
        point = ET.SubElement(root, "wpt", _position(lon, lat))
        ET.SubElement(point, "name").text = _legal(f"{stop.stop.order}. {stop.street}")
        ET.SubElement(point, "desc").text = _legal(", ".join(stop.doors))
    track = ET.SubElement(root, "trk")
    ET.SubElement(track, "name").text = _legal(name)
    if contents.round.geometry is not None:
        segment = ET.SubElement(track, "trkseg")
        for lon, lat in shapely.get_coordinates(to_shapely(contents.round.geometry)):
            ET.SubElement(segment, "trkpt", _position(lon, lat))
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def _position(lon: float, lat: float) -> dict[str, str]:
    return {"lat": f"{lat:.7f}", "lon": f"{lon:.7f}"}


def _legal(text: str) -> str:
    """Text without the control characters that XML 1.0 does not allow."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n")


def as_geojson(contents: RoundContents) -> bytes:
    """GeoJSON (RFC 7946): the path of the round, then each stop, by the property `part`."""
    round_ = contents.round
    features: list[dict[str, Any]] = [
        _feature(
            None if round_.geometry is None else to_shapely(round_.geometry),
            {
                "part": "path",
                "round": round_.number,
                "letterboxes": round_.letterbox_count,
                "flyers": round_.flyer_count,
                "length_m": round(round_.length_m),
                "minutes": round(round_.seconds / 60),
                "crossings": round_.crossings,
            },
        )
    ]
    features += [_stop_feature(round_.number, stop) for stop in contents.stops]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def _stop_feature(number: int, stop: StopContents) -> dict[str, Any]:
    return _feature(
        to_shapely(stop.stop.geometry),
        {
            "part": "stop",
            "round": number,
            "order": stop.stop.order,
            "street": stop.street,
            "locality": stop.locality,
            "side": side_in_words(stop),
            "house_numbers": stop.doors,
            "letterboxes": stop.stop.letterbox_count,
            "flyers": stop.stop.flyer_count,
        },
    )


def _feature(shape: Any, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = (
        None if shape is None else json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-7, "pointwise")))
    )
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def side_label(stop: StopContents) -> str:
    """The side of a stop, for people."""
    return {
        "even": _("even side"),
        "odd": _("odd side"),
        "left": _("left side"),
        "right": _("right side"),
        "both": _("both sides, to and fro"),
    }[side_in_words(stop)]
