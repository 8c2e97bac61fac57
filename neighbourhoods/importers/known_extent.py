"""Where the territory is, as far as the database knows."""

from __future__ import annotations

from dataclasses import dataclass

from neighbourhoods.importers.store.staging import rows_of

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
    """The box around all current districts and all streets, half a degree wider; None in an empty database."""
    [bounds] = rows_of(
        """
        SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
        FROM (
            SELECT ST_Extent(geometry) AS box FROM (
                SELECT geometry FROM neighbourhoods_street
                UNION ALL
                SELECT district.geometry FROM neighbourhoods_district AS district
                JOIN neighbourhoods_boundaryrelease AS release ON release.id = district.release_id
                WHERE release.is_current
            ) AS known
        ) AS extent
        """
    )
    if bounds[0] is None:
        return None
    west, south, east, north = bounds
    return Extent(west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)
