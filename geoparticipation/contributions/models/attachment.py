"""Photos of contributions, and photos that wait for the text they belong to."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.models import Device
from geoparticipation.contributions.models.contribution import Contribution

DESCRIPTION_LENGTH = 300


class Photo(models.Model):
    """What a kept photo is known by; its files are in `photos.storage`, under its code.

    `width` and `height`, in pixels, and `sha256` are those of the large picture. The original is not kept.
    """

    code = models.UUIDField(_("code"), default=uuid.uuid4, unique=True, editable=False)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        abstract = True


class Attachment(Photo):
    """A photo of a contribution, seen by exactly those who may see it; `description` is for who cannot see it."""

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="photos")
    position = models.PositiveSmallIntegerField(_("position"))
    description = models.CharField(_("description"), max_length=DESCRIPTION_LENGTH, blank=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["contribution", "position"], name="photo_position_once"),
            models.UniqueConstraint(fields=["contribution", "sha256"], name="photo_once_in_a_contribution"),
        ]


class HeldPhoto(Photo):
    """A photo that arrived before its text was taken: kept a day for the person or the browser that sent it.

    `taken_at` (point, SRID 4326) is where the photo says it was taken; it is offered as the place, and forgotten with
    this row.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, models.CASCADE, null=True, blank=True, related_name="+")
    taken_at = models.PointField(_("taken at"), srid=4326, null=True, blank=True, spatial_index=False)

    class Meta:
        verbose_name = _("photo that waits for its text")
        verbose_name_plural = _("photos that wait for their text")
        indexes = [models.Index(fields=["created_at"], name="held_photo_age_idx")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | models.Q(device__isnull=False),
                name="held_photo_has_a_holder",
            ),
        ]


class PhotoRemoval(models.Model):
    """The trace of a photo that was taken off: whose, by whom, when and why. `reason` is told to the author."""

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="photo_removals")
    photo_code = models.UUIDField(_("code"))
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_author = models.BooleanField(_("by its author"), default=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    removed_at = models.DateTimeField(_("removed at"), auto_now_add=True)

    class Meta:
        verbose_name = _("removed photo")
        verbose_name_plural = _("removed photos")
        ordering = ["removed_at", "pk"]
