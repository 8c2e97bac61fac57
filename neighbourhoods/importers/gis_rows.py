"""Rows of a GIS file as the district and street importers want them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from layers.readers import FeatureFile
from neighbourhoods.importers.errors import FieldMissing

NAME_LANGUAGES = ("fr", "nl", "de", "en", "lb", "it", "es", "ca", "pt", "fi", "sv", "da", "no", "pl", "eu", "br", "oc")
"""Languages that `--name-field-LANGUAGE` exists for."""


@dataclass(frozen=True)
class Fields:
    """Which attribute holds what; an empty name where none does."""

    name: str
    code: str = ""
    locality: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def check(self, file: FeatureFile) -> None:
        """Raise FieldMissing when the file lacks one of them."""
        for wanted in (self.name, self.code, self.locality, *self.names.values()):
            if wanted and wanted not in file.fields:
                raise FieldMissing(
                    _("%(file)s has no field “%(field)s”. It has: %(fields)s.")
                    % {"file": file.path.name, "field": wanted, "fields": ", ".join(file.fields)},
                    field=wanted,
                )


def guess_field(fields: Iterable[str], candidates: Iterable[str]) -> str:
    """The first of the candidates that the file has, whatever its case; "" when it has none.

    A Shapefile keeps ten characters of a name.
    """
    by_form = {name.casefold(): name for name in fields}
    forms = (form for candidate in candidates for form in (candidate, candidate[:10]))
    return next((by_form[form] for form in forms if form in by_form), "")


def text_of(attributes: Mapping[str, Any], name: str) -> str:
    """An attribute as text; whole numbers without a decimal point, nothing as ""."""
    value = attributes.get(name) if name else None
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def problem_with(geometry: GEOSGeometry | None) -> tuple[str, str] | None:
    """Code and reason why a geometry is of no use at all; None when it is."""
    if geometry is None or geometry.empty:
        return "geometry_missing", _("it has no geometry")
    west, south, east, north = geometry.extent
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "coordinates_out_of_range", _("its extent %(extent)s is no longitude and latitude in degrees") % {
            "extent": geometry.extent
        }
    return None
