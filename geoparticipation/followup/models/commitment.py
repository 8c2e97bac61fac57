"""What the commune promises, and the meetings that decide."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _


class Commitment(models.Model):
    """The commune's rule from a day on, until the next one; earlier ones are kept and hold for what began under them.

    `college_week` and `college_weekday` say which day of each month the college meets: the second Tuesday, say.
    """

    in_force_from = models.DateField(_("in force from"), unique=True)
    support_threshold = models.PositiveIntegerField(
        _("supports from which an idea is studied"), validators=[MinValueValidator(1)]
    )
    study_days = models.PositiveSmallIntegerField(_("days for the study"), validators=[MinValueValidator(1)])
    answer_days = models.PositiveSmallIntegerField(_("days until the answer"), validators=[MinValueValidator(1)])
    college_week = models.PositiveSmallIntegerField(
        _("week of the month"), default=2, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    college_weekday = models.PositiveSmallIntegerField(
        _("day of the week"), default=1, validators=[MaxValueValidator(6)]
    )
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["-in_force_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(support_threshold__gte=1, study_days__gte=1)
                & models.Q(answer_days__gte=models.F("study_days")),
                name="commitment_answers_after_the_study",
            ),
            models.CheckConstraint(
                condition=models.Q(college_week__gte=1, college_week__lte=4, college_weekday__lte=6),
                name="commitment_meets_on_a_day_of_each_month",
            ),
        ]

    def __str__(self) -> str:
        return date_format(self.in_force_from)


class CollegeMeeting(models.Model):
    """One meeting of the college of mayor and aldermen."""

    held_on = models.DateField(_("day"), unique=True)

    class Meta:
        verbose_name = _("college meeting")
        verbose_name_plural = _("college meetings")
        ordering = ["held_on"]

    def __str__(self) -> str:
        return date_format(self.held_on)
