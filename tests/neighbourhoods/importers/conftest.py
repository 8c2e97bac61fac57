"""Imports shared by the tests of one file, and the drawing of tiny OpenStreetMap files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import osmium
import pytest
from django.db import transaction
from django.utils import translation
from osmium.osm.mutable import Node, Relation, Way

from neighbourhoods.importers.osm.load import import_osm
from neighbourhoods.importers.report import ImportReport


@pytest.fixture
def in_english() -> Iterator[None]:
    """The words that a test expects are English ones, whatever the site's language is."""
    with translation.override("en"):
        yield


class TinyOsm:
    """A small OpenStreetMap file in the making. `node`, `way` and `relation` return the new identifier."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "tiny.osm"
        self.items: dict[str, list[object]] = {"n": [], "w": [], "r": []}
        self.next_id = 1
        self.header = osmium.io.Header()

    def _new(self) -> int:
        self.next_id += 1
        return self.next_id

    def edge(self, west: float, south: float, east: float, north: float) -> None:
        low, high = osmium.osm.Location(west, south), osmium.osm.Location(east, north)
        self.header.add_box(osmium.osm.Box(low, high))

    def node(self, lon: float, lat: float, **tags: str) -> int:
        number = self._new()
        self.items["n"].append(Node(id=number, location=(lon, lat), tags=_tags(tags), version=1))
        return number

    def way(self, points: list[tuple[float, float]] | list[int], **tags: str) -> int:
        nodes = [point if isinstance(point, int) else self.node(*point) for point in points]
        number = self._new()
        self.items["w"].append(Way(id=number, nodes=nodes, tags=_tags(tags), version=1))
        return number

    def relation(self, members: list[tuple[str, int, str]], **tags: str) -> int:
        number = self._new()
        self.items["r"].append(Relation(id=number, members=members, tags=_tags(tags), version=1))
        return number

    def commune(
        self, name: str, *ways: int, level: str = "8", members: list[tuple[str, int, str]] | None = None
    ) -> int:
        ring = [("w", way, "outer") for way in ways]
        return self.relation(
            [*ring, *(members or [])], type="boundary", boundary="administrative", admin_level=level, name=name
        )

    def write(self) -> Path:
        self.path.unlink(missing_ok=True)
        writer = osmium.SimpleWriter(str(self.path), header=self.header)
        for item in self.items["n"]:
            writer.add_node(item)
        for item in self.items["w"]:
            writer.add_way(item)
        for item in self.items["r"]:
            writer.add_relation(item)
        writer.close()
        return self.path


def _tags(tags: dict[str, str]) -> dict[str, str]:
    """Python's names into OSM's: two underscores stand for a colon."""
    return {name.replace("__", ":"): value for name, value in tags.items()}


@pytest.fixture
def tiny(tmp_path: Path) -> TinyOsm:
    return TinyOsm(tmp_path)


@pytest.fixture
def import_tiny(tiny: TinyOsm, db: None) -> Callable[..., ImportReport]:
    """Write the tiny file and import it; gives the report."""

    def run(levels: dict[str, str] | None = None) -> ImportReport:
        report = ImportReport()
        with transaction.atomic():
            import_osm(tiny.write(), report=report, levels=levels)
        return report

    return run
