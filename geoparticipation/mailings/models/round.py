"""Rounds: who delivers which letterboxes of a mailing, in which order."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geoparticipation.mailings.enums import PlanState, RoundSide
from geoparticipation.mailings.models.mailing import Mailing, MailingLetterbox, MailingSegment

PLACE_LENGTH = 200


class RoundPlan(models.Model):
    """How a mailing is to be split (or was): what somebody asked for, how far it is, how good the rounds became.

    Either `rounds` or `minutes` is given. `start` and `end` (points, SRID 4326; null: where it suits a round) are those
    of every round, with the words by which they were chosen. `asked_at` tells one wish from the next: whoever plans
    for an earlier one leaves the state alone. `imbalance` is how far the furthest round's time is from the mean, as a
    share of it; `indivisible_seconds` is what the longest way without doors takes, which one round has whole or none.
    Once delivery has begun the rounds stay as they are.
    """

    mailing = models.OneToOneField(Mailing, models.CASCADE, related_name="round_plan")
    rounds = models.PositiveIntegerField(_("number of rounds"), null=True, blank=True)
    minutes = models.FloatField(_("minutes of a round at the most"), null=True, blank=True)
    start = models.PointField(_("start"), srid=4326, null=True, blank=True, spatial_index=False)
    start_words = models.CharField(_("start in words"), max_length=PLACE_LENGTH, blank=True)
    end = models.PointField(_("end"), srid=4326, null=True, blank=True, spatial_index=False)
    end_words = models.CharField(_("end in words"), max_length=PLACE_LENGTH, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=PlanState, default=PlanState.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    refusal = models.CharField(_("why there are none"), max_length=400, blank=True)
    length_m = models.FloatField(_("length in metres"), null=True, blank=True)
    lower_bound_m = models.FloatField(_("least length in metres"), null=True, blank=True)
    imbalance = models.FloatField(_("furthest from the mean time"), null=True, blank=True)
    indivisible_seconds = models.FloatField(_("longest stretch in seconds"), null=True, blank=True)
    begun_at = models.DateTimeField(_("delivery began at"), null=True, blank=True, editable=False)
    beelines = models.PositiveIntegerField(_("straight lines between streets"), default=0)

    class Meta:
        verbose_name = _("plan of rounds")
        verbose_name_plural = _("plans of rounds")

    @property
    def is_pending(self) -> bool:
        """Whether one should look again later."""
        return self.state in {PlanState.WAITING, PlanState.PLANNING}

    @property
    def length_km(self) -> float:
        """What is walked in all rounds."""
        return (self.length_m or 0) / 1000

    @property
    def least_km(self) -> float:
        """What no plan of as many rounds is shorter than."""
        return (self.lower_bound_m or 0) / 1000


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
