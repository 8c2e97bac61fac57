"""Who comes to a meeting."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.meetings.enums import RegistrationState
from geoparticipation.meetings.models.meeting import Meeting


class Registration(models.Model):
    """A person with an account comes, or somebody (`name`) whom an agent entered after a call.

    Who waits gets a place in the order of `queued_at`, which begins anew when somebody who withdrew comes back.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="registrations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="meeting_registrations"
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=RegistrationState)
    queued_at = models.DateTimeField(_("registered at"))
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["queued_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="one_registration_per_person"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, name="") | (models.Q(user__isnull=True) & ~models.Q(name="")),
                name="registration_is_of_an_account_or_a_name",
            ),
        ]
