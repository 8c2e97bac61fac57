"""Two hundred targets drawn by lot in Liechtenstein, each list worked out a second time by geopandas and shapely."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import ops
from shapely.geometry.base import BaseGeometry

from layers.geometry import from_shapely
from neighbourhoods.domain.targets import PartSpec, list_letterboxes, resolve_target
from neighbourhoods.domain.targets.list_letterboxes import choosing_letterboxes
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import Address
from tests.neighbourhoods.targets.liechtenstein import UTM, Liechtenstein, fill_tables, read_liechtenstein

TARGETS = 200


@dataclass(frozen=True)
class Sketch:
    """A part as the test thinks of it: the street's key or the district's name, the shape in WGS 84."""

    include: bool
    kind: str
    name: str = ""
    side: str = "both"
    first: int | None = None
    last: int | None = None
    shape: BaseGeometry | None = None
    buffer_m: float = 0
    ring: bool = False


def draw_target(lot: random.Random, town: Liechtenstein) -> list[Sketch]:
    """One to four parts to add, none to two to take away."""
    return [draw_part(lot, town, include=True) for _ in range(lot.randint(1, 4))] + [
        draw_part(lot, town, include=False) for _ in range(lot.choice([0, 0, 1, 2]))
    ]


def draw_part(lot: random.Random, town: Liechtenstein, *, include: bool) -> Sketch:
    """A district, a street or a shape, half of them with a buffer, a third of those as a ring."""
    buffer_m = lot.choice([0, 0, 0, 8, 25, 50.5, 120, 400])
    ring = bool(buffer_m) and lot.random() < 0.35
    kind = lot.choices(["district", "street", "polygon", "line", "point"], [2, 6, 3, 1, 1])[0]
    row = lot.randrange(len(town.addresses))
    if kind == "point" and lot.random() < 0.5:
        home = town.addresses.geometry.iloc[row]
        return Sketch(include, "shape", shape=home, buffer_m=buffer_m or 75, ring=ring)
    home = town.addresses_utm.geometry.iloc[row]
    somewhere = shapely.Point(home.x + lot.uniform(1, 20), home.y + lot.uniform(1, 20))
    if kind == "district":
        return Sketch(include, kind, lot.choice(list(town.districts.index)), buffer_m=buffer_m, ring=ring)
    if kind == "street":
        key = lot.choice([lot.choice(list(town.streets_utm.index)), town.addresses["key"].iloc[lot.randrange(12_000)]])
        first, last = sorted((lot.randint(0, 40), lot.randint(1, 90)))
        return Sketch(
            include,
            kind,
            key,
            side=lot.choice(["both", "both", "even", "odd"]),
            first=first if lot.random() < 0.35 else None,
            last=last if lot.random() < 0.35 else None,
            buffer_m=buffer_m,
            ring=ring,
        )
    if kind == "polygon":
        angles = sorted(lot.uniform(0, 2 * np.pi) for _ in range(lot.randint(5, 12)))
        radius = lot.choice([60, 200, 700])
        corners = [(r * np.cos(a), r * np.sin(a)) for a in angles for r in [radius * lot.uniform(0.4, 1)]]
        shape = shapely.make_valid(shapely.affinity.translate(shapely.Polygon(corners), somewhere.x, somewhere.y))
        shape = shapely.MultiPolygon([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])
    elif kind == "line":
        steps = np.cumsum([(0, 0)] + [(lot.uniform(-150, 150), lot.uniform(-150, 150)) for _ in range(4)], axis=0)
        shape, buffer_m = shapely.LineString(np.add(steps, (somewhere.x, somewhere.y))), buffer_m or 30
    else:
        shape, buffer_m = somewhere, buffer_m or 75
    in_degrees = gpd.GeoSeries([shape], crs=UTM).to_crs(4326).iloc[0]
    return Sketch(include, "shape", shape=in_degrees, buffer_m=buffer_m, ring=ring)


class Reference:
    """Targets by geopandas and shapely, from the words of the specification; knows none of our SQL."""

    def __init__(self, town: Liechtenstein) -> None:
        self.town = town
        self.points = town.addresses.geometry.to_numpy()

    def covered(self, area: BaseGeometry) -> np.ndarray[Any, np.dtype[np.bool_]]:
        shapely.prepare(area)
        return shapely.covers(area, self.points)

    def own(self, part: Sketch) -> np.ndarray[Any, np.dtype[np.bool_]]:
        if part.kind == "district":
            return self.covered(self.town.districts[part.name])
        if part.shape is not None:
            return self.covered(part.shape)
        table = self.town.addresses
        mine = table["key"] == part.name
        if part.side != "both":
            mine &= table["number"] % 2 == (0 if part.side == "even" else 1)
        if part.first is not None:
            mine &= table["number"] >= part.first
        if part.last is not None:
            mine &= table["number"] <= part.last
        return mine.to_numpy()

    def base_utm(self, part: Sketch) -> BaseGeometry:
        """What the buffer is drawn around, in metres."""
        if part.kind != "street":
            shape = part.shape if part.shape is not None else self.town.districts[part.name]
            return gpd.GeoSeries([shape], crs=4326).to_crs(UTM).iloc[0]
        homes = self.town.addresses_utm.geometry[self.own(part)]
        course = self.town.streets_utm.get(part.name)
        if part.side == "both" and part.first is None and part.last is None and course is not None:
            return course
        stretches: list[BaseGeometry] = []
        if course is not None and len(homes):
            merged = shapely.get_parts(shapely.line_merge(course))
            distances = np.array([[line.distance(home) for line in merged] for home in homes])
            for at, line in enumerate(merged):
                fronting = homes[distances[:, at] == distances.min(axis=1)]
                if len(fronting):
                    along = [line.project(home) for home in fronting]
                    stretches.append(ops.substring(line, min(along), max(along)))
        return shapely.GeometryCollection([*homes, *stretches])

    def touching(self, part: Sketch, base: BaseGeometry) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Addresses that the base itself covers; such as were never projected are compared as they are."""
        if part.kind == "street" and base.geom_type == "GeometryCollection":
            own = self.points[self.own(part)]
            return np.isin(shapely.to_wkb(self.points), shapely.to_wkb(own))
        shape = part.shape if part.shape is not None else self.town.districts.get(part.name)
        if shape is None:
            shape = self.town.streets_utm.to_crs(4326)[part.name]
        return shapely.intersects(shape, self.points)

    def reached(self, part: Sketch) -> np.ndarray[Any, np.dtype[np.bool_]]:
        own = self.own(part)
        if not part.buffer_m:
            return own
        base = self.base_utm(part)
        wide = gpd.GeoSeries([base], crs=UTM).buffer(part.buffer_m, quad_segs=16).to_crs(4326).iloc[0]
        around = self.covered(wide)
        if not part.ring:
            return own | around
        return around & ~own & ~self.touching(part, base)

    def addresses(self, parts: Iterable[Sketch]) -> pd.DataFrame:
        chosen = np.zeros(len(self.points), dtype=bool)
        removed = np.zeros(len(self.points), dtype=bool)
        for part in parts:
            if part.include:
                chosen |= self.reached(part)
            else:
                removed |= self.reached(part)
        return self.town.addresses[chosen & ~removed]

    @staticmethod
    def listed(addresses: pd.DataFrame) -> pd.DataFrame:
        """One row for each letterbox, none that wants no flyers by any of its rows."""
        table = addresses.assign(house=addresses["housenumber"].str.lower().str.replace(r"\s", "", regex=True))
        same = ["key", "house", "postcode"]
        table["spared"] = table["no_flyers"]
        known = table["house"] != ""
        table.loc[known, "spared"] = table[known].groupby(same)["no_flyers"].transform("any")
        first = table[known].sort_values("dwellings", ascending=False, kind="stable").drop_duplicates(same)
        kept = pd.concat([first, table[~known]])
        return kept[~kept["spared"].astype(bool)]


def as_spec(part: Sketch, streets: dict[str, int], districts: dict[str, int]) -> PartSpec:
    return PartSpec(
        operation=PartOperation.INCLUDE if part.include else PartOperation.EXCLUDE,
        kind=PartKind(part.kind),
        district_id=districts[part.name] if part.kind == "district" else None,
        street_id=streets[part.name] if part.kind == "street" else None,
        side=Side(part.side),
        number_from=part.first,
        number_to=part.last,
        shape=from_shapely(part.shape) if part.shape is not None else None,
        buffer_m=part.buffer_m,
        ring_only=part.ring,
    )


@pytest.mark.django_db
def test_two_hundred_lists_are_those_of_geopandas(real_data: Path) -> None:
    town = read_liechtenstein(real_data / "liechtenstein")
    streets, districts = fill_tables(town)
    register_ids = dict(Address.objects.values_list("pk", "register_id"))
    reference = Reference(town)
    sizes, differences = [], []

    for seed in range(TARGETS):
        sketches = draw_target(random.Random(seed), town)
        specs = [as_spec(part, streets, districts) for part in sketches]
        expected_all = reference.addresses(sketches)
        expected = reference.listed(expected_all)

        resolved = resolve_target(specs)
        with choosing_letterboxes(specs) as selection:
            pass
        listed = [register_ids[box.address_id] for box in list_letterboxes(specs)]
        everything = {
            register_ids[box.address_id] for box in list_letterboxes(specs, deduplicate=False, respect_no_flyers=False)
        }

        if everything != set(expected_all["id"]):
            differences.append((seed, sketches, everything ^ set(expected_all["id"])))
        elif sorted(listed) != sorted(expected["id"]):
            differences.append((seed, "list", set(listed) ^ set(expected["id"])))
        assert resolved.addresses == len(everything)
        assert resolved.dwellings == town.addresses.set_index("id").loc[list(everything), "dwellings"].sum()
        assert resolved.listed == selection.letterboxes == len(listed)
        left_out = selection.duplicates_left_out + selection.no_flyers_left_out
        assert selection.letterboxes + left_out == len(everything)
        assert resolved.geometry is None or resolved.geometry.valid
        sizes.append(len(everything))

    assert differences == []
    # The lot was not trivial: targets of a few homes, of thousands, and of none.
    assert sum(size == 0 for size in sizes) < TARGETS / 5
    assert sum(size > 1000 for size in sizes) > TARGETS / 10
