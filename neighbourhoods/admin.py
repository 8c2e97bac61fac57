"""The territory in the administration: to look things up, and to correct what no register knows.

The registers are the truth, so that names and shapes are shown and not changed: they come from the importers. What an
agent learns at the door can be noted: how many dwellings a letterbox stands for, and that it wants no flyers.
Shapes are given as text, because the map of GeoDjango's own admin loads from another host.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models import Address, BoundaryRelease, District, DistrictLevel, Street, StreetName, Target
from neighbourhoods.read_only import ReadOnly


def _where(geometry: GEOSGeometry | None) -> str:
    """Write the middle of a geometry as "latitude, longitude", as other maps take it."""
    if geometry is None or geometry.empty:
        return "–"
    middle = geometry.point_on_surface
    return f"{middle.y:.5f}, {middle.x:.5f}"


@admin.register(DistrictLevel)
class DistrictLevelAdmin(ReadOnly, admin.ModelAdmin):
    """Levels of the district tree."""

    list_display = ("name", "rank")


@admin.register(BoundaryRelease)
class BoundaryReleaseAdmin(ReadOnly, admin.ModelAdmin):
    """Editions of the boundaries."""

    list_display = ("name", "level", "is_current", "districts", "source", "valid_from", "imported_at")
    list_filter = ("level", "is_current")
    list_select_related = ("level",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BoundaryRelease]:
        """Count the districts in the same query."""
        return super().get_queryset(request).annotate(district_count=Count("districts"))

    @admin.display(description=_("districts"), ordering="district_count")
    def districts(self, release: Any) -> int:
        """How many districts the edition has."""
        return int(release.district_count)


@admin.register(District)
class DistrictAdmin(ReadOnly, admin.ModelAdmin):
    """Districts of all editions."""

    list_display = ("name", "code", "release", "parent", "area", "is_clipped")
    list_filter = ("release__level", "release__is_current", "is_clipped")
    list_select_related = ("release__level", "parent")
    search_fields = ("name", "code", "search_name")
    fields = ("name", "names", "code", "release", "parent", "area", "is_clipped", "where")
    readonly_fields = ("area", "where")

    def get_queryset(self, request: HttpRequest) -> QuerySet[District]:
        """Leave the boundaries in the database while listing."""
        return super().get_queryset(request).defer("geometry")

    @admin.display(description=_("area"), ordering="area_m2")
    def area(self, district: District) -> str:
        """The area in square kilometres."""
        return f"{number_format(district.area_m2 / 1e6, 2)} km²"

    @admin.display(description=_("place"))
    def where(self, district: District) -> str:
        """A point inside."""
        return _where(district.geometry)


class StreetNameInline(ReadOnly, admin.TabularInline):
    """The names of a street by language."""

    model = StreetName
    fields = ("language", "name")


@admin.register(Street)
class StreetAdmin(ReadOnly, admin.ModelAdmin):
    """Streets with their names in all languages."""

    list_display = ("name", "locality", "kind", "source", "code", "closed_at")
    list_filter = ("source", "kind", ("closed_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "locality", "names__search_name", "code")
    fields = ("name", "locality", "code", "kind", "source", "closed_at", "where")
    readonly_fields = ("closed_at", "where")
    inlines = (StreetNameInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Street]:
        """Leave the lines in the database while listing."""
        return super().get_queryset(request).defer("geometry", "surface")

    @admin.display(description=_("place"))
    def where(self, street: Street) -> str:
        """A point on the street."""
        return _where(street.geometry)


@admin.register(Address)
class AddressAdmin(ReadOnly, admin.ModelAdmin):
    """Letterboxes; dwellings and the wish for no flyers can be corrected."""

    list_display = ("street", "house_number", "box", "postcode", "locality", "district", "dwellings", "no_flyers")
    list_filter = ("no_flyers", "district__release__level", "source", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("street", "district")
    search_fields = ("street__name", "=house_number", "=postcode", "locality")
    fields = (
        "street", "house_number", "box", "postcode", "locality", "district", "register_id", "source", "closed_at",
        "where", "dwellings", "no_flyers",
    )  # fmt: skip
    readonly_fields = fields[:-2]
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Who has the right may write down what was learnt at the door."""
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    @admin.display(description=_("place"))
    def where(self, address: Address) -> str:
        """The letterbox."""
        return _where(address.geometry)


@admin.register(Target)
class TargetAdmin(ReadOnly, admin.ModelAdmin):
    """Saved targets; they are made and changed in the workspace."""

    list_display = ("name", "created_by", "created_at", "letterboxes", "dwellings", "resolved_at")
    list_select_related = ("created_by",)
    search_fields = ("name",)
    fields = ("name", "created_by", "created_at", "resolved_at", "letterboxes", "dwellings", "area_m2")
