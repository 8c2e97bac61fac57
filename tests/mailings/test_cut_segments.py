"""Streets cut at their crossings: pieces counted by hand on a drawing, and properties of any network."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString

from geoparticipation.mailings.domain.cut_segments import (
    LONGEST_M,
    Segment,
    cut_streets,
    grouped_for_privacy,
    nearest_segment,
    side_of,
)

MAIN = LineString([(0, 0), (300, 0)])
CROSSING = LineString([(100, -50), (100, 50)])
DEAD_END = LineString([(200, 0), (200, 80)])


def lengths(segments: list[Segment]) -> list[float]:
    return [round(segment.line.length, 3) for segment in segments if segment.line is not None]


def test_a_street_is_cut_at_its_crossings() -> None:
    cut = cut_streets({1: MAIN, 2: CROSSING, 3: DEAD_END}, [MAIN, CROSSING, DEAD_END])

    assert lengths(cut[1]) == [100, 100, 100]
    assert lengths(cut[2]) == [50, 50]
    assert lengths(cut[3]) == [80]
    assert [segment.number for segment in cut[1]] == [1, 2, 3]


def test_a_long_stretch_is_cut_into_equal_parts() -> None:
    assert lengths(cut_streets({1: LineString([(0, 0), (500, 0)])}, [])[1]) == pytest.approx([500 / 3] * 3, abs=0.001)


def test_a_piece_between_two_carriageways_is_no_segment_of_its_own() -> None:
    other_carriageway = LineString([(108, -50), (108, 50)])

    cut = cut_streets({1: MAIN}, [MAIN, CROSSING, other_carriageway])

    assert lengths(cut[1]) == [100, 200]


def test_a_street_in_two_parts_and_a_loop() -> None:
    loop = LineString([(0, 0), (60, 0), (60, 60), (0, 60), (0, 0)])

    assert lengths(cut_streets({1: MultiLineString([CROSSING, DEAD_END])}, [])[1]) == [100, 80]
    assert lengths(cut_streets({1: loop}, [loop])[1]) == pytest.approx([120, 120])


coordinates = st.integers(-400, 400)
lines = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=5, unique=True).map(LineString)


@given(st.lists(lines, min_size=1, max_size=6))
def test_segments_cover_their_street_once(network: list[LineString]) -> None:
    for segments, course in zip(cut_streets(dict(enumerate(network)), network).values(), network, strict=True):
        pieces = [segment.line for segment in segments]
        merged = shapely.line_merge(MultiLineString([course]))

        assert sum(piece.length for piece in pieces) == pytest.approx(merged.length)
        assert shapely.union_all(pieces).hausdorff_distance(shapely.union_all(course)) < 0.01
        assert all(piece.length <= LONGEST_M + 0.001 for piece in pieces)


def test_each_letterbox_goes_to_the_nearest_segment_of_its_street() -> None:
    segments = cut_streets({1: MAIN}, [MAIN, CROSSING, DEAD_END])[1]
    points = np.array([shapely.Point(10, 8), shapely.Point(150, -8), shapely.Point(290, 8), shapely.Point(100, 5)])

    assert list(nearest_segment(segments, points)) == [0, 1, 2, 0]


def test_sides_are_seen_going_along() -> None:
    assert side_of(MAIN, shapely.Point(50, 8)) == "left"
    assert side_of(MAIN, shapely.Point(50, -8)) == "right"
    assert side_of(MAIN.reverse(), shapely.Point(50, 8)) == "right"
    assert side_of(None, shapely.Point(50, 8)) == "right"


@given(counts=st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_every_group_has_enough_letterboxes_or_all_that_there_are(counts: list[int]) -> None:
    segments = [Segment(n % 3, n, LineString([(n * 100, 0), (n * 100 + 100, 0)])) for n in range(1, len(counts) + 1)]

    groups = grouped_for_privacy(segments, [segment.line for segment in segments], counts, 5)

    for group in set(groups):
        assert sum(count for of, count in zip(groups, counts, strict=True) if of == group) >= min(5, sum(counts))
    if min(counts) >= 5:
        assert len(set(groups)) == len(counts)


def test_a_lonely_home_is_grouped_with_its_neighbours_and_they_with_it() -> None:
    segments = [
        Segment(1, 1, LineString([(0, 0), (100, 0)])),
        Segment(1, 2, LineString([(100, 0), (200, 0)])),
        Segment(2, 1, LineString([(100, 0), (100, 50)])),
        Segment(3, 1, LineString([(5_000, 0), (5_100, 0)])),
    ]
    lines = [segment.line for segment in segments]

    # The alley's one home: were its shape "alley and first segment" and that of the five the segment alone, an answer
    # from the alley would be known by its shape.
    first, second, alley, far = grouped_for_privacy(segments, lines, [5, 9, 1, 6], 5)
    assert alley == first
    assert len({first, second, far}) == 3

    # As near, but of its own street.
    first, second, alley, far = grouped_for_privacy(segments, lines, [2, 9, 8, 6], 5)
    assert first == second
    assert len({first, alley, far}) == 3

    # However far.
    first, second, alley, far = grouped_for_privacy(segments, lines, [5, 9, 6, 1], 5)
    assert far == second
