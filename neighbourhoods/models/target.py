"""Targets: a saved set of districts, streets and shapes, resolved to one geometry and to its addresses."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models.district import District
from neighbourhoods.models.street import Street


class Target(models.Model):
    """Whom something is for. Its parts say it; `geometry` (MultiPolygon, SRID 4326) is what they resolve to.

    `geometry`, `area_m2`, `letterboxes` and `dwellings` are as of `resolved_at`; the parts are the truth.
    """

    name = models.CharField(_("name"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="targets"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    geometry = models.MultiPolygonField(_("area"), srid=4326, null=True, blank=True)
    area_m2 = models.FloatField(_("area in m²"), default=0)
    letterboxes = models.PositiveIntegerField(_("letterboxes"), default=0)
    dwellings = models.PositiveIntegerField(_("dwellings"), default=0)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class TargetPart(models.Model):
    """One sentence of a target: plus or minus a district, a street (side, numbers) or a drawn shape.

    `buffer_m` widens the part by so many metres; `ring_only` then keeps the ring without the part itself.
    `shape` has SRID 4326 and any type.
    """

    target = models.ForeignKey(Target, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField(default=0)
    operation = models.CharField(_("operation"), max_length=10, choices=PartOperation, default=PartOperation.INCLUDE)
    kind = models.CharField(_("kind"), max_length=10, choices=PartKind)
    district = models.ForeignKey(District, models.PROTECT, null=True, blank=True, related_name="target_parts")
    street = models.ForeignKey(Street, models.PROTECT, null=True, blank=True, related_name="target_parts")
    side = models.CharField(_("side"), max_length=5, choices=Side, default=Side.BOTH)
    number_from = models.PositiveIntegerField(_("from number"), null=True, blank=True)
    number_to = models.PositiveIntegerField(_("to number"), null=True, blank=True)
    shape = models.GeometryField(_("shape"), srid=4326, null=True, blank=True, spatial_index=False)
    buffer_m = models.FloatField(_("buffer in metres"), default=0)
    ring_only = models.BooleanField(_("only the ring"), default=False)

    class Meta:
        verbose_name = _("part of a target")
        verbose_name_plural = _("parts of a target")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(kind=PartKind.DISTRICT, district__isnull=False, street__isnull=True, shape__isnull=True)
                    | models.Q(kind=PartKind.STREET, street__isnull=False, district__isnull=True, shape__isnull=True)
                    | models.Q(kind=PartKind.SHAPE, shape__isnull=False, district__isnull=True, street__isnull=True)
                ),
                name="target_part_has_what_its_kind_says",
            ),
            models.CheckConstraint(
                condition=models.Q(buffer_m__gte=0, buffer_m__lte=5000), name="target_part_buffer_0_to_5000_m"
            ),
            models.CheckConstraint(
                condition=models.Q(ring_only=False) | models.Q(buffer_m__gt=0), name="target_part_ring_needs_buffer"
            ),
        ]
