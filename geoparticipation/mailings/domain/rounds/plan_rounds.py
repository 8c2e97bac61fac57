"""Splitting a mailing into rounds and keeping them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, Point, Polygon
from django.db import connection, transaction
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from geoparticipation.mailings.domain.rounds.network import Network, build_network
from geoparticipation.mailings.domain.rounds.planning import Letterboxes, Plan, Planner, Walk
from geoparticipation.mailings.domain.rounds.walking import Pace, usual_pace
from geoparticipation.mailings.enums import PlanState, RoundSide, StreetSide
from geoparticipation.mailings.errors import (
    RoundsBegun,
    RoundsHandedOut,
    RoundsMalformed,
    RoundsTooShort,
    TooManyRounds,
)
from geoparticipation.mailings.models import Mailing, Round, RoundEvent, RoundLetterbox, RoundLink, RoundPlan, RoundStop
from layers.geometry import WGS84, from_shapely, metric_srid_for, reprojected, to_shapely, transformed
from neighbourhoods.models import Street

AROUND_DEG: Final = 0.005
"""How far around the letterboxes streets are walked on: some 400 m."""


@dataclass(frozen=True)
class PlannedRounds:
    """The rounds that were kept, and how good they are.

    `lower_bound_m` is what no plan of as many rounds can be shorter than. `beelines` straight lines join parts of the
    town between which no named street leads. `longest_way_s` is the longest way without doors. `is_delivered`: the
    flyers are in the letterboxes already.
    """

    rounds: list[Round]
    length_m: float
    lower_bound_m: float
    imbalance: float
    beelines: int
    longest_way_s: float = 0.0
    is_delivered: bool = False

    def as_figures(self) -> dict[str, Any]:
        """Columns of the mailing's plan."""
        return {
            "state": PlanState.READY,
            "refusal": "",
            "finished_at": timezone.now(),
            "length_m": self.length_m,
            "lower_bound_m": self.lower_bound_m,
            "imbalance": self.imbalance,
            "indivisible_seconds": self.longest_way_s,
            "beelines": self.beelines,
            "begun_at": timezone.now() if self.is_delivered else None,
        }


@dataclass(frozen=True)
class _Stop:
    piece: int
    side: str
    order: list[int]


@transaction.atomic
def plan_rounds(
    *,
    mailing: Mailing,
    rounds: int | None = None,
    minutes: float | None = None,
    start: Point | None = None,
    end: Point | None = None,
    pace: Pace | None = None,
    seed: int = 1,
    end_links: bool = False,
) -> PlannedRounds:
    """Split a mailing into so many rounds, or into rounds of at most so many minutes, in place of earlier ones.

    Each letterbox is in exactly one round. The pieces of streets of a round hang together, and its time is about that
    of the others. `start` and `end` (points, SRID 4326) are where every round begins and ends; without them each does
    where it suits its letterboxes. The same mailing and `seed` give the same rounds as long as streets do not change.
    Links to the rounds of before end, which must be agreed to by `end_links`. A constant number of queries and COPYs;
    50,000 letterboxes take some minutes. Raises RoundsMalformed, TooManyRounds, RoundsTooShort, RoundsBegun,
    RoundsHandedOut.
    """
    if not end_links:
        refuse_while_handed_out(mailing)
    planned = split_mailing(mailing=mailing, rounds=rounds, minutes=minutes, start=start, end=end, pace=pace, seed=seed)
    wish = {"rounds": rounds, "minutes": minutes, "start": start, "start_words": "", "end": end, "end_words": ""}
    RoundPlan.objects.update_or_create(mailing=mailing, defaults={**wish, **planned.as_figures()})
    return planned


@transaction.atomic
def split_mailing(
    *,
    mailing: Mailing,
    rounds: int | None = None,
    minutes: float | None = None,
    start: Point | None = None,
    end: Point | None = None,
    pace: Pace | None = None,
    seed: int = 1,
) -> PlannedRounds:
    """Plan and keep the rounds; see `plan_rounds`, which also notes in the mailing's plan how good they are."""
    if (rounds is None) == (minutes is None):
        raise RoundsMalformed
    if (rounds is not None and rounds < 1) or (minutes is not None and not minutes > 0):
        raise RoundsMalformed
    Mailing.objects.select_for_update().get(pk=mailing.pk)
    refuse_once_begun(mailing)
    loaded = load_planner(mailing=mailing, start=start, end=end, pace=pace, seed=seed)
    planner = loaded.planner
    if rounds is not None:
        if rounds > planner.letterboxes.pieces:
            raise TooManyRounds(planner.letterboxes.pieces)
        plan = planner.plan(rounds)
    else:
        within = planner.plan_within(float(minutes or 0) * 60)
        if within is None:
            raise RoundsTooShort
        plan = within
    mailing.rounds.all().delete()
    kept = _keep(mailing, loaded, plan)
    return PlannedRounds(
        rounds=kept,
        length_m=plan.length_m,
        lower_bound_m=plan.lower_bound_m,
        imbalance=plan.imbalance,
        beelines=planner.network.beelines,
        longest_way_s=planner.longest_way_without_doors_s,
        is_delivered=mailing.delivered_on is not None,
    )


def refuse_once_begun(mailing: Mailing) -> None:
    """Raise RoundsBegun where anything was noted on a round, or figures by round were told; one query or two."""
    begun = RoundPlan.objects.filter(mailing=mailing, begun_at__isnull=False)
    if begun.exists() or RoundEvent.objects.filter(round__mailing=mailing).exists():
        raise RoundsBegun


def refuse_while_handed_out(mailing: Mailing) -> None:
    """Raise RoundsHandedOut where somebody has a link to a round; one query."""
    in_force = RoundLink.objects.filter(round__mailing=mailing, withdrawn_at__isnull=True)
    if in_force.filter(expires_at__gt=timezone.now()).exists():
        raise RoundsHandedOut


@dataclass(frozen=True)
class LoadedMailing:
    """A mailing ready to be planned; letterboxes and segments are known to the planner by their places in these."""

    planner: Planner
    letterboxes: list[int]
    flyers: list[int]
    segments: list[int]
    metric: int


def load_planner(
    *,
    mailing: Mailing,
    start: Point | None = None,
    end: Point | None = None,
    pace: Pace | None = None,
    seed: int = 1,
) -> LoadedMailing:
    """Read a mailing's letterboxes and the streets around them: three queries."""
    rows = list(mailing.letterboxes.order_by("position").values_list("pk", "segment_id", "side", "flyers", "geometry"))
    points = shapely.from_wkb([bytes(row[4].wkb) for row in rows])
    extent = Polygon.from_bbox(shapely.total_bounds(points))
    extent.srid = WGS84
    metric = metric_srid_for(extent)
    places = _in_metres(points, metric)
    courses = {
        pk: to_shapely(geometry)
        for pk, geometry in mailing.segments.order_by("pk").values_list("pk", "geometry")
        if geometry is not None
    }
    line_of = dict(zip(courses, _in_metres(list(courses.values()), metric), strict=True))
    segments = list(dict.fromkeys(row[1] for row in rows))
    number_of = {pk: number for number, pk in enumerate(segments)}
    on_street = [line_of.get(row[1]) for row in rows]
    network = build_network(courses_around(extent, metric), places, on_street)
    letterboxes = Letterboxes(
        node=network.node_of_letterbox,
        piece=np.array([number_of[row[1]] for row in rows]),
        left=np.array([row[2] == StreetSide.LEFT for row in rows]),
        along=np.array([
            float(at) if line is None else float(line.project(place))
            for at, (line, place) in enumerate(zip(on_street, places, strict=True))
        ]),
    )  # fmt: skip
    planner = Planner(
        network,
        letterboxes,
        pace or usual_pace(),
        start=_node(network, start, metric),
        end=_node(network, end, metric),
        seed=seed,
    )
    return LoadedMailing(planner, [row[0] for row in rows], [row[3] for row in rows], segments, metric)


def courses_around(extent: GEOSGeometry, metric: int) -> Sequence[BaseGeometry]:
    """Give the courses of the streets in and around an extent (SRID 4326), in metres; one query."""
    west, south, east, north = extent.extent
    box = Polygon.from_bbox((west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG))
    box.srid = WGS84
    near = Street.objects.current().filter(geometry__bboverlaps=box).order_by("pk")
    courses = [to_shapely(course) for course in near.values_list("geometry", flat=True) if course is not None]
    return list(_in_metres(courses, metric))


def _in_metres(shapes: Any, metric: int) -> Any:
    """Shapes in longitude and latitude, all moved in one go."""
    return shapely.get_parts(reprojected(shapely.GeometryCollection(list(shapes)), WGS84, metric))


def _node(network: Network, point: Point | None, metric: int) -> int | None:
    if point is None:
        return None
    there = to_shapely(transformed(point, metric)).centroid
    return network.nearest_node(there.x, there.y)


# --- Keeping ----------------------------------------------------------------------------------------------------------


def _keep(mailing: Mailing, loaded: LoadedMailing, plan: Plan) -> list[Round]:
    planner, flyers = loaded.planner, loaded.flyers
    drawn = [_drawn(loaded, walk) for walk in plan.walks]
    kept = Round.objects.bulk_create(
        Round(
            mailing=mailing,
            number=number,
            letterbox_count=len(walk.order),
            flyer_count=sum(flyers[letterbox] for letterbox in walk.order),
            length_m=walk.length_m,
            seconds=walk.seconds,
            crossings=walk.crossings,
            geometry=path if path is not None and path.geom_type == "LineString" else None,
        )
        for number, (walk, (path, _ways)) in enumerate(zip(plan.walks, drawn, strict=True), start=1)
    )
    stops: list[RoundStop] = []
    orders: list[list[int]] = []
    for round_, walk, (_path, shapes) in zip(kept, plan.walks, drawn, strict=True):
        for order, (stop, shape) in enumerate(zip(_stops(planner, walk), shapes, strict=True), start=1):
            stops.append(
                RoundStop(
                    round=round_,
                    order=order,
                    segment_id=loaded.segments[stop.piece],
                    side=stop.side,
                    letterbox_count=len(stop.order),
                    flyer_count=sum(flyers[letterbox] for letterbox in stop.order),
                    geometry=shape,
                )
            )
            orders.append(stop.order)
    RoundStop.objects.bulk_create(stops, batch_size=2000)
    columns = 'letterbox_id, stop_id, "order"'
    counters: dict[int, Iterator[int]] = {round_.pk: itertools.count(1) for round_ in kept}
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {RoundLetterbox._meta.db_table} ({columns}) FROM STDIN") as copy,
    ):
        for stop_row, letterboxes in zip(stops, orders, strict=True):
            for letterbox in letterboxes:
                copy.write_row((loaded.letterboxes[letterbox], stop_row.pk, next(counters[stop_row.round_id])))
    return kept


def _stops(planner: Planner, walk: Walk) -> list[_Stop]:
    """What is walked in one go: the same piece, each side on its own unless one crosses more than once."""
    stops = []
    for piece, group in itertools.groupby(walk.order, key=lambda at: int(planner.letterboxes.piece[at])):
        order = list(group)
        sides = [
            (RoundSide.LEFT if is_left else RoundSide.RIGHT, list(those))
            for is_left, those in itertools.groupby(order, key=lambda at: bool(planner.letterboxes.left[at]))
        ]
        if len(sides) > 2 or (len(sides) == 2 and _goes_on(planner, order)):
            stops.append(_Stop(piece, RoundSide.BOTH, order))
        else:
            stops += [_Stop(piece, side, those) for side, those in sides]
    return stops


def _goes_on(planner: Planner, order: list[int]) -> bool:
    """Whether letterboxes lie in one direction along their piece: the other side is no way back."""
    along = np.diff(planner.letterboxes.along[np.array(order)])
    return bool((along >= 0).all() or (along <= 0).all())


def _drawn(loaded: LoadedMailing, walk: Walk) -> tuple[Any, list[Any]]:
    """The path of a walk, and of each of its stops; SRID 4326."""
    planner, network = loaded.planner, loaded.planner.network
    nodes = planner.nodes_of(walk)
    legs = [
        np.vstack([network.nodes[way[:1]], *(network.shape_between(a, b)[1:] for a, b in itertools.pairwise(way))])
        for way in planner.neighbourhood_of(walk).ways(nodes)
    ]

    def shape(some: Sequence[Any], at: int) -> BaseGeometry:
        positions = np.vstack([network.nodes[[at]], *(leg[1:] for leg in some)])
        return shapely.Point(positions[0]) if len(positions) < 2 else shapely.LineString(positions)

    first = 0 if planner.start is None else 1
    shapes = [shape(legs, nodes[0])]
    for stop in _stops(planner, walk):
        shapes.append(shape(legs[first : first + len(stop.order) - 1], nodes[first]))
        first += len(stop.order)
    moved = shapely.get_parts(reprojected(shapely.GeometryCollection(shapes), loaded.metric, WGS84))
    path, *rest = [from_shapely(one) for one in moved]
    return path, rest
