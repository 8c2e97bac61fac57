"""Rounds: who delivers which letterboxes of a mailing, in which order."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.mailings.enums import RoundSide
from geoparticipation.mailings.models.mailing import Mailing, MailingLetterbox, MailingSegment


class Round(models.Model):
    """What one person delivers on one walk (its whole path: LineString, SRID 4326; null where it is at one place).

    `length_m` is walked along streets from the first letterbox to the last, with the ways from a chosen start and to a
    chosen end. `seconds` is what it takes by the pace of the settings when it was planned.
    """

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="rounds")
    number = models.PositiveIntegerField(_("number"))
    letterbox_count = models.PositiveIntegerField(_("letterboxes"))
    flyer_count = models.PositiveIntegerField(_("flyers"))
    length_m = models.FloatField(_("length in metres"))
    seconds = models.FloatField(_("time in seconds"))
    crossings = models.PositiveIntegerField(_("streets crossed"))
    geometry = models.LineStringField(_("path"), srid=4326, null=True, blank=True, spatial_index=False)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["mailing", "number"]
        constraints = [models.UniqueConstraint(fields=["mailing", "number"], name="round_number_once_per_mailing")]


class RoundStop(models.Model):
    """A side of a segment, or both at once, walked in one go (LineString or Point, SRID 4326).

    `order` counts the stops of a round from 1 on. A segment may be two stops: out on one side, back on the other.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="stops")
    order = models.PositiveIntegerField(_("order"))
    segment = models.ForeignKey(MailingSegment, models.CASCADE, related_name="stops")
    side = models.CharField(_("side"), max_length=5, choices=RoundSide)
    letterbox_count = models.PositiveIntegerField(_("letterboxes"))
    flyer_count = models.PositiveIntegerField(_("flyers"))
    geometry = models.GeometryField(_("path"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("stop of a round")
        verbose_name_plural = _("stops of a round")
        ordering = ["round", "order"]
        constraints = [models.UniqueConstraint(fields=["round", "order"], name="stop_order_once_per_round")]


class RoundLetterbox(models.Model):
    """A letterbox in its round; `order` counts from 1 on in the whole round. No letterbox is in two rounds."""

    letterbox = models.OneToOneField(MailingLetterbox, models.CASCADE, related_name="on_round")
    stop = models.ForeignKey(RoundStop, models.CASCADE, related_name="letterboxes")
    order = models.PositiveIntegerField(_("order"))

    class Meta:
        verbose_name = _("letterbox of a round")
        verbose_name_plural = _("letterboxes of a round")
        ordering = ["stop", "order"]
