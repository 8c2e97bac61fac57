"""Rounds on networks made up by chance; lengths and bounds worked out again with networkx."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import networkx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.mailings.domain.cut_segments import cut_streets
from geoparticipation.mailings.domain.rounds.network import build_network
from geoparticipation.mailings.domain.rounds.planning import Letterboxes, Plan, Planner
from geoparticipation.mailings.domain.rounds.walking import Pace

PACE = Pace(metres_per_minute=60, seconds_per_letterbox=10, seconds_per_crossing=10)


def planner_of(
    courses: list[shapely.LineString], doors: Sequence[tuple[int, float, bool]], pace: Pace = PACE, **ends: int
) -> Planner:
    """A planner for doors given as (piece, metres along it, is it on the left?), in this order in the register."""
    pieces = [piece.line for those in cut_streets(dict(enumerate(courses)), courses).values() for piece in those]
    used = sorted({piece % len(pieces) for piece, _along, _left in doors})
    number = {piece: at for at, piece in enumerate(used)}
    lines = [pieces[piece % len(pieces)] for piece, _along, _left in doors]
    places = np.array([line.interpolate(along) for line, (_p, along, _l) in zip(lines, doors, strict=True)])
    network = build_network(courses, places, lines)
    letterboxes = Letterboxes(
        node=network.node_of_letterbox,
        piece=np.array([number[piece % len(pieces)] for piece, _along, _left in doors]),
        left=np.array([left for _piece, _along, left in doors]),
        along=np.array([line.project(place) for line, place in zip(lines, places, strict=True)]),
    )
    return Planner(network, letterboxes, pace, **ends)


@st.composite
def towns(draw: st.DrawFn) -> tuple[list[shapely.LineString], list[tuple[int, float, bool]]]:
    """Streets that cross at some angle, and one that meets none; doors anywhere along them."""
    across, along = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    slant = draw(st.integers(-40, 40))
    width, height = across * 110, along * 130
    streets = [shapely.LineString([(x * 110, -20), (x * 110 + slant, height)]) for x in range(across)]
    streets += [shapely.LineString([(-60, y * 130), (width, y * 130 + 7)]) for y in range(along)]
    streets.append(shapely.LineString([(width + 300, 0), (width + 300, 150)]))
    door = st.tuples(st.integers(0, 60), st.integers(0, 200).map(float), st.booleans())
    return streets, draw(st.lists(door, min_size=40, max_size=120))


def graph_of(planner: Planner) -> networkx.Graph:
    """The network once more, its lengths measured by shapely."""
    graph = networkx.Graph()
    for (a, b), shape in zip(planner.network.edges.tolist(), planner.network.shapes, strict=True):
        length = shapely.LineString(shape).length
        if not graph.has_edge(a, b) or graph.edges[a, b]["length"] > length:
            graph.add_edge(a, b, length=length)
    return graph


def walked(graph: networkx.Graph, nodes: list[int]) -> float:
    return sum(
        networkx.dijkstra_path_length(graph, before, after, weight="length")
        for before, after in itertools.pairwise(nodes)
    )


def crossed(planner: Planner, order: list[int]) -> int:
    """How often the street is crossed between two doors of one piece."""
    of = planner.letterboxes
    return sum(
        of.piece[before] == of.piece[after] and of.left[before] != of.left[after]
        for before, after in itertools.pairwise(order)
    )


@settings(max_examples=10, deadline=None, derandomize=True)
@given(towns(), st.integers(1, 4))
def test_rounds_have_every_letterbox_once_and_are_short_even_and_contiguous(town: tuple, rounds: int) -> None:
    planner = planner_of(*town)
    letterboxes = planner.letterboxes
    plan = planner.plan(min(rounds, letterboxes.pieces))
    graph = graph_of(planner)

    assert sorted(at for walk in plan.walks for at in walk.order) == list(range(len(letterboxes.node)))
    for walk in plan.walks:
        nodes = letterboxes.node[walk.order].tolist()
        assert walk.length_m == pytest.approx(walked(graph, nodes), abs=0.01)
        by_register = walked(graph, letterboxes.node[sorted(walk.order)].tolist())
        assert walk.seconds <= by_register + crossed(planner, sorted(walk.order)) * 10 + len(nodes) * 10 + 0.01
    assert plan.lower_bound_m == pytest.approx(shortest_forest(graph, planner, len(plan.walks)), abs=0.1)
    assert plan.length_m >= plan.lower_bound_m - 0.1
    assert contiguous(graph, planner, plan)


def shortest_forest(graph: networkx.Graph, planner: Planner, groups: int) -> float:
    """The shortest forest of so many trees over all doors, from the ways between each two of them."""
    doors = sorted(set(planner.letterboxes.node.tolist()))
    closure = networkx.Graph()
    closure.add_nodes_from(doors)
    for door in doors:
        reached = networkx.single_source_dijkstra_path_length(graph, door, weight="length")
        closure.add_weighted_edges_from((door, other, reached[other]) for other in doors if other > door)
    tree = networkx.minimum_spanning_edges(closure, data=True)
    lengths = sorted(attributes["weight"] for _a, _b, attributes in tree)
    return sum(lengths[: max(0, len(lengths) - groups + 1)])


def contiguous(graph: networkx.Graph, planner: Planner, plan: Plan) -> bool:
    """Whether each round's streets hang together, when each place of the network goes to the nearest door."""
    round_of = {at: number for number, walk in enumerate(plan.walks) for at in walk.order}
    owners: dict[int, set[int]] = {}
    for at, node in enumerate(planner.letterboxes.node.tolist()):
        owners.setdefault(node, set()).add(int(planner.letterboxes.piece[at]))
    nearest = {}
    _distance, ways = networkx.multi_source_dijkstra(graph, set(owners), weight="length")
    for node, way in ways.items():
        nearest[node] = way[0]
    pieces = networkx.Graph()
    pieces.add_nodes_from(range(planner.letterboxes.pieces))
    for those in owners.values():
        pieces.add_edges_from(itertools.combinations(those, 2))
    for a, b in graph.edges:
        pieces.add_edges_from(itertools.product(owners[nearest[a]], owners[nearest[b]]))
    for number in range(len(plan.walks)):
        own = {int(planner.letterboxes.piece[at]) for at, where in round_of.items() if where == number}
        if not networkx.is_connected(pieces.subgraph(own)):
            return False
    return True


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.integers(0, 50), st.integers(2, 5))
def test_rounds_of_an_even_town_differ_by_a_tenth_at_the_most(shift: int, rounds: int) -> None:
    streets = [shapely.LineString([(x * 100, 0), (x * 100, 600)]) for x in range(7)]
    streets += [shapely.LineString([(0, y * 100), (600, y * 100)]) for y in range(7)]
    doors = [
        (piece, (15 + (piece * 7 + shift) % 11 + at * 20) % 100, at % 2 == 0) for piece in range(84) for at in range(4)
    ]

    plan = planner_of(streets, [(piece, float(along), left) for piece, along, left in doors]).plan(rounds)

    mean = sum(walk.seconds for walk in plan.walks) / rounds
    assert [walk for walk in plan.walks if not 0.9 * mean <= walk.seconds <= 1.1 * mean] == []


def test_a_far_hamlet_is_shared_out_so_that_rounds_are_even() -> None:
    """A hamlet half an hour away, whose doors are cheap beside one another: the first division is half too uneven."""
    town = [shapely.LineString([(x * 100, 0), (x * 100, 500)]) for x in range(6)]
    town += [shapely.LineString([(0, y * 100), (500, y * 100)]) for y in range(6)]
    away = [shapely.LineString([(500, 500), (2300, 500)])]
    hamlet = [shapely.LineString([(2300, 500), (2300, 900)]), shapely.LineString([(2300, 900), (2700, 900)])]
    doors = [(piece, float(along), along % 20 == 0) for piece in range(60) for along in range(10, 100, 10)]
    streets = [*town, *away, *hamlet]
    pieces = sum(len(those) for those in cut_streets(dict(enumerate(streets)), streets).values())
    doors += [(piece, float(along), True) for piece in range(pieces - 4, pieces) for along in range(10, 190, 10)]

    planner = planner_of(streets, doors)
    first, _learnt = planner._planned(6, planner.weights, planner.seed)

    assert first.imbalance > 0.4
    assert planner.plan(6).imbalance <= 0.1


STREET = [shapely.LineString([(0, 0), (100, 0)])]
BOTH_SIDES = [(0, along, left) for along in (10.0, 50.0, 90.0) for left in (True, False)]


def test_a_wide_street_is_walked_along_one_side_and_back() -> None:
    busy = Pace(metres_per_minute=60, seconds_per_letterbox=10, seconds_per_crossing=60)

    (walk,) = planner_of(STREET, BOTH_SIDES, busy).plan(1).walks

    # 80 m out, across, 80 m back: 160 s, six letterboxes, one crossing
    assert (walk.length_m, walk.crossings, walk.seconds) == (pytest.approx(160), 1, pytest.approx(280))
    assert [BOTH_SIDES[at][2] for at in walk.order] in ([True] * 3 + [False] * 3, [False] * 3 + [True] * 3)


def test_a_narrow_street_is_walked_to_and_fro() -> None:
    quiet = Pace(metres_per_minute=60, seconds_per_letterbox=10, seconds_per_crossing=5)
    streets = [*STREET, shapely.LineString([(0, 0), (0, 90)]), shapely.LineString([(100, 0), (100, 90), (0, 90)])]

    (walk,) = planner_of(streets, BOTH_SIDES, quiet).plan(1).walks

    # left and right at 10 m, at 50 m and at 90 m: 80 m, and each side is changed as seldom as it can be
    assert walk.length_m == pytest.approx(80)
    assert walk.crossings in {3, 5}


def test_a_chosen_start_and_end_belong_to_the_walk() -> None:
    streets = [shapely.LineString([(0, 0), (400, 0)])]
    free = planner_of(streets, [(0, 50.0, True), (1, 100.0, True)])
    west = free.network.nearest_node(0, 0)

    (walk,) = planner_of(streets, [(0, 50.0, True), (1, 100.0, True)], start=west, end=west).plan(1).walks

    # out to 300 m and back to where it started
    assert walk.length_m == pytest.approx(600)
    assert free.plan(1).length_m == pytest.approx(250)


def test_rounds_of_so_many_minutes_are_as_few_as_can_be() -> None:
    streets = [shapely.LineString([(0, y), (190, y)]) for y in (0, 60)] + [shapely.LineString([(0, 0), (0, 60)])]
    doors = [(piece, float(along), True) for piece in (0, 1) for along in range(0, 190, 10)]
    planner = planner_of(streets, doors)

    within = planner.plan_within(500)

    assert within is not None
    # 19 doors of 10 s and 180 m at 1 m/s
    assert [walk.seconds for walk in within.walks] == [pytest.approx(370, abs=1)] * 2
    assert planner.plan_within(300) is None
