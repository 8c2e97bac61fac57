"""The network that people walk on to deliver: streets noded at their crossings, with the letterboxes beside them.

All in metres, in one projected reference system. Which side of a street a letterbox stands on does not lengthen a way:
distances are those along the middle of the streets.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError
from shapely.geometry.base import BaseGeometry

GRID_M: Final = 0.1
"""Courses that end this near another one are joined to it; registers are seldom more exact."""
BESIDE_M: Final = 1.0
"""A letterbox whose place on its street is further than this from the network is joined to it by a straight line."""
AROUND_M: Final = 400.0
"""Ways within a round are first looked for this far around it, and everywhere only where that is not enough."""

_WAYS_AT_ONCE: Final = 128

Array = np.ndarray[Any, Any]


@dataclass
class Network:
    """Nodes (coordinates in metres) and edges (their lengths and shapes); every letterbox is at a node.

    One node may be that of several letterboxes: those at the same place along a street. It hangs together: parts that
    no street joins are joined by straight lines where they are nearest, `beelines` in number.
    """

    nodes: Array
    edges: Array
    lengths: Array
    shapes: list[Array]
    node_of_letterbox: Array
    beelines: int
    matrix: csr_matrix = field(init=False)
    edge_between: dict[tuple[int, int], int] = field(init=False)

    def __post_init__(self) -> None:
        order = np.argsort(self.lengths, kind="stable")
        self.edge_between = {}
        for at in order.tolist():
            a, b = self.edges[at].tolist()
            self.edge_between.setdefault((min(a, b), max(a, b)), at)
        kept = np.array(sorted(self.edge_between.values()), dtype=int)
        self.matrix = self._matrix(kept, self.edges, len(self.nodes))

    def _matrix(self, kept: Array, edges: Array, size: int) -> csr_matrix:
        # A length of nothing would be no edge at all to scipy.
        weights = np.maximum(self.lengths[kept], 1e-6)
        rows, columns = edges[kept, 0], edges[kept, 1]
        return coo_matrix(
            (np.concatenate([weights, weights]), (np.concatenate([rows, columns]), np.concatenate([columns, rows]))),
            shape=(size, size),
        ).tocsr()

    def around(self, nodes: Array) -> Neighbourhood:
        """The part of the network that is near these nodes, or all of it where that part does not hang together."""
        low, high = self.nodes[nodes].min(axis=0) - AROUND_M, self.nodes[nodes].max(axis=0) + AROUND_M
        inside = np.flatnonzero(((self.nodes >= low) & (self.nodes <= high)).all(axis=1))
        part = self.matrix[inside][:, inside]
        local = np.searchsorted(inside, nodes)
        labels = connected_components(part, directed=False)[1]
        if len(set(labels[local].tolist())) > 1:
            return Neighbourhood(self, np.arange(len(self.nodes)), self.matrix)
        return Neighbourhood(self, inside, part)

    def nearest_node(self, x: float, y: float) -> int:
        """The node nearest to a point, the first of equal ones."""
        return int(np.hypot(self.nodes[:, 0] - x, self.nodes[:, 1] - y).argmin())

    def shape_between(self, a: int, b: int) -> Array:
        """The course of the edge from one node to a neighbour, in this direction."""
        at = self.edge_between[min(a, b), max(a, b)]
        shape = self.shapes[at]
        return shape if self.edges[at, 0] == a else shape[::-1]

    def spans(self, labels: Array) -> tuple[Array, Array, Array]:
        """Pairs of labelled nodes that touch, when each node of the network goes to the nearest labelled one.

        `labels` are nodes. Gives two arrays of positions in `labels` and the lengths of the shortest ways between
        them. Their minimum spanning tree is that of all distances between labelled nodes (Mehlhorn 1988).
        """
        distance, _predecessor, source = dijkstra(
            self.matrix, directed=False, indices=labels, min_only=True, return_predecessors=True
        )
        position = np.full(len(self.nodes), -1)
        position[labels] = np.arange(len(labels))
        kept = np.array(sorted(self.edge_between.values()), dtype=int)
        a, b = self.edges[kept, 0], self.edges[kept, 1]
        first, second = position[source[a]], position[source[b]]
        touching = first != second
        length = distance[a] + self.lengths[kept] + distance[b]
        return first[touching], second[touching], length[touching]


@dataclass(frozen=True)
class Neighbourhood:
    """A part of a network in which ways are looked for; nodes are those of the whole."""

    network: Network
    inside: Array
    part: csr_matrix

    def distances(self, nodes: Array) -> Array:
        """Lengths of the shortest ways between each two of these nodes."""
        local = np.searchsorted(self.inside, nodes)
        found: Array = dijkstra(self.part, directed=False, indices=local)[:, local]
        return found

    def ways(self, nodes: Sequence[int]) -> Iterator[list[int]]:
        """The nodes on the shortest way from each of these nodes to the next, both included."""
        if len(nodes) < 2:
            return
        local = np.searchsorted(self.inside, np.array(nodes)).tolist()
        for first in range(0, len(local) - 1, _WAYS_AT_ONCE):
            legs = list(itertools.pairwise(local[first : first + _WAYS_AT_ONCE + 1]))
            before = dijkstra(
                self.part, directed=False, indices=[start for start, _end in legs], return_predecessors=True
            )[1]
            for row, (start, end) in zip(before, legs, strict=True):
                way = [end]
                while way[-1] != start:
                    way.append(int(row[way[-1]]))
                yield [int(self.inside[node]) for node in reversed(way)]


def build_network(courses: Sequence[BaseGeometry], places: Array, on_street: Sequence[BaseGeometry | None]) -> Network:
    """Node the courses at their crossings and put the letterboxes on them; everything in metres.

    `places` are the letterboxes as points, `on_street` the piece of a street that each is on, or None. A letterbox is
    where its piece is nearest to it.
    """
    noded = shapely.union_all(np.array(list(courses), dtype=object), grid_size=GRID_M) if len(courses) else None
    lines = [] if noded is None else [line for line in shapely.get_parts(noded) if line.geom_type == "LineString"]
    lines = list(shapely.get_parts(shapely.line_merge(shapely.MultiLineString(lines)))) if lines else []
    stands = np.array([
        place if piece is None else piece.interpolate(piece.project(place))
        for place, piece in zip(places, on_street, strict=True)
    ], dtype=object)  # fmt: skip
    node_of: dict[tuple[float, float], int] = {}

    def node_at(x: float, y: float) -> int:
        return node_of.setdefault((round(x, 1), round(y, 1)), len(node_of))

    splits: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    links: list[tuple[int, shapely.Point]] = []
    node_of_letterbox = np.zeros(len(places), dtype=int)
    if lines:
        tree = shapely.STRtree(lines)
        nearest = tree.nearest(stands)
        for letterbox, (stand, at) in enumerate(zip(stands, nearest.tolist(), strict=True)):
            line = lines[at]
            if stand.distance(line) > BESIDE_M:
                links.append((letterbox, stand))
            splits[at][round(line.project(stand))].append(letterbox)
    else:
        for letterbox, stand in enumerate(stands):
            node_of_letterbox[letterbox] = node_at(stand.x, stand.y)

    edges: list[tuple[int, int]] = []
    lengths: list[float] = []
    shapes: list[Array] = []

    def add_edge(shape: Array) -> None:
        a, b = node_at(*shape[0]), node_at(*shape[-1])
        if a != b:
            edges.append((a, b))
            lengths.append(float(np.hypot(*np.diff(shape, axis=0).T).sum()))
            shapes.append(shape)

    for at, line in enumerate(lines):
        coordinates, along = _cut_at(line, sorted(splits[at]))
        for position, index in along.items():
            for letterbox in splits[at][position]:
                node_of_letterbox[letterbox] = node_at(*coordinates[index])
        cuts = sorted({0, len(coordinates) - 1, *along.values()})
        # A loop of two nodes has two ways between them, and one of one node none: a cut in its middle keeps them.
        if tuple(coordinates[0]) == tuple(coordinates[-1]) and len(coordinates) > 3:
            cuts = sorted({*cuts, len(coordinates) // 3, 2 * len(coordinates) // 3})
        for start, end in itertools.pairwise(cuts):
            add_edge(coordinates[start : end + 1])
    known = list(node_of)
    for letterbox, stand in links:
        add_edge(np.array([(stand.x, stand.y), known[node_of_letterbox[letterbox]]]))
        node_of_letterbox[letterbox] = node_at(stand.x, stand.y)
    nodes = np.array(list(node_of), dtype=float).reshape(-1, 2)
    joined = _beelines(nodes, np.array(edges, dtype=int).reshape(-1, 2))
    for a, b in joined:
        edges.append((a, b))
        lengths.append(float(np.hypot(*(nodes[a] - nodes[b]))))
        shapes.append(nodes[[a, b]])
    return Network(
        nodes, np.array(edges, dtype=int).reshape(-1, 2), np.array(lengths), shapes, node_of_letterbox, len(joined)
    )


def _cut_at(line: BaseGeometry, positions: Sequence[int]) -> tuple[Array, dict[int, int]]:
    """The vertices of a line with one more at each position (metres along it), and where those are among them."""
    vertices = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.hypot(*np.diff(vertices, axis=0).T).cumsum()])
    wanted = np.clip(np.array(positions, dtype=float), 0.0, along[-1])
    everywhere = np.union1d(along, wanted)
    coordinates = np.column_stack([np.interp(everywhere, along, vertices[:, axis]) for axis in (0, 1)])
    return coordinates, {
        position: int(np.searchsorted(everywhere, at)) for position, at in zip(positions, wanted, strict=True)
    }


def _beelines(nodes: Array, edges: Array) -> list[tuple[int, int]]:
    """The shortest straight lines that make one of all parts of a network."""
    size = len(nodes)
    ones = np.ones(len(edges))
    matrix = coo_matrix((ones, (edges[:, 0], edges[:, 1])), shape=(size, size))
    count, part = connected_components(matrix, directed=False)
    if count == 1:
        return []
    pairs = _near_pairs(nodes)
    pairs = pairs[part[pairs[:, 0]] != part[pairs[:, 1]]]
    length = np.hypot(*(nodes[pairs[:, 0]] - nodes[pairs[:, 1]]).T)
    shortest: dict[tuple[int, int], int] = {}
    for at in np.argsort(length, kind="stable").tolist():
        a, b = part[pairs[at]].tolist()
        shortest.setdefault((min(a, b), max(a, b)), at)
    keys = np.array(list(shortest))
    chosen = list(shortest.values())
    tree = minimum_spanning_tree(
        coo_matrix((np.maximum(length[chosen], 1e-6), (keys[:, 0], keys[:, 1])), shape=(count, count))
    ).tocoo()
    return [
        tuple(pairs[shortest[min(a, b), max(a, b)]].tolist())
        for a, b in sorted(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    ]


def _near_pairs(nodes: Array) -> Array:
    """Pairs of nodes among which are all that a shortest tree over them needs: sides of Delaunay's triangles."""
    if len(nodes) > 3:
        try:
            corners = Delaunay(nodes - nodes.mean(axis=0), qhull_options="QJ").simplices
            sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
            return np.unique(np.sort(sides, axis=1), axis=0)
        except QhullError:
            pass
    return np.array(list(itertools.combinations(range(len(nodes)), 2)), dtype=int).reshape(-1, 2)
