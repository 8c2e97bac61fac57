"""What the commune answered, whom it told, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db.models import GeometryField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.followup.enums import Decision, Progress
from geoparticipation.followup.models.case import Case
from geoparticipation.followup.models.commitment import CollegeMeeting


class OfficialAnswer(models.Model):
    """The commune's reply, public, signed by a person in charge (`signed_by`: name and office)."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="answer")
    decision = models.CharField(_("decision"), max_length=8, choices=Decision)
    text = models.TextField(_("answer"), max_length=5000)
    signed_by = models.CharField(_("signed by"), max_length=120)
    meeting = models.ForeignKey(
        CollegeMeeting,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        verbose_name=_("college meeting"),
    )
    answered_on = models.DateField(_("day"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("official answer")
        verbose_name_plural = _("official answers")
        indexes = [models.Index(fields=["-answered_on", "-id"], name="answer_latest_idx")]


class AnswerNotice(models.Model):
    """One person who is told of an answer, once."""

    answer = models.ForeignKey(OfficialAnswer, models.CASCADE, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "user"], name="one_notice_per_person")]


class Measure(models.Model):
    """What is made of an accepted idea: how far it is, where it stands, what it cost.

    `geometry` (any type, SRID 4326) is the place of what was built; null: that of the idea.
    """

    case = models.OneToOneField(Case, models.CASCADE, related_name="measure")
    progress = models.CharField(_("progress"), max_length=9, choices=Progress)
    text = models.TextField(_("in words"), max_length=2000, blank=True)
    geometry = GeometryField(_("place"), srid=4326, null=True, blank=True)
    spent = models.DecimalField(
        _("spent in euros"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    done_on = models.DateField(_("done on"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

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
