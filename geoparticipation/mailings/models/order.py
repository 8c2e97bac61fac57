"""A mailing that an agent asked for, until it is made."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.enums import FlyersPer, OrderState
from geoparticipation.mailings.models.mailing import Mailing
from neighbourhoods.models import Target


class MailingOrder(models.Model):
    """What `make_mailing` is to be called with, so that the worker can make a large mailing outside of a request.

    `refusal` says to a person, in `language`, why it could not be made.
    """

    name = models.CharField(_("name"), max_length=200)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="+")
    target = models.ForeignKey(Target, models.CASCADE, related_name="+")
    flyers_per = models.CharField(_("how many flyers"), max_length=10, choices=FlyersPer, default=FlyersPer.LETTERBOX)
    respect_no_flyers = models.BooleanField(_("without those who want no flyers"), default=True)
    only_unanswered_of = models.ForeignKey(Mailing, models.CASCADE, null=True, blank=True, related_name="+")
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    ordered_at = models.DateTimeField(_("asked for at"), auto_now_add=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=OrderState, default=OrderState.WAITING)
    refusal = models.CharField(_("reason"), max_length=400, blank=True)
    mailing = models.OneToOneField(Mailing, models.CASCADE, null=True, blank=True, related_name="order")

    class Meta:
        verbose_name = _("mailing asked for")
        verbose_name_plural = _("mailings asked for")
        ordering = ["-ordered_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=OrderState.MADE, mailing__isnull=False)
                | (~Q(state=OrderState.MADE) & Q(mailing__isnull=True)),
                name="order_has_its_mailing_when_made",
            )
        ]

    def __str__(self) -> str:
        return self.name
