"""KML 2.2 (OGC 07-147r2), for Google Earth and other viewers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from django.utils.timezone import localtime

from layers.exports.extract import Extract, Marks

# PostGIS writes no KML of a collection, though the format has what it takes.
_KML: Final = """CASE WHEN ST_GeometryType(page.layer_shape) = 'ST_GeometryCollection' THEN (
    SELECT '<MultiGeometry>' || string_agg(ST_AsKML(ST_ForcePolygonCCW(part.geom), 15), '' ORDER BY part.path)
        || '</MultiGeometry>'
    FROM ST_Dump(page.layer_shape) AS part
) ELSE ST_AsKML(ST_ForcePolygonCCW(page.layer_shape), 15) END"""
_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for, not even escaped."""


def stream_kml(extract: Extract) -> Iterator[bytes]:
    """One Document: a Style for each value of the marks, a Placemark for each row, all properties as ExtendedData.

    Signs that XML cannot hold (control characters) are left out. Moments are ISO 8601 in the town's time. A description
    is HTML to viewers, so the text in it is escaped for that as well; as people wrote it, it is in the ExtendedData.
    """
    names = [column.name for column in extract.columns()]
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n'
        f'<Document id="{extract.layer.name}">\n<name>{_text(extract.title)}</name>\n{_styles(extract.marks)}'
    ).encode()
    for batch in extract.batches(_KML):
        yield "".join(_placemark(extract, dict(zip(names, row, strict=False)), row[-1]) for row in batch).encode()
    yield b"</Document>\n</kml>\n"


def _styles(marks: Marks | None) -> str:
    styles = []
    for value, colour in (marks.colours if marks else {}).items():
        # aabbggrr
        solid = "ff" + colour[5:7] + colour[3:5] + colour[1:3]
        styles.append(
            f"<Style id={quoteattr(value)}><IconStyle><color>{solid}</color></IconStyle>"
            f"<LineStyle><color>{solid}</color><width>3</width></LineStyle>"
            f"<PolyStyle><color>66{solid[2:]}</color></PolyStyle></Style>\n"
        )
    return "".join(styles)


def _placemark(extract: Extract, cells: dict[str, Any], geometry: str | None) -> str:
    parts = []
    if extract.label:
        parts.append(f"<name>{_text(cells[extract.label])}</name>")
    if extract.text:
        parts.append(f"<description>{_text(escape(cells[extract.text] or ''))}</description>")
    if extract.marks and cells[extract.marks.property] in extract.marks.colours:
        parts.append(f"<styleUrl>#{_text(cells[extract.marks.property])}</styleUrl>")
    data = "".join(
        f"<Data name={quoteattr(name)}><value>{_text(value)}</value></Data>"
        for name, value in cells.items()
        if value is not None
    )
    return f"<Placemark>{''.join(parts)}<ExtendedData>{data}</ExtendedData>{geometry or ''}</Placemark>\n"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return localtime(value).isoformat(timespec="seconds")
    return escape(_NOT_IN_XML.sub("", str(value)))
