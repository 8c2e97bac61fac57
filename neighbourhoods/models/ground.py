"""Parks, water and buildings: the quiet base of the map."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from neighbourhoods.enums import GroundKind


class Ground(models.Model):
    """A park, a water surface or a building (MultiPolygon, SRID 4326), shown and never referred to."""

    register_id = models.CharField(_("identifier in the register"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=GroundKind)
    name = models.CharField(_("name"), max_length=200, blank=True)
    geometry = models.MultiPolygonField(_("area"), srid=4326)
    area_m2 = models.FloatField(_("area in m²"), editable=False, default=0)

    class Meta:
        verbose_name = _("ground")
        verbose_name_plural = _("grounds")
