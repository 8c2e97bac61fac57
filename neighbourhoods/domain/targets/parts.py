"""One part of a target, checked: what every way of writing a target (API, command, saved rows) is read into."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from layers.geometry import length_m
from neighbourhoods.domain.targets import errors
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import Target, TargetPart

MAX_PARTS = 500
"""Most parts of one target."""
MAX_BUFFER_M = 5000
"""Widest buffer; the database says the same."""
MAX_LINE_M = 100_000
"""Longest drawn line: 1,900 vertices back and forth across a town took the database a minute to put a buffer around."""
MAX_NUMBER = 999_999
"""Largest house number, as `naming.parse_house_number` reads them."""


@dataclass(frozen=True, kw_only=True)
class PartSpec:
    """Plus or minus a district, a street (side, numbers) or a shape (SRID 4326); one that exists is sound.

    `number_from` and `number_to` are inclusive and either may be open. `buffer_m` widens the part; `ring_only` then
    leaves the part itself out. A range or a side leaves out the addresses without a number.
    """

    kind: PartKind
    operation: PartOperation = PartOperation.INCLUDE
    district_id: int | None = None
    street_id: int | None = None
    side: Side = Side.BOTH
    number_from: int | None = None
    number_to: int | None = None
    shape: GEOSGeometry | None = None
    buffer_m: float = 0
    ring_only: bool = False

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        has = (self.district_id is not None, self.street_id is not None, self.shape is not None)
        if has != (self.kind == PartKind.DISTRICT, self.kind == PartKind.STREET, self.kind == PartKind.SHAPE):
            raise errors.PartMalformed(
                _("A part is one district, one street or one shape: no more, no less."), field="kind"
            )
        if self.kind != PartKind.STREET and self.is_stretch:
            raise errors.PartMalformed(_("Only a street has sides and numbers."), field="side")
        self._check_numbers()
        self._check_buffer()

    def _check_numbers(self) -> None:
        for name, number in (("number_from", self.number_from), ("number_to", self.number_to)):
            if number is not None and not 0 <= number <= MAX_NUMBER:
                raise errors.PartMalformed(_("A house number goes from 0 to 999,999."), field=name)
        if self.number_from is not None and self.number_to is not None and self.number_from > self.number_to:
            raise errors.NumbersReversed(
                _("The house numbers run backwards: %(first)s comes after %(last)s. Swap them.")
                % {"first": self.number_from, "last": self.number_to},
                field="number_to",
            )

    def _check_buffer(self) -> None:
        if not math.isfinite(self.buffer_m) or not 0 <= self.buffer_m <= MAX_BUFFER_M:
            raise errors.BufferOutOfRange(
                _("A buffer goes from 0 to %(limit)s m.") % {"limit": MAX_BUFFER_M}, field="buffer_m"
            )
        if self.ring_only and not self.buffer_m:
            raise errors.RingNeedsBuffer(
                _("A ring needs a width: say how many metres around the part are meant."), field="buffer_m"
            )
        if self.shape is None:
            return
        if self.shape.geom_type == "GeometryCollection":
            raise errors.PartMalformed(
                _("A collection of shapes cannot be one part: write a part for each of them."), field="shape"
            )
        if self.shape.dims < 2 and not self.buffer_m:
            raise errors.LineNeedsBuffer(
                _("A line or a point covers no homes: say how many metres around it are meant."), field="buffer_m"
            )
        if length_m(self.shape) > MAX_LINE_M:
            raise errors.TargetLineTooLong(
                _("What you drew is longer than %(limit)s km. Please draw a shorter line.")
                % {"limit": MAX_LINE_M // 1000},
                field="shape",
            )

    @property
    def is_stretch(self) -> bool:
        """Whether only some house numbers of a street are meant."""
        return self.side != Side.BOTH or self.number_from is not None or self.number_to is not None

    def without_buffer(self) -> PartSpec:
        """Give the same part without what is around it."""
        return replace(self, buffer_m=0, ring_only=False)

    def as_row(self, *, target: Target, position: int) -> TargetPart:
        """Give the unsaved row that keeps this part."""
        return TargetPart(
            target=target,
            position=position,
            operation=self.operation,
            kind=self.kind,
            district_id=self.district_id,
            street_id=self.street_id,
            side=self.side,
            number_from=self.number_from,
            number_to=self.number_to,
            shape=self.shape,
            buffer_m=self.buffer_m,
            ring_only=self.ring_only,
        )


def part_from_row(row: TargetPart) -> PartSpec:
    """Read a saved part; no query."""
    return PartSpec(
        operation=PartOperation(row.operation),
        kind=PartKind(row.kind),
        district_id=row.district_id,
        street_id=row.street_id,
        side=Side(row.side),
        number_from=row.number_from,
        number_to=row.number_to,
        shape=row.shape,
        buffer_m=row.buffer_m,
        ring_only=row.ring_only,
    )


def parts_of(target: Target) -> tuple[PartSpec, ...]:
    """Read the saved parts of a target, in their order. One query, none when they were prefetched."""
    return tuple(part_from_row(row) for row in target.parts.all())


def check_parts(parts: tuple[PartSpec, ...]) -> None:
    """Refuse a list of parts that no target can have: none, too many, or none that adds anything."""
    if not parts:
        raise errors.PartsMissing(_("Nothing is meant yet: add a street, a district or a shape."), field="parts")
    if len(parts) > MAX_PARTS:
        raise errors.TooManyParts(
            _("A target has at most %(limit)s parts. Draw a shape around what you mean instead.")
            % {"limit": MAX_PARTS},
            field="parts",
            limit=MAX_PARTS,
        )
    if all(part.operation == PartOperation.EXCLUDE for part in parts):
        raise errors.PartsMissing(
            _("There is only something to take away. Add the street, district or shape to take it from."),
            field="parts",
        )
