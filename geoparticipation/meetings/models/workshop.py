"""An online workshop: the notes on its map, their groups, dots, and the log of every change."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.gis.db import models
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.models import Device
from geoparticipation.contributions.models import Contribution
from geoparticipation.meetings.enums import GroupColour, NoteState, VoteState, WorkshopAccess, WorkshopState
from geoparticipation.meetings.models.meeting import Meeting

MOST_GROUPS = 12
MOST_DOTS = 20


class Workshop(models.Model):
    """The shared map of a meeting. `seq` is the number of the last row of its log.

    Whoever changes anything holds the lock on this row: so the numbers of the log have no gaps, and are committed in
    their order.
    """

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="workshop")
    state = models.CharField(_("state"), max_length=8, choices=WorkshopState, default=WorkshopState.PREPARED)
    question = models.CharField(_("question"), max_length=200, blank=True)
    access = models.CharField(_("who takes part"), max_length=10, choices=WorkshopAccess, default=WorkshopAccess.LINK)
    shows_target = models.BooleanField(_("show the area of the consultation"), default=True)
    dots_each = models.PositiveSmallIntegerField(
        _("dots for each person"), default=3, validators=[MinValueValidator(1), MaxValueValidator(MOST_DOTS)]
    )
    is_locked = models.BooleanField(_("map locked"), default=False)
    vote = models.CharField(_("vote"), max_length=6, choices=VoteState, default=VoteState.NONE)
    seq = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("online workshop")
        verbose_name_plural = _("online workshops")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(dots_each__gte=1, dots_each__lte=MOST_DOTS), name="workshop_some_dots"
            ),
        ]

    def __str__(self) -> str:
        return str(self.meeting)


class NoteGroup(models.Model):
    """A named, coloured group of notes; its letter on the map comes from `position`."""

    workshop = models.ForeignKey(Workshop, models.CASCADE, related_name="groups")
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=60)
    colour = models.CharField(_("colour"), max_length=6, choices=GroupColour)

    class Meta:
        verbose_name = _("group of notes")
        verbose_name_plural = _("groups of notes")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["workshop", "position"], name="group_position_once"),
            models.CheckConstraint(condition=models.Q(position__lt=MOST_GROUPS), name="group_has_a_letter"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def letter(self) -> str:
        """A, B, C …"""
        return chr(ord("A") + self.position)


class Note(models.Model):
    """What somebody put on the map: a short text and a place (SRID 4326; a point, line or area).

    Everybody sees `public_geometry` only. It is of an account or else of a device. What is kept becomes the
    `contribution`, once.
    """

    workshop = models.ForeignKey(Workshop, models.CASCADE, related_name="notes")
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=6, choices=NoteState, default=NoteState.SHOWN)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=40, blank=True)
    text = models.CharField(_("text"), max_length=200)
    geometry = models.GeometryField(_("place"), srid=4326)
    public_geometry = models.GeometryField(_("place as everybody sees it"), srid=4326)
    where = models.CharField(_("place in words"), max_length=250, blank=True)
    group = models.ForeignKey(NoteGroup, models.SET_NULL, null=True, blank=True, related_name="notes")
    contribution = models.OneToOneField(
        Contribution, models.SET_NULL, null=True, blank=True, related_name="workshop_note"
    )
    is_kept = models.BooleanField(_("kept"), default=False)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["workshop", "state"], name="note_workshop_idx")]
        constraints = [
            models.CheckConstraint(condition=models.Q(geometry__isvalid=True), name="note_geometry_is_valid"),
            models.CheckConstraint(condition=models.Q(text__gt=""), name="note_says_something"),
        ]

    def __str__(self) -> str:
        return self.text


class Dot(models.Model):
    """One dot of one person for one note; of who gave it only a keyed hash is stored."""

    workshop = models.ForeignKey(Workshop, models.CASCADE, related_name="dots")
    note = models.ForeignKey(Note, models.CASCADE, related_name="dots")
    voter_hash = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("dot")
        verbose_name_plural = _("dots")
        constraints = [models.UniqueConstraint(fields=["note", "voter_hash"], name="one_dot_per_note_and_person")]
        indexes = [models.Index(fields=["workshop", "voter_hash"], name="dot_voter_idx")]


class Change(models.Model):
    """One row of a workshop's log: from number `seq` on, the thing `code` is as `payload` says.

    A payload is the whole public state of the thing, `{"gone": true}` when there is none. Rows are only added; a
    later change of the same thing takes the payload out of the earlier rows, so that what was hidden, taken back or
    reworded is not handed out any more.
    """

    workshop = models.ForeignKey(Workshop, models.CASCADE, related_name="changes")
    seq = models.PositiveBigIntegerField()
    what = models.CharField(max_length=8)
    code = models.UUIDField()
    payload = models.JSONField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["workshop", "seq"]
        constraints = [models.UniqueConstraint(fields=["workshop", "seq"], name="change_number_once")]
        indexes = [
            models.Index(
                fields=["workshop", "code"], name="change_latest_idx", condition=models.Q(payload__isnull=False)
            )
        ]
