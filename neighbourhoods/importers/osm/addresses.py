"""Objects with house numbers into letterboxes.

- A list ("2;4", "2, 4") is one letterbox a number. A range ("2-4") is one letterbox: it is mostly one door with a
  double number, and the numbers between, if any, are not known.
- An interpolation line adds the numbers between two numbered nodes, evenly spaced along the line. The nodes take
  street, postcode and city from the line where they say none.
- Dwellings: `building:flats`; else, for a building of flats (or of unsaid kind), one a storey; else 1. Flats of a
  building with several addresses are dealt out evenly, the first numbers taking what is over; each has at least one.
- The street is addr:street, else the street of an associatedStreet relation, else addr:place.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import LineString, Point

from neighbourhoods.domain.naming import parse_house_number
from neighbourhoods.importers.osm.extract import AddressObject, InterpolationWay, OsmExtract
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.addresses import AddressRow

KIND = "addresses"
BUILDINGS_OF_FLATS = {"apartments", "residential", "dormitory", "yes"}
MOST_NUMBERS_ON_A_LINE = 500


def read_addresses(extract: OsmExtract, *, report: ImportReport) -> list[AddressRow]:
    """Letterboxes of the extract; what is refused is in the report."""
    by_key = {item.key: item for item in extract.addresses}
    made = list(_interpolated(extract, by_key, report))
    rows: list[AddressRow] = []
    for item in [*extract.addresses, *made]:
        report.read[KIND] += 1
        tags = item.tags
        street = tags.get("addr:street") or extract.street_of_member.get(item.key) or tags.get("addr:place")
        if not street:
            reason = _("it has a house number and neither addr:street nor addr:place")
            report.refuse(KIND, item.key, "street_missing", reason)
            continue
        numbers = [number.strip() for number in re.split(r"[;,]", tags["addr:housenumber"]) if number.strip()]
        if not numbers:
            report.refuse(KIND, item.key, "number_missing", _("its house number is empty"))
            continue
        rows += [
            AddressRow(
                line=item.key,
                register_id=item.key if len(numbers) == 1 else f"{item.key}#{number}",
                street=street,
                house_number=number,
                lon=item.point.x,
                lat=item.point.y,
                box=tags.get("addr:unit", ""),
                postcode=tags.get("addr:postcode", ""),
                locality=tags.get("addr:city", ""),
                dwellings=1,
            )
            for number in dict.fromkeys(numbers)
        ]
    _count_dwellings(extract, rows)
    return rows


def _interpolated(
    extract: OsmExtract, by_key: dict[str, AddressObject], report: ImportReport
) -> Iterator[AddressObject]:
    """The addresses that interpolation lines stand for, without their numbered nodes."""
    known = {
        (item.tags.get("addr:street"), item.tags["addr:housenumber"].strip().casefold()) for item in extract.addresses
    }
    for way in extract.interpolations:
        scheme = way.tags["addr:interpolation"]
        key = f"w{way.osm_id}"
        step = {"all": 1, "odd": 2, "even": 2}.get(scheme) or (int(scheme) if scheme.isdecimal() else 0)
        if not step:
            reason = _("addr:interpolation=%(scheme)s does not say which numbers there are") % {"scheme": scheme}
            report.refuse(KIND, key, "interpolation_not_numeric", reason)
            continue
        ends = _numbered_nodes(way, by_key)
        if len(ends) < 2:
            report.refuse(KIND, key, "interpolation_without_ends", _("it lacks numbered nodes at its ends"))
            continue
        line = LineString([(lon, lat) for _ref, lon, lat in way.nodes])
        for (low_at, low, low_tags), (high_at, high, _tags) in itertools.pairwise(ends):
            if abs(high - low) // step > MOST_NUMBERS_ON_A_LINE:
                reason = _("from %(low)s to %(high)s are too many numbers") % {"low": low, "high": high}
                report.refuse(KIND, key, "interpolation_too_long", reason)
                continue
            if (high - low) % step or (scheme in {"odd", "even"} and low % 2 != (scheme == "odd")):
                reason = _("%(low)s and %(high)s do not go with “%(scheme)s”")
                reason %= {"low": low, "high": high, "scheme": scheme}
                report.refuse(KIND, key, "interpolation_parity", reason)
                continue
            count = abs(high - low) // step
            for position in range(1, count):
                number = low + (step if high > low else -step) * position
                if (low_tags.get("addr:street"), str(number)) in known:
                    continue  # a real object bears this number
                along = low_at + (high_at - low_at) * position / count
                tags = {name: value for name, value in low_tags.items() if name.startswith("addr:")}
                yield AddressObject(
                    f"{key}:{number}", {**tags, "addr:housenumber": str(number)}, line.interpolate(along)
                )


def _numbered_nodes(way: InterpolationWay, by_key: dict[str, AddressObject]) -> list[tuple[float, int, dict[str, str]]]:
    """(distance along the line in degrees, number, tags) of its numbered nodes, in order.

    Side effect: the nodes get the line's street, postcode and city where they have none.
    """
    found = []
    along = 0.0
    before: tuple[float, float] | None = None
    for ref, lon, lat in way.nodes:
        if before:
            along += Point(before).distance(Point(lon, lat))
        before = (lon, lat)
        item = by_key.get(f"n{ref}")
        if item is None:
            continue
        for name in ("addr:street", "addr:place", "addr:postcode", "addr:city"):
            if name in way.tags:
                item.tags.setdefault(name, way.tags[name])
        number = parse_house_number(item.tags["addr:housenumber"]).number
        if number is not None:
            found.append((along, number, item.tags))
    return found


def _flats(tags: dict[str, str]) -> int:
    """Dwellings of a building as its tags say; 0 when they do not."""
    flats = tags.get("building:flats", "").strip()
    if flats.isdecimal() and 0 < int(flats) <= 2000:
        return int(flats)
    if tags.get("building") not in BUILDINGS_OF_FLATS:
        return 0
    try:
        storeys = float(tags.get("building:levels", "0").replace(",", "."))
    except ValueError:
        return 0
    return int(storeys) if 0 < storeys <= 100 else 0


def _count_dwellings(extract: OsmExtract, rows: list[AddressRow]) -> None:
    """Deal the buildings' dwellings out to the addresses in them."""
    buildings = [(flats, item.polygon) for item in extract.dwelling_buildings if (flats := _flats(item.tags))]
    if not rows or not buildings:
        return
    points = shapely.points([(row.lon, row.lat) for row in rows])
    tree = shapely.STRtree(points)
    inside: dict[int, list[int]] = defaultdict(list)
    for at, (_flats_there, polygon) in enumerate(buildings):
        for position in tree.query(polygon, predicate="covers"):
            inside[at].append(int(position))
    for at, positions in inside.items():
        flats = buildings[at][0]
        ordered = sorted(positions, key=lambda position: _by_number(rows[position]))
        share, over = divmod(flats, len(ordered))
        for turn, position in enumerate(ordered):
            rows[position].dwellings = max(1, share + (turn < over))


def _by_number(row: AddressRow) -> tuple[str, int, str]:
    return row.street, parse_house_number(row.house_number).number or 0, row.house_number
