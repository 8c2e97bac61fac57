"""From what a person typed, chose or drew to a place, without needing the map or a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from geoparticipation.contributions.enums import LocatedBy
from layers.errors import Refusal
from layers.geometry import geometry_from_geojson
from neighbourhoods.domain.search_places import FoundPlace, search_places, the_one_meant
from neighbourhoods.models import Address, District, Street

CHOICES = 6


class PlaceUnknown(Refusal):
    """Nothing in the town is called like what was typed."""

    code = "place_unknown"

    def __init__(self, text: str) -> None:
        super().__init__(
            _("We found no “%(text)s” in this town. Check the spelling, or type only the street.") % {"text": text},
            field="place_text",
        )


class PlaceAmbiguous(Refusal):
    """Several places are meant by what was typed; `choices` are the likeliest."""

    code = "place_ambiguous"

    def __init__(self, choices: Sequence[FoundPlace]) -> None:
        super().__init__(_("There are several places of this name. Which one do you mean?"), field="place_text")
        self.choices = choices


@dataclass(frozen=True)
class Located:
    """What `submit_contribution` takes to know where something is."""

    geometry: GEOSGeometry | None
    located_by: str
    street: Street | None = None
    district: District | None = None
    typed_address: str = ""


def locate(
    answers: Mapping[str, Any], *, place_of_photo: Callable[[str], GEOSGeometry | None] = lambda _chosen: None
) -> Located | None:
    """The place that a `PlaceForm` gives: what was drawn, else what was chosen, else what was typed; None without any.

    `place_of_photo` knows the places that are called after a photo. At most three queries. Raises a GeometryRefused,
    PlaceUnknown, PlaceAmbiguous.
    """
    text = " ".join((answers.get("place_text") or "").split())
    if answers.get("geometry") is not None:
        geometry = geometry_from_geojson(answers["geometry"])
        located_by = LocatedBy.PIN if geometry.geom_type == "Point" else LocatedBy.DRAWN
        return Located(geometry, located_by, typed_address=text)
    taken_at = place_of_photo(answers.get("place") or "")
    if taken_at is not None:
        return Located(taken_at, LocatedBy.PIN)
    if answers.get("place"):
        kind, _colon, key = answers["place"].partition(":")
        return _chosen(kind, key, text)
    if not text:
        return None
    found = search_places(text=text, limit=CHOICES)
    if not found:
        raise PlaceUnknown(text)
    meant = the_one_meant(text, found)
    if meant is None:
        raise PlaceAmbiguous(found)
    return _chosen(meant.type, str(meant.id), text)


def _chosen(kind: str, key: str, text: str) -> Located:
    number = int(key) if key.isdecimal() and len(key) < 18 else 0
    if kind == "address":
        address = Address.objects.current().filter(pk=number).first()
        if address:
            return Located(address.geometry, LocatedBy.ADDRESS, typed_address=text)
    elif kind == "street":
        street = Street.objects.current().filter(pk=number).first()
        if street:
            return Located(None, LocatedBy.STREET, street=street, typed_address=text)
    elif kind == "district":
        district = District.objects.current().filter(pk=number).first()
        if district:
            return Located(None, LocatedBy.DISTRICT, district=district, typed_address=text)
    raise PlaceUnknown(text)
