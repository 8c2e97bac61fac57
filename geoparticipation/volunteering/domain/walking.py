"""How far it is on foot: along the streets of the register, with a straight line to and from the nearest one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from scipy.sparse.csgraph import dijkstra

from geoparticipation.mailings.domain.rounds.network import build_network
from layers.geometry import WGS84, buffered, metric_srid_for, reprojected, to_shapely
from neighbourhoods.models import Street


def walking_distances(
    *, start: GEOSGeometry, ends: Sequence[GEOSGeometry], within_m: float, srid: int | None = None
) -> list[float]:
    """Metres from a place to each of others (any geometry, SRID 4326; its middle counts), infinity beyond `within_m`.

    A way of that length stays within so many metres, so only the streets there are looked at. Where no street joins two
    parts of the town, a straight line does. One query.
    """
    if not ends:
        return []
    srid = srid or metric_srid_for(start)
    near = buffered(start.centroid, within_m)
    courses = Street.objects.current().filter(geometry__intersects=near).values_list("geometry", flat=True)
    places = [reprojected(to_shapely(place), WGS84, srid).centroid for place in (start, *ends)]
    network = build_network(
        [reprojected(to_shapely(course), WGS84, srid) for course in courses if course is not None],
        np.array(places, dtype=object),
        [None] * len(places),
    )
    nodes = network.node_of_letterbox
    along = dijkstra(network.matrix, directed=False, indices=int(nodes[0]), limit=within_m)[nodes[1:]]
    # Nobody walks less than the straight line: places beside one another share a node of the network.
    straight = shapely.distance(places[0], np.array(places[1:], dtype=object))
    return [float(max(way, line)) for way, line in zip(along, straight, strict=True)]
