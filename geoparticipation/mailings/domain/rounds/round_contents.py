"""What is on a round, read once for all files that are written of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import shapely
from django.db.models import Q

from geoparticipation.mailings.enums import RoundSide
from geoparticipation.mailings.models import Mailing, MailingLetterbox, Round, RoundLetterbox, RoundStop
from layers.geometry import to_shapely
from neighbourhoods.models import Address


@dataclass(frozen=True)
class StopContents:
    """A stop with the doors on it, in walking order ("12", "14 bis / A"), and the keys of their letterboxes."""

    stop: RoundStop
    street: str
    locality: str
    doors: list[str]
    letterboxes: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class RoundContents:
    """A round with its stops, and the doors on their streets that want no flyers, as (street, door)."""

    round: Round
    stops: list[StopContents]
    skipped: list[tuple[str, str]]


def read_rounds(mailing: Mailing, *, number: int | None = None) -> list[RoundContents]:
    """Read all rounds of a mailing, or that of a number: five queries."""
    rounds = list(mailing.rounds.order_by("number"))
    if number is not None:
        rounds = [one for one in rounds if one.number == number]
    doors: dict[int, list[str]] = defaultdict(list)
    letterboxes = RoundLetterbox.objects.filter(stop__round__in=rounds).order_by("stop__round__number", "order")
    keys: dict[int, list[int]] = defaultdict(list)
    columns = ("stop_id", "letterbox_id", "letterbox__house_number", "letterbox__box")
    for stop, letterbox, house_number, box in letterboxes.values_list(*columns):
        doors[stop].append(_door(house_number, box))
        keys[stop].append(letterbox)
    stops: dict[int, list[StopContents]] = defaultdict(list)
    passing = RoundStop.objects.filter(round__mailing=mailing).select_related("segment").order_by("round", "order")
    if number is not None:
        own_streets = RoundStop.objects.filter(round__in=rounds).values("segment__street")
        passing = passing.filter(Q(round__in=rounds) | Q(segment__street__in=own_streets))
    for stop in passing:
        segment = stop.segment
        stops[stop.round_id].append(
            StopContents(stop, segment.street_name, segment.locality, doors[stop.pk], keys[stop.pk])
        )
    skipped = _skipped(mailing, [one for those in stops.values() for one in those])
    return [RoundContents(round_, stops[round_.pk], skipped[round_.pk]) for round_ in rounds]


def _door(house_number: str, box: str) -> str:
    return f"{house_number or '–'} / {box}" if box else house_number or "–"


def _skipped(mailing: Mailing, stops: list[StopContents]) -> dict[int, list[tuple[str, str]]]:
    """Doors marked “no flyers” that the mailing left out, by the round that passes nearest on their street."""
    by_street: dict[int, list[StopContents]] = defaultdict(list)
    for stop in stops:
        if stop.stop.segment.street_id is not None:
            by_street[stop.stop.segment.street_id].append(stop)
    mailed = MailingLetterbox.objects.filter(mailing=mailing, address__isnull=False).values("address")
    marked = (
        Address.objects.current()
        .filter(street__in=by_street, no_flyers=True)
        .exclude(pk__in=mailed)
        .order_by("street__name", "number", "house_number", "box")
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for address in marked:
        passing = by_street[address.street_id]
        shapes = [to_shapely(stop.stop.segment.geometry or stop.stop.geometry) for stop in passing]
        nearest = passing[int(shapely.distance(shapes, to_shapely(address.geometry)).argmin())]
        found[nearest.stop.round_id].append((nearest.street, _door(address.house_number, address.box)))
    return found


def side_in_words(stop: StopContents) -> str:
    """The side as the doors tell it: people on the street know even and odd, not left and right of a drawing."""
    numbers = [int(digits) for door in stop.doors if (digits := _leading_digits(door))]
    if numbers and len(numbers) == len(stop.doors) and stop.stop.side != RoundSide.BOTH:
        if all(number % 2 == 0 for number in numbers):
            return "even"
        if all(number % 2 for number in numbers):
            return "odd"
    return str(stop.stop.side)


def _leading_digits(door: str) -> str:
    digits = ""
    for letter in door:
        if not letter.isdecimal():
            break
        digits += letter
    return digits
