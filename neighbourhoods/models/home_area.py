"""Areas of several homes, in place of a home that is not to be told."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class HomeArea(models.Model):
    """Hexagons that hold enough homes together (MultiPolygon, SRID 4326), as of `made_at`; see `domain.home_areas`.

    Kept, so that one home is in the same area for ever: two areas that overlap would tell more than each. An area may
    grow, never shrink.
    """

    geometry = models.MultiPolygonField(_("area"), srid=4326, spatial_index=False)
    buildings = models.PositiveIntegerField(_("buildings"))
    dwellings = models.PositiveIntegerField(_("dwellings"))
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        verbose_name = _("area of homes")
        verbose_name_plural = _("areas of homes")


class HomeAreaCell(models.Model):
    """One hexagon of the grid (`column`, `row`: axial coordinates in the plane `srid`) and the area it belongs to."""

    srid = models.PositiveIntegerField()
    column = models.IntegerField()
    row = models.IntegerField()
    area = models.ForeignKey(HomeArea, models.CASCADE, related_name="cells")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["column", "row"], name="home_area_cell_once")]
