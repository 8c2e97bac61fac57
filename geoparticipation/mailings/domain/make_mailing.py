"""Making a mailing: letterboxes frozen, streets cut into segments, a code for each flyer."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.db import connection, transaction
from django.utils.translation import override
from shapely.geometry.base import BaseGeometry

from geoparticipation.consultations.enums import VoicesPer
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.codes import derive_code, hash_code
from geoparticipation.mailings.domain.cut_segments import (
    Segment,
    cut_streets,
    grouped_for_privacy,
    nearest_segment,
    side_of,
)
from geoparticipation.mailings.domain.listing import LINES, ListOrder
from geoparticipation.mailings.enums import FlyersPer
from geoparticipation.mailings.errors import MailingNameMissing, NothingToMail
from geoparticipation.mailings.models import LetterboxCode, Mailing, MailingLetterbox, MailingSegment
from layers.geometry import WGS84, from_shapely, metric_srid_for, reprojected, to_shapely, transformed
from neighbourhoods.domain.targets import parts_of
from neighbourhoods.models import Address, Street, Target

LEAST_TOLD_APART: Final = 5
"""Fewer letterboxes than this are never told apart in public."""
SQUARE_M: Final = 200.0
"""Where a street has no course, squares of this size are shown: never the doors themselves."""

_COLUMNS: Final = ("address_id", "house_number", "box", "postcode", "dwellings", "lon", "lat", "district", *LINES)


@dataclass(slots=True)
class _Letterbox:
    """A row of the list, with the keys that the list does not carry."""

    address: int
    house_number: str
    box: str
    postcode: str
    dwellings: int
    lon: float
    lat: float
    district_name: str
    lines: list[str]
    street: int
    district: int | None
    number: int | None


@transaction.atomic
def make_mailing(
    *,
    name: str,
    consultation: Consultation,
    target: Target,
    flyers_per: str = FlyersPer.LETTERBOX,
    respect_no_flyers: bool = True,
    only_unanswered_of: Mailing | None = None,
    user: Any = None,
) -> Mailing:
    """Freeze the letterboxes that the target has now, cut their streets into segments and make the codes.

    A letterbox gets one flyer, or one for each dwelling; its codes take one answer in all, or one for each dwelling, as
    the consultation says. `only_unanswered_of` leaves out the letterboxes that answered an earlier mailing, or one that
    this was itself a reminder of. All or nothing; a constant number of queries and COPYs, and one query more for each
    earlier reminder. Raises MailingNameMissing, NothingToMail, TargetRefused.
    """
    name = clean_name(name)
    answered = _answered_addresses(only_unanswered_of)
    with override(consultation.language):
        order = ListOrder(name=name, parts=parts_of(target), respect_no_flyers=respect_no_flyers)
        with order.listing() as listing:
            rows = list(_with_keys(listing.rows(_COLUMNS)))
            selection = listing.selection
    letterboxes = [row for row in rows if row.address not in answered]
    if not letterboxes:
        raise NothingToMail
    mailing = Mailing.objects.create(
        name=name,
        consultation=consultation,
        target=target,
        created_by=user,
        flyers_per=flyers_per,
        only_unanswered_of=only_unanswered_of,
        letterbox_count=len(letterboxes),
        flyer_count=sum(_flyers(row, flyers_per) for row in letterboxes),
        no_flyers_left_out=selection.no_flyers_left_out,
        duplicates_left_out=selection.duplicates_left_out,
        answered_left_out=len(rows) - len(letterboxes),
    )
    placed = _make_segments(mailing, letterboxes)
    _copy_letterboxes(mailing, letterboxes, placed)
    _copy_codes(mailing)
    return mailing


def clean_name(name: str) -> str:
    """The name of a mailing as it is kept, on one line. Raises MailingNameMissing where it is empty or too long."""
    name = " ".join(name.replace("\x00", "").split())
    if not 0 < len(name) <= 200:
        raise MailingNameMissing
    return name


def _flyers(row: _Letterbox, flyers_per: str) -> int:
    return max(1, row.dwellings) if flyers_per == FlyersPer.DWELLING else 1


def _voices(row: _Letterbox, consultation: Consultation) -> int:
    return max(1, row.dwellings) if consultation.voices_per == VoicesPer.DWELLING else 1


def with_those_before(earlier: Mailing | None) -> list[int]:
    """The keys of a mailing and of all that it was a reminder of. One query for each but the last."""
    keys = []
    while earlier is not None:
        keys.append(earlier.pk)
        earlier = earlier.only_unanswered_of
    return keys


def _answered_addresses(earlier: Mailing | None) -> set[int | None]:
    if earlier is None:
        return set()
    answered = MailingLetterbox.objects.filter(mailing__in=with_those_before(earlier), voices_used__gt=0)
    return set(answered.values_list("address_id", flat=True))


def _with_keys(rows: Iterable[tuple[Any, ...]]) -> Iterator[_Letterbox]:
    """The rows of the list with street, district and number of their addresses: one query."""
    listed = list(rows)
    addresses = Address.objects.filter(pk__in=[row[0] for row in listed])
    keys = {
        pk: (street, district, number)
        for pk, street, district, number in addresses.values_list("pk", "street_id", "district_id", "number")
    }
    for address, house_number, box, postcode, dwellings, lon, lat, district_name, *lines in listed:
        street, district, number = keys[address]
        yield _Letterbox(
            address, house_number, box, postcode, dwellings, float(lon), float(lat), district_name,
            [line for line in lines if line], street, district, number,
        )  # fmt: skip


def _make_segments(mailing: Mailing, letterboxes: Sequence[_Letterbox]) -> list[tuple[int, str]]:
    """Store the segments that have letterboxes; give each letterbox the key of its own, and its side."""
    points = shapely.points([row.lon for row in letterboxes], [row.lat for row in letterboxes])
    extent = Polygon.from_bbox(shapely.total_bounds(points))
    extent.srid = WGS84
    metric = metric_srid_for(extent)
    at_street: dict[int, list[int]] = defaultdict(list)
    for at, row in enumerate(letterboxes):
        at_street[row.street].append(at)
    streets = {street.pk: street for street in Street.objects.filter(pk__in=at_street)}
    courses = _in_metres({pk: street.geometry for pk, street in streets.items()}, metric)
    cut = cut_streets(courses, _courses_around(courses.values(), metric))
    in_metres = shapely.get_parts(reprojected(shapely.MultiPoint(points), WGS84, metric))

    segments: list[Segment] = []
    members: list[list[int]] = []
    for pk, those in at_street.items():
        pieces = cut.get(pk) or [Segment(pk, 1, None)]
        nearest = nearest_segment(pieces, in_metres[those])
        for position, piece in enumerate(pieces):
            here = [one for one, which in zip(those, nearest, strict=True) if which == position]
            if here:
                segments.append(piece)
                members.append(here)
    shapes = [segment.line or _squares_around(in_metres[here]) for segment, here in zip(segments, members, strict=True)]
    groups = grouped_for_privacy(segments, shapes, [len(here) for here in members], LEAST_TOLD_APART)
    of_group: dict[int, list[int]] = defaultdict(list)
    for at, group in enumerate(groups):
        of_group[group].append(at)
    shown = {group: shapely.union_all([shapes[at] for at in those]) for group, those in of_group.items()}
    one_street = {group for group, those in of_group.items() if len({segments[at].street for at in those}) == 1}

    def in_degrees(shape: BaseGeometry) -> GEOSGeometry:
        return from_shapely(reprojected(shape, metric, WGS84))

    def row_of(segment: Segment, here: list[int], group: int) -> MailingSegment:
        return MailingSegment(
            mailing=mailing,
            street_id=segment.street,
            street_name=streets[segment.street].name,
            locality=streets[segment.street].locality,
            number=segment.number,
            geometry=None if segment.line is None else in_degrees(segment.line),  # type: ignore[misc]
            public_geometry=in_degrees(shown[group]),
            public_street_id=segment.street if group in one_street else None,
            letterbox_count=len(here),
            flyer_count=sum(_flyers(letterboxes[at], mailing.flyers_per) for at in here),
        )

    stored = MailingSegment.objects.bulk_create(
        row_of(segment, here, group) for segment, here, group in zip(segments, members, groups, strict=True)
    )
    placed: list[tuple[int, str]] = [(0, "")] * len(letterboxes)
    for kept, segment, here in zip(stored, segments, members, strict=True):
        for at in here:
            placed[at] = (kept.pk, side_of(segment.line, in_metres[at]))
    return placed


def _squares_around(points: np.ndarray[Any, Any]) -> BaseGeometry:
    """The squares of a fixed grid in which the points lie, in metres."""
    corners = {(x // SQUARE_M * SQUARE_M, y // SQUARE_M * SQUARE_M) for x, y in shapely.get_coordinates(points)}
    return shapely.union_all([shapely.box(x, y, x + SQUARE_M, y + SQUARE_M) for x, y in sorted(corners)])


def _courses_around(courses: Iterable[BaseGeometry], metric: int) -> Iterable[BaseGeometry]:
    """Every street that may cross one of these, in metres."""
    lines = list(courses)
    if not lines:
        return []
    box = Polygon.from_bbox(shapely.total_bounds(np.array(lines, dtype=object)))
    box.srid = metric
    near = Street.objects.current().filter(geometry__bboverlaps=transformed(box, WGS84))
    return _in_metres(dict(near.values_list("pk", "geometry")), metric).values()


def _in_metres(shapes: Mapping[int, GEOSGeometry | None], metric: int) -> dict[int, BaseGeometry]:
    """Those that there are, all in one go."""
    known = {pk: to_shapely(shape) for pk, shape in shapes.items() if shape is not None}
    moved = reprojected(shapely.GeometryCollection(list(known.values())), WGS84, metric)
    return dict(zip(known, shapely.get_parts(moved), strict=True))


def _copy_letterboxes(mailing: Mailing, letterboxes: Sequence[_Letterbox], placed: Sequence[tuple[int, str]]) -> None:
    columns = (
        "mailing_id, position, address_id, segment_id, side, district_id, district_name, house_number, number, box,"
        " postcode, lines, dwellings, flyers, voices, voices_used, geometry"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {MailingLetterbox._meta.db_table} ({columns}) FROM STDIN") as copy,
    ):
        for position, (row, (segment, side)) in enumerate(zip(letterboxes, placed, strict=True), start=1):
            copy.write_row((
                mailing.pk, position, row.address, segment, side, row.district, row.district_name, row.house_number,
                row.number, row.box, row.postcode, json.dumps(row.lines), row.dwellings,
                _flyers(row, mailing.flyers_per), _voices(row, mailing.consultation), 0,
                f"SRID=4326;POINT({row.lon} {row.lat})",
            ))  # fmt: skip


def _copy_codes(mailing: Mailing) -> None:
    """A code for each flyer; one that is another flyer's already, of any mailing, is made anew."""
    flyers = [
        (pk, position, number, voices if flyers == 1 else 1)
        for pk, position, flyers, voices in mailing.letterboxes.order_by("position").values_list(
            "pk", "position", "flyers", "voices"
        )
        for number in range(1, flyers + 1)
    ]
    attempts: Counter[tuple[int, int]] = Counter()
    hashes: dict[str, tuple[int, int]] = {}
    waiting = [(position, number) for _pk, position, number, _uses in flyers]
    while waiting:
        made: list[tuple[str, tuple[int, int]]] = []
        for flyer in waiting:
            code = derive_code(salt=mailing.salt, letterbox=flyer[0], number=flyer[1], attempt=attempts[flyer])
            made.append((hash_code(code), flyer))
        taken = set(
            LetterboxCode.objects.filter(code_hash__in=[code_hash for code_hash, _flyer in made]).values_list(
                "code_hash", flat=True
            )
        )
        waiting = []
        for code_hash, flyer in made:
            if code_hash in taken or code_hash in hashes:
                attempts[flyer] += 1
                waiting.append(flyer)
            else:
                hashes[code_hash] = flyer
    hash_of = {flyer: code_hash for code_hash, flyer in hashes.items()}
    columns = "letterbox_id, number, attempt, code_hash, uses_allowed, uses"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {LetterboxCode._meta.db_table} ({columns}) FROM STDIN") as copy,
    ):
        for pk, position, number, uses in flyers:
            flyer = (position, number)
            copy.write_row((pk, number, attempts[flyer], hash_of[flyer], uses, 0))


def code_of(mailing: Mailing, letterbox: MailingLetterbox, code: LetterboxCode) -> str:
    """Work out the code that is printed on a flyer; no query."""
    return derive_code(salt=mailing.salt, letterbox=letterbox.position, number=code.number, attempt=code.attempt)
