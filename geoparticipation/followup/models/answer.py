"""What the commune answered, and whom it told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.followup.enums import Decision
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
