"""What an offer of help and a mission add to their contribution."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering.enums import Level
from geoparticipation.volunteering.models.association import Association
from geoparticipation.volunteering.models.skill import Skill

LEAST_REACH_M, MOST_REACH_M = 100, 20_000
MOST_PEOPLE = 500


class VolunteerOffer(models.Model):
    """When, how far and how well somebody helps. `times` are the bits of `domain.times`.

    Between `available_from` and `available_until`, both included; null leaves that side open. `reach_m` is measured on
    foot along the streets, or else as the crow flies.
    """

    contribution = models.OneToOneField(Contribution, models.CASCADE, primary_key=True, related_name="offer")
    skills = models.ManyToManyField(Skill, related_name="offers", verbose_name=_("skills"))
    times = models.PositiveIntegerField(_("times of the week"))
    available_from = models.DateField(_("from"), null=True, blank=True)
    available_until = models.DateField(_("until"), null=True, blank=True)
    reach_m = models.PositiveIntegerField(
        _("how far, in metres"), validators=[MinValueValidator(LEAST_REACH_M), MaxValueValidator(MOST_REACH_M)]
    )
    on_foot = models.BooleanField(_("on foot"), default=True)
    level = models.PositiveSmallIntegerField(_("experience"), choices=Level, default=Level.LEARNING)

    class Meta:
        verbose_name = _("offer of help")
        verbose_name_plural = _("offers of help")
        constraints = [
            models.CheckConstraint(condition=models.Q(times__gt=0, times__lt=2**21), name="offer_has_times"),
            models.CheckConstraint(
                condition=models.Q(reach_m__gte=LEAST_REACH_M, reach_m__lte=MOST_REACH_M), name="offer_reach_in_bounds"
            ),
            models.CheckConstraint(
                condition=models.Q(available_from__isnull=True)
                | models.Q(available_until__isnull=True)
                | models.Q(available_until__gte=models.F("available_from")),
                name="offer_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return str(self.contribution)


class Mission(models.Model):
    """What an association needs, when, and how many people. `times` are the bits of `domain.times`.

    Between `starts_on` and `ends_on`, both included; null leaves that side open. Without skills anybody suits who has
    the `level`.
    """

    contribution = models.OneToOneField(Contribution, models.CASCADE, primary_key=True, related_name="mission")
    association = models.ForeignKey(Association, models.PROTECT, related_name="missions")
    skills = models.ManyToManyField(Skill, related_name="missions", verbose_name=_("skills"), blank=True)
    times = models.PositiveIntegerField(_("times of the week"))
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    people_wanted = models.PositiveSmallIntegerField(
        _("how many people"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_PEOPLE)]
    )
    level = models.PositiveSmallIntegerField(_("experience needed"), choices=Level, default=Level.LEARNING)

    class Meta:
        verbose_name = _("mission")
        verbose_name_plural = _("missions")
        constraints = [
            models.CheckConstraint(condition=models.Q(times__gt=0, times__lt=2**21), name="mission_has_times"),
            models.CheckConstraint(
                condition=models.Q(people_wanted__gte=1, people_wanted__lte=MOST_PEOPLE), name="mission_wants_people"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="mission_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return str(self.contribution)
