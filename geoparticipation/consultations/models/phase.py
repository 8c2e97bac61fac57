"""A dated step of a consultation."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.models.consultation import Consultation


class _Period(models.Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Phase(models.Model):
    """From `starts_at` (included) to `ends_at` (excluded; null: open end). Phases of one kind never overlap.

    `description` says what people can do; `outcome`, HTML cleaned by nh3 in `domain`, what came of it: the synthesis,
    the decision. Everybody reads it from the moment it is written.
    """

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="phases")
    kind = models.CharField(_("kind"), max_length=12, choices=PhaseKind)
    title = models.CharField(_("title"), max_length=120, blank=True)
    description = models.TextField(_("description"), blank=True)
    outcome = models.TextField(_("what came of it"), max_length=20_000, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="phase_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="phases_of_one_kind_never_overlap",
                expressions=[
                    ("consultation", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (_Period("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()
