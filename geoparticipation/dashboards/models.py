"""Figures that were counted. Nothing here is about one person."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.dashboards.enums import Figure
from neighbourhoods.models import District


class CountRun(models.Model):
    """When everything but people was counted last. One row."""

    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("count")
        verbose_name_plural = _("counts")


class MonthCount(models.Model):
    """How many of what no rule of privacy hides, in one month of the town and one of its smallest districts.

    `month` is the month's first day; `district` is null outside all districts. Counted anew, all of it, by
    `indicators.counting`.
    """

    month = models.DateField(_("month"))
    district = models.ForeignKey(District, models.CASCADE, null=True, related_name="+", verbose_name=_("district"))
    figure = models.CharField(_("figure"), max_length=12, choices=Figure)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("figure of a month")
        verbose_name_plural = _("figures of months")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "figure", "district"], nulls_distinct=False, name="month_count_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(figure__in=[Figure.REGISTERED, Figure.ACTIVE]), name="month_counts_no_people"
            ),
        ]


class MonthPeople(models.Model):
    """How many people, in a month that is over: written once by `indicators.people`, never counted again.

    Null: not told, as it would give a few people away. Without `district`: of the town. Of people who registered,
    `value` is how many did up to the end of the month; of active people, how many were in the month, in a district of
    any level.
    """

    month = models.DateField(_("month"))
    district = models.ForeignKey(District, models.CASCADE, null=True, related_name="+", verbose_name=_("district"))
    figure = models.CharField(_("figure"), max_length=12, choices=Figure)
    value = models.PositiveIntegerField(_("people"), null=True)

    class Meta:
        verbose_name = _("people of a month")
        verbose_name_plural = _("people of months")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "figure", "district"], nulls_distinct=False, name="month_people_once"
            ),
            models.CheckConstraint(
                condition=models.Q(figure__in=[Figure.REGISTERED, Figure.ACTIVE]), name="month_people_are_people"
            ),
        ]
