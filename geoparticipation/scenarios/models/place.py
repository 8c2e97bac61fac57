"""A place where the variants of a plan differ."""

from __future__ import annotations

import uuid

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.models import Contribution
from geoparticipation.scenarios.models.plan import Plan
from geoparticipation.scenarios.models.variant import Variant


class PlanPlace(models.Model):
    """A named spot of a plan. `geometry` (SRID 4326, any type, in the territory) stays as it was made.

    `contribution` is what comments answer: it has the same code, and is there once the plan is published. `told` is
    what everybody reads of the preferences: a row for each variant and for none, see `telling`.
    """

    code = models.UUIDField(_("code"), default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="places")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("what it is about"), max_length=2000, blank=True)
    geometry = models.GeometryField(_("where"), srid=4326)
    contribution = models.OneToOneField(
        Contribution, models.PROTECT, null=True, blank=True, related_name="plan_place", editable=False
    )
    told = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("place of a plan")
        verbose_name_plural = _("places of plans")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "position"], name="place_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["plan", "name"], name="plan_place_name_once"),
            models.CheckConstraint(condition=models.Q(geometry__isvalid=True), name="plan_place_is_valid"),
        ]

    def __str__(self) -> str:
        return self.name


class PlaceNote(models.Model):
    """What a variant does at a place, in the agent's words."""

    place = models.ForeignKey(PlanPlace, models.CASCADE, related_name="notes")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="notes")
    text = models.CharField(_("what it does here"), max_length=500)

    class Meta:
        verbose_name = _("what a variant does at a place")
        verbose_name_plural = _("what variants do at places")
        constraints = [models.UniqueConstraint(fields=["place", "variant"], name="one_note_per_place_and_variant")]
