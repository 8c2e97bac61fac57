"""The proof of residence that a person keeps on an account."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models import Target


class Residence(models.Model):
    """That somebody had a flyer of a mailing to this target: “verified by letterbox, inside this target”.

    Neither the letterbox nor the mailing is kept, and the day alone. `LetterboxCode.has_proved` says of a code that it
    gave one, and not to whom.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="residences")
    target = models.ForeignKey(Target, models.CASCADE, related_name="residences")
    verified_on = models.DateField(_("verified on"))

    class Meta:
        verbose_name = _("proof of residence")
        verbose_name_plural = _("proofs of residence")
        ordering = ["-verified_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "target"], name="residence_once_per_target")]
