"""The sea, which OpenStreetMap draws only by its coastline: the water lies to the right of the line."""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from neighbourhoods.importers.osm.boundaries import inside, loose_ends, to_rim

ASIDE = 2e-6
"""How far beside the coast to look, in degrees (some 20 cm)."""


def sea_areas(coastlines: list[LineString], edge: Polygon) -> list[Polygon]:
    """The parts of the extract's box that are sea, the largest first; none where no coast is."""
    own = inside(coastlines, edge)
    if not own:
        return []
    rim = LineString(edge.exterior.coords)
    reaching = [line for end in loose_ends(own) if (line := to_rim(end, rim)) is not None]
    faces = list(shapely.polygonize([shapely.unary_union([*own, *reaching, rim])]).geoms)
    votes = _votes(coastlines, faces)
    return sorted((face for at, face in enumerate(faces) if votes[at] > 0), key=lambda face: -face.area)


def _votes(coastlines: list[LineString], faces: list[Polygon]) -> Counter[int]:
    """For each face, on how many segments of coast more it is to the right than to the left."""
    votes: Counter[int] = Counter()
    tree = shapely.STRtree(faces)
    for line in coastlines:
        ends = shapely.get_coordinates(line)
        along = np.diff(ends, axis=0)
        length = np.hypot(along[:, 0], along[:, 1])
        middles, along, length = ends[:-1][length > 0] + along[length > 0] / 2, along[length > 0], length[length > 0]
        to_the_right = np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None] * ASIDE
        for side, vote in ((middles + to_the_right, 1), (middles - to_the_right, -1)):
            for face in tree.query(shapely.points(side), predicate="within")[1]:
                votes[int(face)] += vote
    return votes
