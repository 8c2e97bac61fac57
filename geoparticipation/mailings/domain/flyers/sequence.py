"""The order in which flyers leave the press: that of the list, or the one in which somebody walks."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet, Value

from geoparticipation.mailings.codes import derive_code, hash_code
from geoparticipation.mailings.enums import FlyerOrder
from geoparticipation.mailings.errors import CodesNotReproducible, NoRounds, RoundsIncomplete
from geoparticipation.mailings.models import LetterboxCode, Mailing

SHEETS_IN_A_PACKET: Final = 250
"""What is cut at once where several flyers stand on a sheet: half a ream, as far as a guillotine opens."""

Place = tuple[int, int, int]
"""A flyer's place in the order: round (0 without rounds), letterbox in it, number at that letterbox."""
BEFORE_ALL: Final[Place] = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Flyer:
    """One flyer: its place in the order, its code, and the lines of the address."""

    place: Place
    code: str
    lines: tuple[str, ...]

    @property
    def round(self) -> int:
        """The round that delivers it; 0 in the order of the list."""
        return self.place[0]


def codes_in_order(mailing: Mailing, order: str, after: Place = BEFORE_ALL) -> QuerySet[Any]:
    """The codes of a mailing behind a place, with `in_round` and `in_order`; not evaluated."""
    codes: QuerySet[Any] = LetterboxCode.objects.filter(letterbox__mailing=mailing)
    if order == FlyerOrder.WALK:
        codes = codes.filter(letterbox__on_round__isnull=False).annotate(
            in_round=F("letterbox__on_round__stop__round__number"), in_order=F("letterbox__on_round__order")
        )
    else:
        codes = codes.annotate(in_round=Value(0), in_order=F("letterbox__position"))
    if after != BEFORE_ALL:
        round_number, letterbox, number = after
        codes = codes.filter(
            Q(in_round__gt=round_number)
            | Q(in_round=round_number, in_order__gt=letterbox)
            | Q(in_round=round_number, in_order=letterbox, number__gt=number)
        )
    return codes.order_by("in_round", "in_order", "number")


def flyers_after(mailing: Mailing, order: str, after: Place = BEFORE_ALL) -> Iterator[Flyer]:
    """The flyers behind a place in the order; one query, read piece by piece.

    Each code is worked out and compared with the stored hash. Raises CodesNotReproducible.
    """
    rows = codes_in_order(mailing, order, after).values_list(
        "in_round", "in_order", "number", "attempt", "code_hash", "letterbox__position", "letterbox__lines"
    )
    for in_round, in_order, number, attempt, code_hash, position, lines in rows.iterator(chunk_size=1000):
        code = derive_code(salt=mailing.salt, letterbox=position, number=number, attempt=attempt)
        if hash_code(code) != code_hash:
            raise CodesNotReproducible
        yield Flyer((in_round, in_order, number), code, tuple(lines))


def flyers_by_round(mailing: Mailing, order: str) -> Counter[int]:
    """How many flyers each round has, all in round 0 in the order of the list; one query.

    Raises NoRounds, or RoundsIncomplete where a letterbox is on none of them.
    """
    counts: Counter[int] = Counter()
    codes = codes_in_order(mailing, order).order_by("in_round").values_list("in_round").annotate(flyers=Count("pk"))
    counts.update(dict(codes))
    if order == FlyerOrder.WALK and not counts:
        raise NoRounds
    if counts.total() != mailing.flyer_count:
        raise RoundsIncomplete
    return counts


def pages_in_all(counts: Counter[int], per_page: int, *, with_covers: bool) -> int:
    """How many pages these flyers take, where a round begins a page of its own, with or without a cover sheet."""
    return sum(-(-flyers // per_page) + with_covers for flyers in counts.values())


def packets(flyers: Iterable[Flyer], per_page: int) -> Iterator[list[list[Flyer]]]:
    """What is cut in one go: pages of flyers of one round.

    With several on a page, one place on the pages has the first flyers of the packet, the next those behind them, and
    so on: whoever cuts the packet puts pile upon pile and has the order of the list or of the walk.
    """
    size = per_page * SHEETS_IN_A_PACKET if per_page > 1 else 1
    for _round, of_round in itertools.groupby(flyers, key=lambda flyer: flyer.round):
        while packet := list(itertools.islice(of_round, size)):
            sheets = -(-len(packet) // per_page)
            yield [packet[sheet::sheets] for sheet in range(sheets)]


def order_digest(mailing: Mailing, order: str, hashed: Any) -> None:
    """Feed `hashed` with what the order of the flyers is, so that a run does not go on in another; one query."""
    if order != FlyerOrder.WALK:
        return
    rows = codes_in_order(mailing, order).values_list("in_round", "in_order", "letterbox_id", "number")
    for row in rows.iterator(chunk_size=5000):
        hashed.update(b"%d %d %d %d\n" % row)
