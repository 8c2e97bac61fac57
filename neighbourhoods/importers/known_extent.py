"""Where the territory is, as far as the database knows."""

from __future__ import annotations

from dataclasses import dataclass

from neighbourhoods.domain.territory import territory_extent

MARGIN = 0.5
"""Degrees around the territory in which an address may well lie."""


@dataclass(frozen=True)
class Extent:
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether the place is in the box."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def known_extent() -> Extent | None:
    """The territory's box, half a degree wider; None in an empty database. One query."""
    found = territory_extent()
    if found is None:
        return None
    west, south, east, north = found
    return Extent(west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)
