"""Laws that hold for whatever parts: tried on targets of the tiny town that hypothesis makes up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.geometry import geometry_from_geojson
from neighbourhoods.domain.targets import PartSpec, list_letterboxes, resolve_target
from neighbourhoods.enums import PartKind, PartOperation, Side
from tests.fixtures.tiny_town import TinyTown

# A fixture of a function is not made anew for each example; none of these tests writes anything.
quickly = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def boxes(draw: Any) -> dict[str, Any]:
    west = draw(st.floats(4.400, 4.418))
    south = draw(st.floats(50.840, 50.848))
    east, north = west + draw(st.floats(0.001, 0.01)), south + draw(st.floats(0.001, 0.01))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@st.composite
def wishes(draw: Any) -> dict[str, Any]:
    """A part without knowing the town's ids: streets and districts by their place in a list."""
    kind = draw(st.sampled_from(list(PartKind)))
    buffer_m = draw(st.sampled_from([0, 0, 20, 150.0, 400]))
    wish: dict[str, Any] = {
        "kind": kind,
        "operation": draw(st.sampled_from(list(PartOperation))),
        "buffer_m": buffer_m,
        "ring_only": bool(buffer_m) and draw(st.booleans()),
    }
    if kind == PartKind.DISTRICT:
        wish["district_id"] = draw(st.integers(0, 2))
    elif kind == PartKind.STREET:
        numbers = st.none() | st.integers(0, 7)
        first, last = draw(numbers), draw(numbers)
        if first is not None and last is not None and first > last:
            first, last = last, first
        wish |= {"street_id": draw(st.integers(0, 2)), "side": draw(st.sampled_from(list(Side)))}
        wish |= {"number_from": first, "number_to": last}
    else:
        wish["shape"] = geometry_from_geojson(boxes(draw))
    return wish


def granted(town: TinyTown, wish: dict[str, Any]) -> PartSpec:
    ids = dict(wish)
    if "district_id" in ids:
        ids["district_id"] = (town.commune, town.west, town.east)[ids["district_id"]].pk
    if "street_id" in ids:
        ids["street_id"] = (town.rue_haute, town.rue_basse, town.avenue_du_parc)[ids["street_id"]].pk
    return PartSpec(**ids)


def letterboxes(*parts: PartSpec) -> set[int]:
    if all(part.operation == PartOperation.EXCLUDE for part in parts):
        return set()
    return {box.address_id for box in list_letterboxes(parts, deduplicate=False, respect_no_flyers=False)}


def added(part: PartSpec) -> PartSpec:
    return replace(part, operation=PartOperation.INCLUDE)


@quickly
@given(data=st.lists(wishes(), min_size=1, max_size=4))
def test_target_is_union_of_what_is_added_less_union_of_what_is_taken_away(
    tiny_town: TinyTown, data: list[dict[str, Any]]
) -> None:
    parts = [granted(tiny_town, wish) for wish in data]
    plus = set().union(*(letterboxes(part) for part in parts if part.operation == PartOperation.INCLUDE))
    minus = set().union(*(letterboxes(added(part)) for part in parts if part.operation == PartOperation.EXCLUDE))

    assert letterboxes(*parts) == plus - minus


@quickly
@given(data=st.lists(wishes(), min_size=1, max_size=4), order=st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(tiny_town: TinyTown, data: list[dict[str, Any]], order: Any) -> None:
    parts = [granted(tiny_town, wish) for wish in data]
    shuffled = [*parts, order.choice(parts)]
    order.shuffle(shuffled)

    assert letterboxes(*shuffled) == letterboxes(*parts)


@quickly
@given(wish=wishes())
def test_part_less_itself_is_nobody(tiny_town: TinyTown, wish: dict[str, Any]) -> None:
    part = added(granted(tiny_town, wish))
    resolved = resolve_target([part, replace(part, operation=PartOperation.EXCLUDE)])

    assert resolved.addresses == 0


@quickly
@given(wish=wishes())
def test_ring_and_part_make_the_widened_part(tiny_town: TinyTown, wish: dict[str, Any]) -> None:
    widened = replace(added(granted(tiny_town, wish)), buffer_m=150, ring_only=False)
    ring = replace(widened, ring_only=True)
    itself = widened.without_buffer()

    assert letterboxes(ring) | letterboxes(itself) == letterboxes(widened)
    assert letterboxes(ring) & letterboxes(itself) == set()


@quickly
@given(wish=wishes())
def test_both_sides_are_even_and_odd_and_those_without_number(tiny_town: TinyTown, wish: dict[str, Any]) -> None:
    part = replace(added(granted(tiny_town, wish)), buffer_m=0, ring_only=False)
    if part.kind != PartKind.STREET:
        return
    both, even, odd = (letterboxes(replace(part, side=side)) for side in (Side.BOTH, Side.EVEN, Side.ODD))

    assert even & odd == set()
    assert both - even - odd <= {tiny_town.addresses["parc"].pk}


@quickly
@given(wish=wishes())
def test_geometry_is_valid_and_holds_the_letterboxes(tiny_town: TinyTown, wish: dict[str, Any]) -> None:
    part = replace(added(granted(tiny_town, wish)), ring_only=False)
    resolved = resolve_target([part])

    if resolved.geometry is None:
        assert resolved.addresses == 0
        return
    assert resolved.geometry.valid
    by_pk = {address.pk: address.geometry for address in tiny_town.addresses.values()}
    assert all(resolved.geometry.covers(by_pk[pk]) for pk in letterboxes(part))
