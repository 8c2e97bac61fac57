"""Streets and their names."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.utils.translation import gettext_lazy as _


class Street(models.Model):
    """A named street of one locality (MultiLineString, SRID 4326).

    `geometry` is null for a street known only by its addresses. `code` is the official code, or one derived from
    locality and name by the importer, and is what a repeated import recognises the street by. `surface` keeps the
    polygon where the register draws streets as surfaces.
    """

    code = models.CharField(_("code"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200)
    locality = models.CharField(_("locality"), max_length=120, blank=True)
    kind = models.CharField(_("kind of way"), max_length=40, blank=True)
    geometry = models.MultiLineStringField(_("course"), srid=4326, null=True, blank=True)
    surface = models.MultiPolygonField(_("surface"), srid=4326, null=True, blank=True, spatial_index=False)
    source = models.CharField(_("source"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("street")
        verbose_name_plural = _("streets")
        ordering = ["name", "locality"]
        indexes = [models.Index(fields=["name"], name="street_name_idx")]

    def __str__(self) -> str:
        return self.name


class StreetName(models.Model):
    """One name of a street: in a language, or an alternative one; `search_name` is what the search looks at."""

    street = models.ForeignKey(Street, models.CASCADE, related_name="names")
    language = models.CharField(_("language"), max_length=10, blank=True)
    name = models.CharField(_("name"), max_length=200)
    search_name = models.CharField(max_length=200, editable=False)

    class Meta:
        verbose_name = _("street name")
        verbose_name_plural = _("street names")
        constraints = [
            models.UniqueConstraint(fields=["street", "language", "name"], name="street_name_once_per_language")
        ]
        indexes = [GinIndex(fields=["search_name"], opclasses=["gin_trgm_ops"], name="streetname_search_trgm")]

    def __str__(self) -> str:
        return self.name
