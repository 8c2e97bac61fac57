"""A meeting, and what it decided."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.gis.db import models
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.enums import Role
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.models import Contribution
from geoparticipation.councils.models import Council
from geoparticipation.councils.rules import councils_of
from geoparticipation.meetings.enums import MeetingState


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Answers about meetings."""

    def public(self) -> MeetingQuerySet:
        """What everybody may see: announced or cancelled, and of no consultation that is a draft."""
        return self.exclude(state=MeetingState.DRAFT).exclude(consultation__state=ConsultationState.DRAFT)

    def visible_to(self, user: object) -> MeetingQuerySet:
        """Agents see all, councillors the drafts of their council, everybody else what is public."""
        if getattr(user, "is_agent", False):
            return self
        if getattr(user, "role", None) == Role.COUNCILLOR:
            public = self.public().order_by().values("pk")
            return self.filter(models.Q(pk__in=public) | models.Q(council__in=councils_of(user).values("pk")))
        return self.public()

    def to_come(self, at: datetime) -> MeetingQuerySet:
        """Those that have not ended, the next first."""
        return self.filter(ends_at__gt=at).order_by("starts_at", "pk")

    def over(self, at: datetime) -> MeetingQuerySet:
        """Those that have ended, the latest first."""
        return self.filter(ends_at__lte=at).order_by("-starts_at", "-pk")


class Meeting(models.Model):
    """Somewhere (`place_name` and `geometry`, SRID 4326, any type), online (`link`), or both.

    `capacity` null takes everybody; `registers` false asks nobody to register. `minutes` are public once written.
    `council` is the one whose meeting it is; null: the town hall's. `changes` counts what a calendar must learn of
    (RFC 5545, SEQUENCE).
    """

    code = models.UUIDField(_("code"), default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(
        Consultation, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("consultation")
    )
    council = models.ForeignKey(
        Council, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("neighbourhood council")
    )
    state = models.CharField(_("state"), max_length=9, choices=MeetingState, default=MeetingState.DRAFT)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("what it is about"), max_length=5000, blank=True)
    programme = models.TextField(_("programme"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place_name = models.CharField(_("place"), max_length=200, blank=True)
    geometry = models.GeometryField(_("place on the map"), srid=4326, null=True, blank=True)
    link = models.URLField(_("link"), blank=True)
    registers = models.BooleanField(_("people register"), default=False)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True, validators=[MinValueValidator(1)])
    minutes = models.TextField(_("minutes"), max_length=20_000, blank=True)
    changes = models.PositiveIntegerField(default=0, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["ends_at"], name="meeting_end_idx")]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="meeting_ends_later"),
            models.CheckConstraint(
                condition=models.Q(geometry__isnull=False) | ~models.Q(link=""), name="meeting_is_somewhere"
            ),
            models.CheckConstraint(
                condition=models.Q(geometry__isnull=True) | models.Q(geometry__isvalid=True),
                name="meeting_geometry_is_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__isnull=True) | models.Q(capacity__gte=1), name="meeting_has_a_place"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Decision(models.Model):
    """One thing that a meeting decided, and the idea that it is about."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions")
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.CharField(_("decision"), max_length=500)
    contribution = models.ForeignKey(
        Contribution, models.SET_NULL, null=True, blank=True, related_name="decisions", verbose_name=_("idea")
    )

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "position"], name="decision_position_once")]
