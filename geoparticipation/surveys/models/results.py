"""What the database keeps to tell results quickly, and what of them everybody may read."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.surveys.enums import ResultsShown, SurveyState
from geoparticipation.surveys.models.survey import Survey


class SurveyTally(models.Model):
    """People who gave one answer, by the district, day and way they answered; kept by triggers (`results.tally_sql`).

    `question` is empty for all responses, `value` for everybody who answered the question (see `results.figures`).
    `district` is the key of the response's district or 0. `day` is a day in the town. Hexagons are counted by day only.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="tallies")
    question = models.CharField(max_length=40)
    part = models.CharField(max_length=60)
    value = models.CharField(max_length=60)
    district = models.BigIntegerField()
    day = models.DateField()
    origin = models.CharField(max_length=8)
    n = models.BigIntegerField()
    amount = models.DecimalField(max_digits=40, decimal_places=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "question", "part", "value", "district", "day", "origin"], name="survey_tally_once"
            )
        ]


class CountedResponse(models.Model):
    """What a response adds to the tallies at the moment, to be taken away when it changes. Written by triggers only."""

    response = models.BigIntegerField(primary_key=True)
    survey = models.BigIntegerField()
    district = models.BigIntegerField()
    day = models.DateField()
    origin = models.CharField(max_length=8)
    rows = models.JSONField()


class ResultReleaseQuerySet(models.QuerySet["ResultRelease"]):
    """Answers about releases."""

    def public(self) -> ResultReleaseQuerySet:
        """Those that everybody may read now."""
        return self.filter(survey__in=with_public_results(Survey.objects.all()))


def with_public_results(surveys: models.QuerySet[Survey]) -> models.QuerySet[Survey]:
    """Those of the surveys whose results everybody may read now; `domain.release_results.is_shown` says it of one."""
    over = models.Q(state=SurveyState.CLOSED, results_shown=ResultsShown.AFTERWARDS)
    shown = over | models.Q(state__in=[SurveyState.OPEN, SurveyState.CLOSED], results_shown=ResultsShown.ALWAYS)
    return surveys.filter(shown).exclude(consultation__state=ConsultationState.DRAFT)


class ResultRelease(models.Model):
    """The figures of a survey that everybody reads, as `domain.release_results` chose them.

    While the survey is open they are of all days before `up_to`, in steps of five; `is_final` once it is closed.
    """

    survey = models.OneToOneField(Survey, models.CASCADE, related_name="release")
    up_to = models.DateField(_("of the days before"))
    is_final = models.BooleanField(_("of the closed survey"))
    figures = models.JSONField(_("figures"))
    made_at = models.DateTimeField(_("made at"), auto_now=True)

    objects = ResultReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("published results")
        verbose_name_plural = _("published results")


class ReleasedHexagon(models.Model):
    """People who put a place of an answer into a hexagon (EPSG:4326), where enough did that everybody may know."""

    release = models.ForeignKey(ResultRelease, models.CASCADE, related_name="hexagons")
    question = models.CharField(max_length=40)
    people = models.PositiveIntegerField(_("people"))
    near = models.CharField(_("near"), max_length=300, blank=True)
    geometry = models.PolygonField(_("area"), srid=4326)

    class Meta:
        verbose_name = _("hexagon of published results")
        verbose_name_plural = _("hexagons of published results")
        ordering = ["-people", "pk"]
