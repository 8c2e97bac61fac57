"""One row of a register, as text by meaning, into an AddressRow; the same rules for every format."""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping

import pyproj
from django.utils.translation import gettext as _

from layers.geometry import WGS84, CrsUnknown, transformer_to_wgs84
from neighbourhoods.importers.errors import ReferenceSystemUnknown
from neighbourhoods.importers.store.addresses import AddressRow

LONGEST = {"id": 120, "house_number": 40, "street": 200, "box": 40, "postcode": 16, "locality": 120}
YES = {"1", "true", "yes", "y", "oui", "vrai", "x", "ja"}
NO = {"", "0", "false", "no", "n", "non", "faux", "nein", "nee"}
_LONGEST = tuple(LONGEST.items())
_DECIMAL = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?").fullmatch
_MOVED_AT_ONCE = 5000


class RowRefused(Exception):
    """Why one row is left out: a stable code and a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code, self.reason = code, reason


def number_in(text: str) -> float | None:
    """A finite decimal number, with a point or a comma; None of anything else."""
    text = text.strip()
    if not _DECIMAL(text):
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None


def coordinate(text: str, meaning: str) -> float:
    """The number in a cell of longitudes or latitudes; raises RowRefused."""
    number = number_in(text)
    if number is not None:
        return number
    if not text:
        raise RowRefused("coordinates_missing", _("it has no “%(column)s”") % {"column": meaning})
    raise RowRefused(
        "coordinates_not_a_number",
        _("%(column)s “%(value)s” is no number") % {"column": meaning, "value": text[:40]},
    )


def address_row(values: Mapping[str, str], *, line: str, lon: float, lat: float, pseudo_number: str = "") -> AddressRow:
    """The row that stripped values say, by meaning; `pseudo_number` is a house number that means "none".

    Raises RowRefused. Coordinates are not judged here: see `outside`.
    """
    if not values["street"]:
        raise RowRefused("street_missing", _("it names no street"))
    house_number = values.get("house_number", "")
    if house_number == pseudo_number:
        house_number = ""
    if values.get("suffix"):
        house_number = f"{house_number} {values['suffix']}".strip()
    dwellings: int | None = None
    if said := values.get("dwellings"):
        if not said.isdecimal() or len(said) > 5 or int(said) > 10_000:
            raise RowRefused(
                "dwellings_not_a_number", _("dwellings “%(value)s” is no number up to 10,000") % {"value": said[:40]}
            )
        dwellings = int(said)
    no_flyers: bool | None = None
    if "no_flyers" in values:
        mark = values["no_flyers"].casefold()
        if mark not in YES and mark not in NO:
            raise RowRefused(
                "mark_unclear", _("“%(value)s” is neither yes nor no") % {"value": values["no_flyers"][:40]}
            )
        no_flyers = mark in YES
    for meaning, longest in _LONGEST:
        if len(house_number if meaning == "house_number" else values.get(meaning, "")) > longest:
            raise RowRefused(
                "value_too_long",
                _("“%(column)s” is longer than %(longest)s characters") % {"column": meaning, "longest": longest},
            )
    return AddressRow(
        line=line,
        register_id=values.get("id", ""),
        street=values["street"],
        house_number=house_number,
        lon=lon,
        lat=lat,
        street_code=values.get("street_code", "")[:120],
        box=values.get("box", ""),
        postcode=values.get("postcode", ""),
        locality=values.get("locality", ""),
        dwellings=dwellings,
        no_flyers=no_flyers,
    )


def outside(lon: float, lat: float) -> RowRefused | None:
    """Why a place is none on earth, if so."""
    if -180 <= lon <= 180 and -90 <= lat <= 90 and (lon or lat):
        return None
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return RowRefused("coordinates_out_of_range", _("its coordinates lie outside their reference system"))
    if lon == 0 and lat == 0:
        return RowRefused("coordinates_out_of_range", _("0, 0 stands for “unknown”"))
    return RowRefused(
        "coordinates_out_of_range",
        _("%(lon)g, %(lat)g is no longitude and latitude in degrees") % {"lon": lon, "lat": lat},
    )


def transformer_from(crs: str) -> pyproj.Transformer | None:
    """The way from a reference system that a person named; None where there is nothing to do.

    Raises ReferenceSystemUnknown.
    """
    if not crs:
        return None
    try:
        transformer = transformer_to_wgs84(crs)
    except CrsUnknown as error:
        raise ReferenceSystemUnknown(
            _("“%(crs)s” is no known reference system: write for example EPSG:31370.") % {"crs": crs}
        ) from error
    return None if transformer.source_crs and transformer.source_crs.to_epsg() == WGS84 else transformer


def moved(rows: Iterable[AddressRow], transformer: pyproj.Transformer | None) -> Iterator[AddressRow]:
    """The rows in longitude and latitude, moved some thousands at a time: one at a time takes thirty times longer."""
    if transformer is None:
        yield from rows
        return
    rows = iter(rows)
    while some := list(itertools.islice(rows, _MOVED_AT_ONCE)):
        for row, lon, lat in zip(
            some, *transformer.transform([row.lon for row in some], [row.lat for row in some]), strict=True
        ):
            row.lon, row.lat = round(lon, 8), round(lat, 8)
            yield row


def derived_id(row: AddressRow) -> str:
    """An identifier made of what the row says: the same row has the same one at every import."""
    said = (row.street, row.house_number, row.box, row.postcode, row.locality, row.lon, row.lat)
    return "row-" + hashlib.sha256(repr(said).encode()).hexdigest()[:24]
