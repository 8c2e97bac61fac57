"""Who sits in a council."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from geoparticipation.councils.models.council import Council


class _Term(models.Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class CouncilMemberQuerySet(models.QuerySet["CouncilMember"]):
    """Answers about members."""

    def seated(self, day: date) -> CouncilMemberQuerySet:
        """Those whose term the day lies in; its first and its last day belong to it."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=day), since__lte=day)


class CouncilMember(models.Model):
    """A person's term in a council, from `since` to `until`, both included; null: without an end.

    `name` and `office` are public only where `is_shown` says that the person agreed. `user` null is somebody without
    an account.
    """

    council = models.ForeignKey(Council, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="council_seats"
    )
    name = models.CharField(_("name"), max_length=80)
    is_shown = models.BooleanField(_("agrees that the name is shown"), default=False)
    office = models.CharField(_("office"), max_length=80, blank=True)
    since = models.DateField(_("member since"))
    until = models.DateField(_("until"), null=True, blank=True)

    objects = CouncilMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a council")
        verbose_name_plural = _("members of councils")
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="council_term_ends_after_it_begins"
            ),
            ExclusionConstraint(
                name="one_seat_of_a_person_at_a_time",
                expressions=[
                    ("council", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                    (
                        _Term("since", "until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
