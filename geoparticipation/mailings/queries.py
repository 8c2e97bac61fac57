"""What came back of a mailing, in figures that are never about fewer than five letterboxes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from django.db import connection
from django.db.models import Count, Max, Min

from geoparticipation.mailings.domain.small_groups import Cell, Told, groups_to_tell
from geoparticipation.mailings.models import LetterboxCode, Mailing, MailingLetterbox, MailingSegment


@dataclass(frozen=True)
class Figures:
    """Letterboxes: how many got flyers, opened a code of theirs, answered with one."""

    delivered: int
    scanned: int
    answered: int

    @property
    def rate(self) -> float:
        """The share of letterboxes that answered, from 0 to 1."""
        return self.answered / self.delivered

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
class Day:
    """Letterboxes that were first heard of on a day, and that answered up to it."""

    day: date
    scanned: int
    answered: int
    answered_so_far: int
    delivered: int

    @property
    def percent_so_far(self) -> float:
        """The response rate at the end of the day, in hundredths."""
        return 100 * self.answered_so_far / self.delivered


@dataclass(frozen=True)
class Response:
    """What came back of one mailing; `total` is None where nothing may be told or nothing was delivered."""

    total: Figures | None
    streets: tuple[StreetRow, ...] = ()
    districts: tuple[DistrictRow, ...] = ()
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
    def hidden_streets(self) -> int:
        """How many streets have no figures of their own."""
        return sum(street.figures is None for street in self.streets)


def cells_of(mailing: Mailing) -> dict[Cell, int]:
    """The letterboxes of a mailing by street, segment and district. One query."""
    rows = (
        MailingLetterbox.objects.filter(mailing=mailing)
        .order_by()
        .values_list("segment__street_name", "segment__locality", "segment_id", "district_name")
        .annotate(count=Count("pk"))
    )
    return {
        Cell(_street_key(street, locality), segment, district): count
        for street, locality, segment, district, count in rows
    }


def _street_key(name: str, locality: str) -> str:
    return f"{name}\n{locality}"


@dataclass
class _Tally:
    delivered: int = 0
    scanned: int = 0
    answered: int = 0

    def add(self, count: int, opened_on: date | None, answered_on: date | None) -> None:
        self.delivered += count
        self.scanned += count if opened_on else 0
        self.answered += count if answered_on else 0

    def figures(self) -> Figures:
        return Figures(self.delivered, self.scanned, self.answered)


_HEARD = f"""
    WITH heard AS (
        SELECT letterbox.segment_id, letterbox.district_name,
               min(code.opened_on) AS opened_on, min(code.answered_on) AS answered_on, sum(code.uses) AS uses
        FROM {MailingLetterbox._meta.db_table} letterbox
        JOIN {LetterboxCode._meta.db_table} code ON code.letterbox_id = letterbox.id
        WHERE letterbox.mailing_id = %s
        GROUP BY letterbox.id
    )
    SELECT segment_id, district_name, opened_on, answered_on, count(*), sum(uses)
    FROM heard GROUP BY segment_id, district_name, opened_on, answered_on
"""


def response_of(mailing: Mailing) -> Response:
    """What came back of a mailing, by segment, street, district and day, as far as it may be told.

    A letterbox counts as scanned or answered once, however many flyers it got. What may be told depends on nothing but
    where the letterboxes are (`small_groups`), so that it does not change while answers come in. Two queries, none
    where nothing was delivered.
    """
    if mailing.delivered_on is None:
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
    cells: Counter[Cell] = Counter()
    scans: Counter[date] = Counter()
    voices: Counter[date] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, [mailing.pk])
        for segment, district, opened_on, answered_on, count, uses in cursor.fetchall():
            street = street_of[segment]
            cells[Cell(street, segment, district)] += count
            for tally in (total, by_segment[segment], by_street[street], by_district[district]):
                tally.add(count, opened_on, answered_on)
            answers += uses
            if opened_on:
                scans[opened_on] += count
            if answered_on:
                voices[answered_on] += count
    told = groups_to_tell(cells)
    if not told.total:
        return Response(None)
    figures = {street: by_street[street].figures() for street in told.streets}
    middle = median(one.rate for one in figures.values()) if figures else None
    return Response(
        total=total.figures(),
        streets=tuple(_street_rows(segments, by_segment, figures, told, middle)),
        districts=tuple(
            DistrictRow(name, by_district[name].figures() if name in told.districts else None)
            for name in sorted(by_district)
            if name
        ),
        days=tuple(_days(scans, voices, total.delivered)),
        median=middle,
        answers=answers,
        by_street=figures,
    )


def _street_rows(
    segments: Iterable[tuple[int, str, str, int, int | None, int | None]],
    by_segment: Mapping[int, _Tally],
    figures: Mapping[str, Figures],
    told: Told,
    middle: float | None,
) -> Iterable[StreetRow]:
    rows: dict[str, tuple[str, str, list[SegmentRow]]] = {}
    for pk, name, locality, number, lowest, highest in segments:
        shown = by_segment[pk].figures() if pk in told.segments else None
        row = SegmentRow(pk, number, (lowest, highest), shown)
        rows.setdefault(_street_key(name, locality), (name, locality, []))[2].append(row)
    for key, (name, locality, parts) in rows.items():
        known = figures.get(key)
        is_below = known is not None and middle is not None and known.rate < middle
        yield StreetRow(key, name, locality, known, tuple(parts), is_below)


def _days(scans: Mapping[date, int], voices: Mapping[date, int], delivered: int) -> Iterable[Day]:
    """Every day on which something came, the first first."""
    so_far = 0
    for day in sorted({*scans, *voices}):
        so_far += voices.get(day, 0)
        yield Day(day, scans.get(day, 0), voices.get(day, 0), so_far, delivered)
