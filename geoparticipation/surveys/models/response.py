"""What somebody answered, and who has answered already."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.enums import LocatedBy, Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.surveys.models.survey import Survey
from neighbourhoods.models import District, Street


class SurveyResponseQuerySet(models.QuerySet["SurveyResponse"]):
    """Answers about responses."""

    def counted(self) -> SurveyResponseQuerySet:
        """Those that count in results: not taken back, and not taken out by a moderator."""
        return self.filter(contribution__status=Status.COUNTED)


class SurveyResponse(models.Model):
    """What a response adds to its contribution (kind "response"), which has place, author, language, origin and date.

    `answers` is JSON by question key, of shown questions only: a choice's key or `{"other": text}`; a list of these;
    keys in order; a number; a text; a date as text; `{row: choice}`; `{item: amount}`; the code of a photo attached to
    the contribution; true. Places are rows of PlaceAnswer and not in it.
    """

    contribution = models.OneToOneField(
        Contribution, models.CASCADE, primary_key=True, related_name="survey_response", verbose_name=_("contribution")
    )
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="responses", verbose_name=_("survey"))
    answers = models.JSONField(_("answers"), default=dict)

    objects = SurveyResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")

    def __str__(self) -> str:
        return str(self.contribution.code)


class PlaceAnswer(models.Model):
    """One place of one answer: a place question's, or a photo's. `geometry` (any type, SRID 4326) is for agents.

    `district` (the smallest current one) and `street` are as for a contribution. `survey` is the response's.
    """

    response = models.ForeignKey(SurveyResponse, models.CASCADE, related_name="places", verbose_name=_("response"))
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="place_answers", verbose_name=_("survey"))
    question = models.CharField(_("question"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    geometry = models.GeometryField(_("place"), srid=4326)
    located_by = models.CharField(_("located by"), max_length=10, choices=LocatedBy)
    district = models.ForeignKey(District, models.SET_NULL, null=True, blank=True, related_name="+")
    street = models.ForeignKey(Street, models.SET_NULL, null=True, blank=True, related_name="+")
    follow_up = models.JSONField(_("further answers"), default=dict)

    class Meta:
        verbose_name = _("place of an answer")
        verbose_name_plural = _("places of answers")
        indexes = [models.Index(fields=["survey", "question"], name="place_answer_of_question")]
        constraints = [
            models.UniqueConstraint(fields=["response", "question", "position"], name="place_answer_once"),
            models.CheckConstraint(condition=models.Q(geometry__isvalid=True), name="place_answer_geometry_is_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.position}"


class SurveyVoice(models.Model):
    """Somebody has answered: a keyed hash of the survey and of the person, device or household, and nothing else.

    It does not say which response is theirs, so that the answers of a home stay unknown also to who has the key.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="voices")
    key_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "key_hash"], name="survey_voice_once")]
