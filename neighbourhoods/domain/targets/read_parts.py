"""Parts of a target as the API's JSON writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import TextChoices
from django.utils.translation import gettext as _

from layers.errors import Refusal
from layers.geometry import geometry_from_geojson
from neighbourhoods.domain.targets import errors
from neighbourhoods.domain.targets.find_places import (
    FoundDistrict,
    FoundStreet,
    Reference,
    find_districts,
    find_streets,
)
from neighbourhoods.domain.targets.parts import MAX_PARTS, PartSpec, check_parts
from neighbourhoods.enums import PartKind, PartOperation, Side

MEMBERS = frozenset(
    ("operation", "kind", "district", "street", "side", "number_from", "number_to", "shape", "buffer_m", "ring_only")
)
NAMES = frozenset(("district_name", "street_name", "locality"))
"""What the API adds to a part for people to read, and takes back without a look."""
Choice = TypeVar("Choice", bound=TextChoices)


def read_parts(written: object) -> tuple[PartSpec, ...]:
    """Read a list of parts as parsed from JSON; at most two queries, whatever their number.

    Raises TargetRefused or GeometryRefused, whose `field` names the part ("parts[2].street"), and never anything else.
    """
    if not isinstance(written, list):
        raise errors.PartMalformed(_("“parts” must be a list."), field="parts")
    if len(written) > MAX_PARTS:
        check_parts(tuple(PartSpec(kind=PartKind.STREET, street_id=0) for _part in written))
    for index, part in enumerate(written):
        if not isinstance(part, Mapping):
            raise errors.PartMalformed(_("A part must be an object."), field=f"parts[{index}]")
    streets = find_streets(_references(written, "street"))
    districts = find_districts(_references(written, "district"))
    parts = []
    for index, part in enumerate(written):
        try:
            parts.append(_read_part(part, streets, districts))
        except Refusal as refusal:
            refusal.field = f"parts[{index}].{refusal.field or 'shape'}"
            raise
    check_parts(tuple(parts))
    return tuple(parts)


def _references(written: list[Any], member: str) -> list[Reference]:
    return [part[member] for part in written if _is_reference(part.get(member))]


def _is_reference(value: object) -> bool:
    """Whether it may be an id (that a bigint holds) or a code or name; PostgreSQL's text has no NUL."""
    if isinstance(value, str):
        return 0 < len(value) <= 400 and "\x00" not in value
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _read_part(
    part: Mapping[str, Any],
    streets: dict[Reference, tuple[FoundStreet, ...]],
    districts: dict[Reference, tuple[FoundDistrict, ...]],
) -> PartSpec:
    if unknown := sorted(str(member) for member in part.keys() - MEMBERS - NAMES):
        raise errors.PartMalformed(_("A part has no “%(member)s”.") % {"member": unknown[0][:60]}, field="kind")
    kind = _choice(part, "kind", PartKind, None)
    district = part.get("district")
    street = part.get("street")
    return PartSpec(
        kind=kind,
        operation=_choice(part, "operation", PartOperation, PartOperation.INCLUDE),
        district_id=None if district is None else one_district(district, districts),
        street_id=None if street is None else one_street(street, streets),
        side=_choice(part, "side", Side, Side.BOTH),
        number_from=_whole_number(part, "number_from"),
        number_to=_whole_number(part, "number_to"),
        shape=_shape(part.get("shape")),
        buffer_m=_metres(part),
        ring_only=_yes_or_no(part, "ring_only"),
    )


def one_district(reference: object, found: dict[Reference, tuple[FoundDistrict, ...]]) -> int:
    """Give the id of the one district meant; raises DistrictUnknown or DistrictAmbiguous."""
    candidates = found.get(reference, ()) if isinstance(reference, int | str) else ()
    if not candidates:
        raise errors.DistrictUnknown(
            _("There is no district “%(reference)s”: give its code, its name or its id.")
            % {"reference": str(reference)[:80]},
            field="district",
        )
    if len(candidates) > 1:
        raise errors.DistrictAmbiguous(
            _("Several districts are called “%(reference)s”: write %(choices)s.")
            % {
                "reference": reference,
                "choices": _(" or ").join(f"“{district.level}/{district.code}”" for district in candidates[:10]),
            },
            field="district",
            choices=[asdict(district) for district in candidates],
        )
    return candidates[0].id


def one_street(reference: object, found: dict[Reference, tuple[FoundStreet, ...]]) -> int:
    """Give the id of the one street meant; raises StreetUnknown or StreetAmbiguous."""
    candidates = found.get(reference, ()) if isinstance(reference, int | str) else ()
    if not candidates:
        raise unknown_street(reference)
    if len(candidates) > 1:
        raise errors.StreetAmbiguous(
            _("Several places have a street “%(reference)s”: write %(choices)s.")
            % {
                "reference": reference,
                "choices": _(" or ").join(f"“{street.name} ({street.locality})”" for street in candidates[:10]),
            },
            field="street",
            choices=[asdict(street) for street in candidates],
        )
    return candidates[0].id


def unknown_street(reference: object) -> errors.StreetUnknown:
    """Say that no street has this id, code or name."""
    return errors.StreetUnknown(
        _("There is no street “%(reference)s”: check the spelling, or give its code or id.")
        % {"reference": str(reference)[:80]},
        field="street",
    )


def _choice(part: Mapping[str, Any], member: str, choices: type[Choice], default: Choice | None) -> Choice:
    value = part.get(member)
    if value is None and default is not None:
        return default
    if isinstance(value, str) and value in choices.values:
        return choices(value)
    raise errors.PartMalformed(
        _("“%(member)s” must be one of %(choices)s.") % {"member": member, "choices": ", ".join(choices.values)},
        field=member,
    )


def _whole_number(part: Mapping[str, Any], member: str) -> int | None:
    value = part.get(member)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise errors.PartMalformed(_("“%(member)s” must be a whole number.") % {"member": member}, field=member)


def _metres(part: Mapping[str, Any]) -> float:
    value = part.get("buffer_m")
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise errors.PartMalformed(_("“buffer_m” must be a number of metres."), field="buffer_m")
    try:
        return float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return math.inf


def _yes_or_no(part: Mapping[str, Any], member: str) -> bool:
    value = part.get(member)
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise errors.PartMalformed(_("“%(member)s” must be true or false.") % {"member": member}, field=member)


def _shape(value: object) -> GEOSGeometry | None:
    if value is None:
        return None
    if isinstance(value, Mapping) and value.get("type") == "Feature":
        value = value.get("geometry")
    return geometry_from_geojson(value)
