"""Which consultations a council started."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.models import Consultation
from geoparticipation.councils.models.council import Council


class CouncilConsultation(models.Model):
    """A consultation that a council started; `asked_at` is when it asked the town hall to read it and put it online."""

    council = models.ForeignKey(Council, models.PROTECT, related_name="started")
    consultation = models.OneToOneField(Consultation, models.CASCADE, related_name="started_by_council")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("asked to be read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("consultation of a council")
        verbose_name_plural = _("consultations of councils")

    def __str__(self) -> str:
        return str(self.consultation)
