"""Who fetched which mailing list."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.mailings.enums import Channel, FileFormat
from neighbourhoods.models import Target


class MailingListDownload(models.Model):
    """One download: who (null: from the command line), when, which target, how many letterboxes."""

    downloaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    downloaded_at = models.DateTimeField(_("downloaded at"), auto_now_add=True)
    target = models.ForeignKey(Target, models.SET_NULL, null=True, blank=True, related_name="downloads")
    target_name = models.CharField(_("target"), max_length=400)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    file_format = models.CharField(_("format"), max_length=12, choices=FileFormat)
    letterboxes = models.PositiveIntegerField(_("letterboxes"))
    duplicates_left_out = models.PositiveIntegerField(_("duplicates left out"), default=0)
    no_flyers_left_out = models.PositiveIntegerField(_("“no flyers” left out"), default=0)

    class Meta:
        verbose_name = _("download of a mailing list")
        verbose_name_plural = _("downloads of mailing lists")
        ordering = ["-downloaded_at"]
