"""Streets and their names."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.utils.translation import gettext_lazy as _


class StreetQuerySet(models.QuerySet["Street"]):
    """Answers about streets."""

    def current(self) -> StreetQuerySet:
        """Streets that their register still has, or that an address in force still belongs to."""
        return self.filter(closed_at__isnull=True)


class Street(models.Model):
    """A named street of one locality (MultiLineString, SRID 4326).

    `geometry` is null for a street known only by its addresses. `code` is the official code, or one derived from
    locality and name by the importer, and is what a repeated import recognises the street by. `surface` keeps the
    polygon where the register draws streets as surfaces. A street that its register no longer has is closed
    (`closed_at`), never deleted, once no address in force belongs to it: look-ups take `current()` ones only.
    """

    code = models.CharField(_("code"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200)
    locality = models.CharField(_("locality"), max_length=120, blank=True)
    kind = models.CharField(_("kind of way"), max_length=40, blank=True)
    geometry = models.MultiLineStringField(_("course"), srid=4326, null=True, blank=True)
    surface = models.MultiPolygonField(_("surface"), srid=4326, null=True, blank=True, spatial_index=False)
    source = models.CharField(_("source"), max_length=40, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    objects = StreetQuerySet.as_manager()

    class Meta:
        verbose_name = _("street")
        verbose_name_plural = _("streets")
        ordering = ["name", "locality"]
        indexes = [
            models.Index(fields=["name"], name="street_name_idx"),
            # Few streets are closed: the search leaves them out by this index without looking at the others.
            models.Index(fields=["id"], condition=models.Q(closed_at__isnull=False), name="street_closed_idx"),
        ]

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
