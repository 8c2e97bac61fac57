"""What is made of an idea, with pictures of before and after."""

from __future__ import annotations

from django.contrib.gis.db.models import GeometryField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.contributions.enums import PhotoMoment, Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.models.attachment import DESCRIPTION_LENGTH, Photo
from geoparticipation.followup.enums import Progress


class MeasureQuerySet(models.QuerySet["Measure"]):
    """Answers about measures."""

    def public(self) -> MeasureQuerySet:
        """Those of ideas that everybody may read."""
        return self.filter(
            contribution__status=Status.PUBLISHED,
            contribution__consultation__state__in=[ConsultationState.PUBLISHED, ConsultationState.ARCHIVED],
        )

    def on_map(self) -> MeasureQuerySet:
        """Public ones that can be seen in the town: being built, or done."""
        return self.public().filter(progress__in=[Progress.UNDER_WAY, Progress.DONE])

    def with_place(self) -> MeasureQuerySet:
        """Each with `place`, where everybody sees it: its own (`has_own_place`), else its idea's (SRID 4326)."""
        place = Coalesce("geometry", "contribution__public_geometry", output_field=GeometryField(srid=4326))
        return self.annotate(place=place, has_own_place=models.Q(geometry__isnull=False))


class Measure(models.Model):
    """What is made of an idea that was accepted or won a budget's vote: how far it is, where it stands, what it cost.

    `geometry` (any type, SRID 4326) is the place of what was built; null: that of the idea, as everybody sees it.
    """

    contribution = models.OneToOneField(Contribution, models.CASCADE, related_name="measure")
    progress = models.CharField(_("progress"), max_length=9, choices=Progress)
    text = models.TextField(_("in words"), max_length=2000, blank=True)
    geometry = GeometryField(_("place"), srid=4326, null=True, blank=True)
    spent = models.DecimalField(
        _("spent in euros"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    done_on = models.DateField(_("done on"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(progress=Progress.DONE, done_on__isnull=False)
                | (~models.Q(progress=Progress.DONE) & models.Q(done_on__isnull=True)),
                name="measure_done_has_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(geometry__isnull=True) | models.Q(geometry__isvalid=True),
                name="measure_geometry_is_valid",
            ),
        ]

    def __str__(self) -> str:
        return str(self.contribution)


class MeasurePhoto(Photo):
    """A picture of the place before or after; `description` is for who cannot see it, and never empty."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="photos")
    moment = models.CharField(_("when"), max_length=6, choices=PhotoMoment)
    position = models.PositiveSmallIntegerField(_("position"))
    description = models.CharField(_("description"), max_length=DESCRIPTION_LENGTH)

    class Meta:
        verbose_name = _("photo of a measure")
        verbose_name_plural = _("photos of measures")
        ordering = ["-moment", "position"]  # before, then after
        constraints = [
            models.UniqueConstraint(fields=["measure", "position"], name="measure_photo_position_once"),
            models.UniqueConstraint(fields=["measure", "sha256"], name="photo_once_in_a_measure"),
            models.CheckConstraint(condition=~models.Q(description=""), name="measure_photo_is_described"),
        ]
