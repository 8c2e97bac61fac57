"""Changing one address by hand, where people saw that the register is wrong."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from neighbourhoods.domain.place_geometry import place_geometry
from neighbourhoods.models import Address


@transaction.atomic
def correct_address(
    *, address: Address, no_flyers: bool | None = None, close: bool = False, geometry: Point | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Mark, close or move (Point, SRID 4326) an address; gives what was there before and is after, of what changed.

    A moved address gets the district of its new place. The next import of its register knows nothing of this: it opens
    again what it finds there, and moves back what its file has elsewhere; a mark stays where the file has no marks.
    """
    address = Address.objects.select_for_update().get(pk=address.pk)
    changes: dict[str, Any] = {}
    if no_flyers is not None:
        changes["no_flyers"] = no_flyers
    if close and address.closed_at is None:
        changes["closed_at"] = timezone.now()
    if geometry is not None:
        changes["geometry"] = geometry
        district = place_geometry(geometry).smallest_district
        changes["district_id"] = district.id if district else None
    before = {name: _written(getattr(address, name)) for name in changes}
    for name, value in changes.items():
        setattr(address, name, value)
    if changes:
        address.save(update_fields=[name.removesuffix("_id") for name in changes])
    return before, {name: _written(value) for name, value in changes.items()}


def _written(value: Any) -> Any:
    """A value as JSON."""
    if isinstance(value, Point):
        return [value.x, value.y]
    return value.isoformat() if hasattr(value, "isoformat") else value
