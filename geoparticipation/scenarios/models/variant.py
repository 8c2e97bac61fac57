"""One way to carry out a plan, and what would be built."""

from __future__ import annotations

import uuid

from django.contrib.gis.db import models
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from geoparticipation.scenarios.enums import COLOURS, VariantColour
from geoparticipation.scenarios.models.plan import Plan


class Variant(models.Model):
    """One of the variants of a plan, in the order of `position` (from 1 on); without features "as it is today"."""

    code = models.UUIDField(_("code"), default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="variants")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("what it does"), max_length=2000, blank=True)
    colour = models.CharField(_("colour"), max_length=8, choices=VariantColour)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "position"], name="variant_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["plan", "name"], name="variant_name_once"),
            models.UniqueConstraint(fields=["plan", "colour"], name="variant_colour_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def letter(self) -> str:
        """A for the first: what stands beside its colour."""
        return chr(ord("A") + self.position - 1)

    @property
    def colour_code(self) -> str:
        """Its colour as maps and files want it."""
        return COLOURS[VariantColour(self.colour)]


class VariantFeature(models.Model):
    """Something a variant would build: `geometry` of any type, SRID 4326, in the territory.

    `place_name` is what the file says in the column of places; places can be made from it.
    """

    code = models.UUIDField(_("code"), default=uuid.uuid4, unique=True, editable=False)
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="features")
    number = models.PositiveIntegerField(_("number"))
    label = models.CharField(_("label"), max_length=120)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    cost = models.DecimalField(
        _("cost"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    place_name = models.CharField(_("place"), max_length=80, blank=True)
    geometry = models.GeometryField(_("where"), srid=4326)

    class Meta:
        verbose_name = _("element of a variant")
        verbose_name_plural = _("elements of variants")
        ordering = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "number"], name="variant_feature_number_once"),
            models.CheckConstraint(condition=models.Q(geometry__isvalid=True), name="variant_geometry_is_valid"),
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0), name="variant_cost_is_no_gain"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class VariantFile(models.Model):
    """A GIS file that was read for a variant and is looked at before it is taken.

    `columns` are the names of its attributes, `chosen` which of them means what, `rows` its features: number,
    attributes, GeoJSON geometry or the reason why it is refused.
    """

    variant = models.OneToOneField(Variant, models.CASCADE, related_name="file")
    name = models.CharField(max_length=120)
    file_format = models.CharField(max_length=20)
    columns = models.JSONField(default=list)
    chosen = models.JSONField(default=dict)
    rows = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    made_at = models.DateTimeField(auto_now=True)
