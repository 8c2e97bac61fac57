"""The squares over the map on the printed form."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.surveys.models.survey import Survey


class PaperGrid(models.Model):
    """Squares of `cell_m` metres from an upper left corner, in a metric system: columns A, B, …, rows 1, 2, ….

    Made when the form is first printed and never changed: a square that somebody wrote down stays where it was, also
    when the target of the survey changes.
    """

    survey = models.OneToOneField(Survey, models.CASCADE, primary_key=True, related_name="paper_grid")
    srid = models.PositiveIntegerField(_("reference system"))
    left = models.FloatField()
    top = models.FloatField()
    cell_m = models.FloatField(_("side of a square, in metres"))
    columns = models.PositiveSmallIntegerField()
    rows = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("squares of a printed form")
        verbose_name_plural = _("squares of printed forms")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cell_m__gt=0, columns__range=(1, 26), rows__range=(1, 99)),
                name="paper_grid_sensible",
            )
        ]

    def __str__(self) -> str:
        return f"{self.columns} × {self.rows}"
