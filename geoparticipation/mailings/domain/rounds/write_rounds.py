"""The rounds of a mailing as files in a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.contrib.gis.geos import Polygon
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import override
from shapely.geometry.base import BaseGeometry

from geoparticipation.mailings.domain.rounds.plan_rounds import courses_around
from geoparticipation.mailings.domain.rounds.round_contents import RoundContents, read_rounds
from geoparticipation.mailings.domain.rounds.round_sheet import write_sheet
from geoparticipation.mailings.domain.rounds.route_files import as_geojson, as_gpx
from geoparticipation.mailings.errors import NoRounds
from geoparticipation.mailings.models import Mailing
from layers.geometry import WGS84, metric_srid_for
from neighbourhoods.layers import OSM_ATTRIBUTION
from neighbourhoods.models import Street

ENDINGS: Final = ("gpx", "geojson", "pdf")


@dataclass(frozen=True)
class _Surroundings:
    """What the maps of the sheets show around the rounds: courses in the metric system, and whose data they are."""

    metric: int
    streets: list[BaseGeometry]
    source: str


def write_round(*, mailing: Mailing, number: int, ending: str) -> bytes:
    """One round as `gpx`, `geojson` or `pdf`, in the language of the consultation. Seven queries. Raises NoRounds."""
    contents = read_rounds(mailing, number=number)
    if not contents:
        raise NoRounds
    with override(mailing.consultation.language):
        return _written(ending, mailing, contents[0], _surroundings(contents) if ending == "pdf" else None)


def write_rounds(
    *, mailing: Mailing, folder: Path, on_progress: Callable[[int, int], None] = lambda done, in_all: None
) -> list[Path]:
    """Write `round-1.gpx`, `.geojson` and `.pdf`, and so on, into a folder that is made where it is missing.

    Files are written in the language of the consultation. All are made first and then put in place, each whole; files
    of rounds that are no more are removed. Seven queries. `on_progress` is called with rounds done and rounds in all.
    Raises NoRounds, OSError.
    """
    contents = read_rounds(mailing)
    if not contents:
        raise NoRounds
    surroundings = _surroundings(contents)
    digits = len(str(len(contents)))
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix=".rounds-") as unfinished,
        override(mailing.consultation.language),
    ):
        made: list[str] = []
        for done, one in enumerate(contents, start=1):
            stem = f"round-{one.round.number:0{digits}d}"
            for ending in ENDINGS:
                made.append(f"{stem}.{ending}")
                (Path(unfinished) / made[-1]).write_bytes(_written(ending, mailing, one, surroundings))
            on_progress(done, len(contents))
        for name in made:
            (Path(unfinished) / name).replace(folder / name)
    for ending in ENDINGS:
        for old in folder.glob(f"round-*.{ending}"):
            if old.name not in made and old.stem.removeprefix("round-").isdecimal():
                old.unlink()
    return [folder / name for name in made]


def _surroundings(contents: list[RoundContents]) -> _Surroundings:
    stops = [stop.stop.geometry.extent for one in contents for stop in one.stops]
    west, south, east, north = zip(*stops, strict=True)
    extent = Polygon.from_bbox((min(west), min(south), max(east), max(north)))
    extent.srid = WGS84
    metric = metric_srid_for(extent)
    source = strip_tags(OSM_ATTRIBUTION) if Street.objects.filter(source="osm").exists() else ""
    return _Surroundings(metric, list(courses_around(extent, metric)), source)


def _written(ending: str, mailing: Mailing, one: RoundContents, around: _Surroundings | None) -> bytes:
    name = _("%(mailing)s: round %(number)d") % {"mailing": mailing.name, "number": one.round.number}
    if ending == "gpx":
        return as_gpx(one, name)
    if ending == "geojson":
        return as_geojson(one)
    around = around or _surroundings([one])
    return write_sheet(one, mailing.name, around.streets, around.metric, around.source)
