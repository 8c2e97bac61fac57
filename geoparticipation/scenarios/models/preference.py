"""What somebody prefers at a place."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.models import Device
from geoparticipation.scenarios.models.place import PlanPlace
from geoparticipation.scenarios.models.plan import Plan
from geoparticipation.scenarios.models.variant import Variant


class Preference(models.Model):
    """One per person (or device, at identity level 0) and place; `variant` None is "none of these".

    That place and variant are of this plan are constraints of the database (migration 0002). When somebody answered
    is not kept.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="preferences")
    place = models.ForeignKey(PlanPlace, models.CASCADE, related_name="preferences")
    variant = models.ForeignKey(Variant, models.RESTRICT, null=True, blank=True, related_name="preferences")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="plan_preferences"
    )
    device = models.ForeignKey(Device, models.CASCADE, null=True, blank=True, related_name="plan_preferences")

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            models.UniqueConstraint(fields=["place", "user"], name="one_preference_per_person"),
            models.UniqueConstraint(fields=["place", "device"], name="one_preference_per_device"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, device__isnull=True)
                | models.Q(user__isnull=True, device__isnull=False),
                name="preference_is_of_a_person_or_a_device",
            ),
        ]
        indexes = [models.Index(fields=["place", "variant"], name="preference_count_idx")]
