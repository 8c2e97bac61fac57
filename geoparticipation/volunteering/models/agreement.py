"""A volunteer and an association who agree on a mission, and what they write to each other."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geoparticipation.volunteering.enums import AgreementState, Side
from geoparticipation.volunteering.models.exchange import Mission, VolunteerOffer


class Agreement(models.Model):
    """One volunteer on one mission. Neither side sees the other's e-mail address before both have said so.

    `offer` is what led to it, where something did. `hours` and `thanks` are the association's once it is done.
    """

    code = models.UUIDField(_("code"), default=uuid.uuid4, unique=True, editable=False)
    mission = models.ForeignKey(Mission, models.CASCADE, related_name="agreements")
    volunteer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="agreements")
    offer = models.ForeignKey(VolunteerOffer, models.SET_NULL, null=True, blank=True, related_name="agreements")
    asked_by = models.CharField(_("asked by"), max_length=11, choices=Side)
    state = models.CharField(_("state"), max_length=10, choices=AgreementState, default=AgreementState.ASKED)
    volunteer_shows_email = models.BooleanField(default=False)
    email_shown_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    hours = models.DecimalField(_("hours"), max_digits=6, decimal_places=2, null=True, blank=True)
    thanks = models.TextField(_("thanks"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "volunteer"],
                condition=~Q(state__in=[AgreementState.DECLINED, AgreementState.CANCELLED]),
                name="one_agreement_per_volunteer_and_mission",
            ),
            models.CheckConstraint(
                condition=Q(hours__isnull=True) | Q(state=AgreementState.DONE, hours__gt=0, hours__lte=1000),
                name="agreement_hours_once_done",
            ),
        ]

    @property
    def names_volunteer(self) -> bool:
        """Whether the association may know the volunteer's name: who asked, or agreed, has told it."""
        return self.asked_by == Side.VOLUNTEER or self.state in {AgreementState.ACCEPTED, AgreementState.DONE}

    @property
    def shows_emails(self) -> bool:
        """Whether both sides want the other to have their e-mail address."""
        return self.volunteer_shows_email and self.email_shown_by_id is not None


class Message(models.Model):
    """A few lines from one side to the other, which the platform mails on without telling an address."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="messages")
    side = models.CharField(_("from"), max_length=11, choices=Side)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    body = models.TextField(_("message"), max_length=2000)
    sent_at = models.DateTimeField(_("sent at"), auto_now_add=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["sent_at", "pk"]
