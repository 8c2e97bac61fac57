"""A target turned into letterboxes at one moment, the segments of its streets, and a code for each flyer."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.enums import FlyersPer, StreetSide
from neighbourhoods.models import Address, District, Street, Target


def _new_salt() -> str:
    return secrets.token_hex(16)


class Mailing(models.Model):
    """Flyers for a consultation, to the letterboxes that a target had when the mailing was made.

    `salt` is what its codes are worked out from, together with the site's privacy key. `only_unanswered_of` is the
    earlier mailing whose answering letterboxes were left out. The counts are those of its rows and never change.
    `delivered_on` is the day from which all its flyers count as delivered.
    """

    name = models.CharField(_("name"), max_length=200)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="mailings")
    target = models.ForeignKey(Target, models.PROTECT, related_name="mailings")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    flyers_per = models.CharField(_("how many flyers"), max_length=10, choices=FlyersPer, default=FlyersPer.LETTERBOX)
    only_unanswered_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reminders", verbose_name=_("reminder of")
    )
    salt = models.CharField(max_length=32, default=_new_salt, editable=False)
    letterbox_count = models.PositiveIntegerField(_("letterboxes"), default=0, editable=False)
    flyer_count = models.PositiveIntegerField(_("flyers"), default=0, editable=False)
    no_flyers_left_out = models.PositiveIntegerField(_("“no flyers” left out"), default=0, editable=False)
    duplicates_left_out = models.PositiveIntegerField(_("duplicates left out"), default=0, editable=False)
    answered_left_out = models.PositiveIntegerField(_("left out because they answered"), default=0, editable=False)

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class MailingSegment(models.Model):
    """A piece of a street of a mailing (LineString, SRID 4326; null where the register knows no course).

    `public_geometry` (lines, and squares where no course is known; SRID 4326) is where an answer from here is shown:
    the segment, or the group of neighbours that it belongs to where it has fewer letterboxes than may be told apart.
    The same for all of a group; `public_street` is the street where the group has one only, since the name of a street
    with a single home would tell what the shape does not. Street names are those of the moment.
    `is_told` says that its response may be read: it is delivered, and neither the figures nor their difference from
    others tell of a few letterboxes.
    """

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="segments")
    street = models.ForeignKey(Street, models.SET_NULL, null=True, blank=True, related_name="+")
    street_name = models.CharField(_("street"), max_length=200)
    locality = models.CharField(_("locality"), max_length=120, blank=True)
    number = models.PositiveSmallIntegerField(_("number along the street"))
    geometry = models.LineStringField(_("course"), srid=4326, null=True, blank=True, spatial_index=False)
    public_geometry = models.GeometryField(_("place in public"), srid=4326)
    public_street = models.ForeignKey(
        Street, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("street in public")
    )
    letterbox_count = models.PositiveIntegerField(_("letterboxes"), default=0)
    flyer_count = models.PositiveIntegerField(_("flyers"), default=0)
    is_told = models.BooleanField(_("response may be read"), default=False, editable=False)

    class Meta:
        verbose_name = _("segment of a street")
        verbose_name_plural = _("segments of streets")
        ordering = ["street_name", "locality", "number", "pk"]


class MailingLetterbox(models.Model):
    """A letterbox as it was when the mailing was made (Point, SRID 4326), whatever becomes of the register.

    `position` is its place in the list, by street and number, from 1 on; `side` the side of its segment. With its codes
    `voices` answers may be given, as the consultation said when the mailing was made; `voices_used` were.
    `delivered_on` is worked out of what was noted on its round, whose every act may change it.
    """

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="letterboxes")
    position = models.PositiveIntegerField()
    address = models.ForeignKey(Address, models.SET_NULL, null=True, blank=True, related_name="mailed")
    segment = models.ForeignKey(MailingSegment, models.CASCADE, related_name="letterboxes")
    side = models.CharField(_("side"), max_length=5, choices=StreetSide)
    district = models.ForeignKey(District, models.SET_NULL, null=True, blank=True, related_name="+")
    district_name = models.CharField(_("district"), max_length=200, blank=True)
    house_number = models.CharField(_("house number"), max_length=40, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    box = models.CharField(_("box"), max_length=40, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    lines = models.JSONField(_("address lines"), default=list)
    dwellings = models.PositiveIntegerField(_("dwellings"), default=1)
    flyers = models.PositiveIntegerField(_("flyers"), default=1)
    voices = models.PositiveIntegerField(_("voices"), default=1)
    voices_used = models.PositiveIntegerField(_("voices used"), default=0)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True, editable=False)
    geometry = models.PointField(_("place"), srid=4326, spatial_index=False)

    class Meta:
        verbose_name = _("letterbox of a mailing")
        verbose_name_plural = _("letterboxes of a mailing")
        ordering = ["mailing", "position"]
        constraints = [
            models.UniqueConstraint(fields=["mailing", "position"], name="letterbox_position_once_per_mailing"),
            models.CheckConstraint(condition=Q(voices_used__lte=F("voices")), name="letterbox_has_no_more_voices"),
        ]


class LetterboxCode(models.Model):
    """The code of one flyer, kept as a keyed hash, never tied to a person or to what was answered with it.

    `number` counts the flyers of a letterbox from 1 on. `uses_allowed` answers may be given with it, as far as the
    letterbox still has voices. The day of opening
    and of answering is kept, not the hour, which would tell the answer that came at that moment. `attempt` is what
    `codes.derive_code` needs to work the code out again.
    """

    letterbox = models.ForeignKey(MailingLetterbox, models.CASCADE, related_name="codes")
    number = models.PositiveSmallIntegerField()
    attempt = models.PositiveSmallIntegerField(default=0)
    code_hash = models.CharField(max_length=64, unique=True)
    uses_allowed = models.PositiveSmallIntegerField(default=1)
    uses = models.PositiveSmallIntegerField(default=0)
    opened_on = models.DateField(_("first opened"), null=True, blank=True)
    answered_on = models.DateField(_("first answered"), null=True, blank=True)
    has_proved = models.BooleanField(_("used as proof of residence"), db_default=False, editable=False)

    class Meta:
        verbose_name = _("letterbox code")
        verbose_name_plural = _("letterbox codes")
        constraints = [
            models.UniqueConstraint(fields=["letterbox", "number"], name="code_number_once_per_letterbox"),
            models.CheckConstraint(condition=Q(uses__lte=F("uses_allowed")), name="code_is_not_used_too_often"),
            models.CheckConstraint(
                condition=Q(uses=0, answered_on__isnull=True) | Q(uses__gt=0, answered_on__isnull=False),
                name="code_answered_when_used",
            ),
        ]

    @property
    def is_used_up(self) -> bool:
        """Whether every answer that it stands for was given, with it or with another flyer of its letterbox."""
        return self.uses >= self.uses_allowed or self.letterbox.voices_used >= self.letterbox.voices
