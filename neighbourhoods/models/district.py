"""Districts: a tree of named polygons, in dated releases, with subdivided pieces for look-ups."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class DistrictLevel(models.Model):
    """A level of the district tree: commune, district, sector …; `rank` grows towards the smaller ones."""

    name = models.SlugField(_("name"), max_length=60, unique=True)
    rank = models.PositiveSmallIntegerField(_("rank"), default=0)

    class Meta:
        verbose_name = _("level of districts")
        verbose_name_plural = _("levels of districts")
        ordering = ["rank", "name"]

    def __str__(self) -> str:
        return self.name


class BoundaryRelease(models.Model):
    """One dated edition of the boundaries of one level. At most one edition of a level is current."""

    level = models.ForeignKey(DistrictLevel, models.PROTECT, related_name="releases", verbose_name=_("level"))
    name = models.CharField(_("name"), max_length=120)
    source = models.CharField(_("source"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    is_current = models.BooleanField(_("current"), default=False)
    imported_at = models.DateTimeField(_("imported at"), auto_now_add=True)

    class Meta:
        verbose_name = _("boundary release")
        verbose_name_plural = _("boundary releases")
        constraints = [
            models.UniqueConstraint(fields=["level", "name"], name="release_name_once_per_level"),
            models.UniqueConstraint(
                fields=["level"], condition=models.Q(is_current=True), name="one_current_release_per_level"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level.name} · {self.name}"


class DistrictQuerySet(models.QuerySet["District"]):
    """Answers about districts."""

    def current(self) -> DistrictQuerySet:
        """Districts of the releases in force."""
        return self.filter(release__is_current=True)


class District(models.Model):
    """A named area (MultiPolygon, SRID 4326) of one boundary release."""

    release = models.ForeignKey(BoundaryRelease, models.CASCADE, related_name="districts", verbose_name=_("release"))
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    search_name = models.CharField(max_length=400, editable=False, default="")
    geometry = models.MultiPolygonField(_("boundary"), srid=4326)
    area_m2 = models.FloatField(_("area in m²"), editable=False)
    is_clipped = models.BooleanField(
        _("closed along the edge of the file"),
        default=False,
        help_text=_("The source ended here: this boundary is not the district's true one."),
    )

    objects = DistrictQuerySet.as_manager()

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["release__level__rank", "name"]
        constraints = [models.UniqueConstraint(fields=["release", "code"], name="district_code_once_per_release")]

    def __str__(self) -> str:
        return self.name


class DistrictPiece(models.Model):
    """A piece of a district (Polygon, SRID 4326) small enough for quick look-ups, made by ST_Subdivide."""

    district = models.ForeignKey(District, models.CASCADE, related_name="pieces")
    geometry = models.PolygonField(srid=4326)
