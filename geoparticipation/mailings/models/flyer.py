"""What the flyers of a mailing look like."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geoparticipation.mailings.enums import FlyerTemplate
from geoparticipation.mailings.models.mailing import Mailing

TITLE_LENGTH = 160
TEXT_LENGTH = 2000


class FlyerDesign(models.Model):
    """Template and texts of a mailing's flyers. Texts are plain and cleaned by `save_flyer_design`.

    An empty title or text is the consultation's title or summary. With a `second_language` its texts stand beside the
    first. `addressed` prints each letterbox's address where the window of an envelope is.
    """

    mailing = models.OneToOneField(Mailing, models.CASCADE, related_name="flyer_design")
    template = models.CharField(_("template"), max_length=2, choices=FlyerTemplate, default=FlyerTemplate.A5)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, blank=True)
    text = models.TextField(_("text"), max_length=TEXT_LENGTH, blank=True)
    second_language = models.CharField(_("second language"), max_length=5, blank=True, choices=settings.LANGUAGES)
    second_title = models.CharField(_("title in the second language"), max_length=TITLE_LENGTH, blank=True)
    second_text = models.TextField(_("text in the second language"), max_length=TEXT_LENGTH, blank=True)
    with_map = models.BooleanField(_("map of the target"), default=True)
    addressed = models.BooleanField(_("with the address of each letterbox"), default=False)

    class Meta:
        verbose_name = _("design of flyers")
        verbose_name_plural = _("designs of flyers")
        constraints = [
            models.CheckConstraint(
                condition=Q(addressed=False) | Q(template=FlyerTemplate.A4),
                name="addressed_flyer_goes_into_an_envelope",
            )
        ]
