"""What came back of a mailing, in figures that are never about fewer than five letterboxes.

Who answered is counted among all letterboxes of a street, a district or a round, whichever were noted as delivered: so
that who reads the figures before and after one more is noted learns nothing of that one. Rates are of all letterboxes
for the same reason. Delivery itself is no secret; it says which figures may be told yet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Final

from django.db import connection
from django.db.models import Count, Max, Min

from geoparticipation.mailings.domain.small_groups import LEAST_TOLD, Cell, Told, groups_to_tell_so_far
from geoparticipation.mailings.models import (
    LetterboxCode,
    Mailing,
    MailingLetterbox,
    MailingSegment,
    Round,
    RoundEvent,
    RoundLetterbox,
    RoundStop,
)


@dataclass(frozen=True)
class Figures:
    """Letterboxes: how many there are, are known to have their flyers, opened a code of theirs, answered with one.

    Somebody may answer before the tick on the round comes in, so that more answered than are known to be delivered.
    """

    letterboxes: int
    delivered: int
    scanned: int
    answered: int

    @property
    def rate(self) -> float:
        """The share of all letterboxes that answered, from 0 to 1."""
        return self.answered / self.letterboxes

    def is_below(self, rate: float) -> bool:
        """Whether fewer answered than that, also of those alone that are known to have their flyers."""
        return self.answered / self.delivered < rate

    @property
    def percent(self) -> float:
        """The rate in hundredths."""
        return 100 * self.rate


@dataclass(frozen=True)
class SegmentRow:
    """A segment of a street; `numbers` are its lowest and highest house numbers. No figures: they are not told."""

    pk: int
    number: int
    numbers: tuple[int | None, int | None]
    figures: Figures | None

    @property
    def is_silent(self) -> bool:
        """Whether nobody answered, as far as that may be told."""
        return self.figures is not None and self.figures.answered == 0


@dataclass(frozen=True)
class StreetRow:
    """A street of the mailing, with its segments in their order along it."""

    key: str
    name: str
    locality: str
    figures: Figures | None
    segments: tuple[SegmentRow, ...]
    is_below_median: bool = False
    letterboxes: int = 0
    delivered: int = 0

    @property
    def missing(self) -> int:
        """Letterboxes that are not known to have their flyers."""
        return self.letterboxes - self.delivered

    @property
    def silent_segments(self) -> int:
        """How many of its segments nobody answered from, as far as that may be told."""
        return sum(segment.is_silent for segment in self.segments)

    @property
    def told_segments(self) -> tuple[SegmentRow, ...]:
        """Those with figures."""
        return tuple(segment for segment in self.segments if segment.figures is not None)


@dataclass(frozen=True)
class DistrictRow:
    """A district of the mailing, by the name that it had."""

    name: str
    figures: Figures | None


@dataclass(frozen=True)
class RoundFigures:
    """A round of the mailing: how much of it is delivered, and what came back where that may be told."""

    number: int
    letterboxes: int
    delivered: int
    figures: Figures | None


@dataclass(frozen=True)
class Day:
    """Letterboxes that got their flyers or were first heard of on a day, and that answered up to it."""

    day: date
    delivered_that_day: int
    scanned: int
    answered: int
    answered_so_far: int
    letterboxes: int

    @property
    def percent_so_far(self) -> float:
        """The response rate at the end of the day, in hundredths."""
        return 100 * self.answered_so_far / self.letterboxes


@dataclass(frozen=True)
class Response:
    """What came back of one mailing; `total` is None where nothing may be told or nothing was delivered."""

    total: Figures | None
    streets: tuple[StreetRow, ...] = ()
    districts: tuple[DistrictRow, ...] = ()
    rounds: tuple[RoundFigures, ...] = ()
    letterboxes: int = 0
    is_noted: bool = False
    days: tuple[Day, ...] = ()
    median: float | None = None
    answers: int = 0
    by_street: Mapping[str, Figures] = field(default_factory=dict)

    @property
    def median_percent(self) -> float:
        """The median of the told streets' rates, in hundredths; 0 where there is none."""
        return 100 * (self.median or 0)

    @property
    def streets_below(self) -> tuple[StreetRow, ...]:
        """The streets whose rate is below the median of all that are told, the lowest first."""
        below = [street for street in self.streets if street.is_below_median and street.figures]
        return tuple(sorted(below, key=lambda street: street.figures.rate if street.figures else 0))

    @property
    def silent_streets(self) -> tuple[StreetRow, ...]:
        """The streets with segments that nobody answered from, the most first."""
        silent = [street for street in self.streets if street.silent_segments]
        return tuple(sorted(silent, key=lambda street: -street.silent_segments))

    @property
    def streets_not_delivered(self) -> tuple[StreetRow, ...]:
        """The streets with letterboxes that are not known to have their flyers, those with most first."""
        return tuple(sorted((one for one in self.streets if one.missing), key=lambda street: -street.missing))

    @property
    def hidden_streets(self) -> int:
        """How many streets have no figures of their own."""
        return sum(street.figures is None for street in self.streets)


ROUND: Final = "on_round__stop__round__number"


def cells_of(mailing: Mailing) -> tuple[dict[Cell, int], dict[Cell, int]]:
    """The letterboxes of a mailing by street, segment, district and round, and those noted as delivered. One query."""
    rows = (
        MailingLetterbox.objects.filter(mailing=mailing)
        .order_by()
        .values_list("segment__street_name", "segment__locality", "segment_id", "district_name", ROUND)
        .annotate(count=Count("pk"), noted=Count("delivered_on"))
    )
    letterboxes, delivered = {}, {}
    for street, locality, segment, district, number, count, noted in rows:
        cell = Cell(_street_key(street, locality), segment, district, number or 0)
        letterboxes[cell], delivered[cell] = count, noted
    return letterboxes, delivered


def _street_key(name: str, locality: str) -> str:
    return f"{name}\n{locality}"


@dataclass
class _Tally:
    letterboxes: int = 0
    delivered: int = 0
    scanned: int = 0
    answered: int = 0

    def add(self, count: int, is_delivered: bool, opened_on: date | None, answered_on: date | None) -> None:
        self.letterboxes += count
        self.delivered += count if is_delivered else 0
        self.scanned += count if opened_on else 0
        self.answered += count if answered_on else 0

    def figures(self) -> Figures:
        return Figures(self.letterboxes, self.delivered, self.scanned, self.answered)


_HEARD = f"""
    WITH heard AS (
        SELECT letterbox.id, letterbox.segment_id, letterbox.district_name, letterbox.delivered_on,
               min(code.opened_on) AS opened_on, min(code.answered_on) AS answered_on, sum(code.uses) AS uses
        FROM {MailingLetterbox._meta.db_table} letterbox
        JOIN {LetterboxCode._meta.db_table} code ON code.letterbox_id = letterbox.id
        WHERE letterbox.mailing_id = %s
        GROUP BY letterbox.id
    )
    SELECT heard.segment_id, district_name, round.number, delivered_on, opened_on, answered_on, count(*), sum(uses)
    FROM heard
    LEFT JOIN {RoundLetterbox._meta.db_table} on_round ON on_round.letterbox_id = heard.id
    LEFT JOIN {RoundStop._meta.db_table} stop ON stop.id = on_round.stop_id
    LEFT JOIN {Round._meta.db_table} round ON round.id = stop.round_id
    GROUP BY heard.segment_id, district_name, round.number, delivered_on, opened_on, answered_on
"""


def response_of(mailing: Mailing) -> Response:
    """What came back of a mailing, by segment, street, district and day, as far as it may be told.

    A letterbox counts as scanned or answered once, however many flyers it got. What may be told depends on nothing but
    where the letterboxes are and which are delivered, so that it does not change while answers come in. Where
    something was noted on the rounds, delivered is what is noted so; else all is, from the mailing's day on. Three
    queries, one where nothing was delivered.
    """
    noted = RoundEvent.objects.filter(round__mailing=mailing).exists()
    if mailing.delivered_on is None and not noted:
        return Response(None)
    segments = list(
        MailingSegment.objects.filter(mailing=mailing)
        .annotate(lowest=Min("letterboxes__number"), highest=Max("letterboxes__number"))
        .order_by("street_name", "locality", "number", "pk")
        .values_list("pk", "street_name", "locality", "number", "lowest", "highest")
    )
    street_of = {pk: _street_key(name, locality) for pk, name, locality, *_rest in segments}
    total, answers = _Tally(), 0
    by_segment: defaultdict[int, _Tally] = defaultdict(_Tally)
    by_street: defaultdict[str, _Tally] = defaultdict(_Tally)
    by_district: defaultdict[str, _Tally] = defaultdict(_Tally)
    by_round: defaultdict[int, _Tally] = defaultdict(_Tally)
    deliveries: Counter[date] = Counter()
    cells: Counter[Cell] = Counter()
    reached: Counter[Cell] = Counter()
    scans: Counter[date] = Counter()
    voices: Counter[date] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, [mailing.pk])
        for segment, district, number, delivered_on, opened_on, answered_on, count, uses in cursor.fetchall():
            street = street_of[segment]
            is_delivered = delivered_on is not None or not noted
            cell = Cell(street, segment, district, number or 0)
            cells[cell] += count
            reached[cell] += count if is_delivered else 0
            groups = (total, by_segment[segment], by_street[street], by_district[district], by_round[number or 0])
            for tally in groups:
                tally.add(count, is_delivered, opened_on, answered_on)
            if noted and delivered_on:
                deliveries[delivered_on] += count
            answers += uses
            if opened_on:
                scans[opened_on] += count
            if answered_on:
                voices[answered_on] += count
    if total.letterboxes < LEAST_TOLD:
        return Response(None)
    told = groups_to_tell_so_far(cells, reached)
    figures = {street: by_street[street].figures() for street in told.streets}
    middle = median(one.rate for one in figures.values()) if figures else None
    return Response(
        total=total.figures() if told.total else None,
        streets=tuple(_street_rows(segments, by_segment, by_street, figures, told)),
        districts=tuple(
            DistrictRow(name, by_district[name].figures() if name in told.districts else None)
            for name in sorted(by_district)
            if name
        ),
        rounds=tuple(
            RoundFigures(number, tally.letterboxes, tally.delivered, tally.figures() if number in told.rounds else None)
            for number, tally in sorted(by_round.items())
            if number
        ),
        letterboxes=total.letterboxes,
        is_noted=noted,
        days=tuple(_days(deliveries, scans, voices, total.letterboxes)) if told.total else (),
        median=middle,
        answers=answers,
        by_street=figures,
    )


def _street_rows(
    segments: Iterable[tuple[int, str, str, int, int | None, int | None]],
    by_segment: Mapping[int, _Tally],
    by_street: Mapping[str, _Tally],
    figures: Mapping[str, Figures],
    told: Told,
) -> Iterable[StreetRow]:
    middle = median(one.rate for one in figures.values()) if figures else None
    rows: dict[str, tuple[str, str, list[SegmentRow]]] = {}
    for pk, name, locality, number, lowest, highest in segments:
        shown = by_segment[pk].figures() if pk in told.segments else None
        row = SegmentRow(pk, number, (lowest, highest), shown)
        rows.setdefault(_street_key(name, locality), (name, locality, []))[2].append(row)
    for key, (name, locality, parts) in rows.items():
        known = figures.get(key)
        is_below = known is not None and middle is not None and known.is_below(middle)
        tally = by_street[key]
        yield StreetRow(key, name, locality, known, tuple(parts), is_below, tally.letterboxes, tally.delivered)


def _days(
    deliveries: Mapping[date, int], scans: Mapping[date, int], voices: Mapping[date, int], letterboxes: int
) -> Iterable[Day]:
    """Every day on which something was delivered or came, the first first."""
    so_far = 0
    for day in sorted({*deliveries, *scans, *voices}):
        so_far += voices.get(day, 0)
        yield Day(day, deliveries.get(day, 0), scans.get(day, 0), voices.get(day, 0), so_far, letterboxes)
