"""A person's "I agree"."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.models import Device
from geoparticipation.contributions.models.contribution import Contribution


class Support(models.Model):
    """One per person (or device, at identity level 0) and contribution."""

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="supports")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="supports")
    device = models.ForeignKey(Device, models.CASCADE, null=True, blank=True, related_name="supports")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("support")
        verbose_name_plural = _("supports")
        constraints = [
            models.UniqueConstraint(fields=["contribution", "user"], name="one_support_per_person"),
            models.UniqueConstraint(fields=["contribution", "device"], name="one_support_per_device"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, device__isnull=True)
                | models.Q(user__isnull=True, device__isnull=False),
                name="support_is_of_a_person_or_a_device",
            ),
        ]
