"""The money that people decide on, and how they do."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.budgets.enums import Method, OnePer, Rule, TieRule
from geoparticipation.consultations.models import Consultation
from neighbourhoods.models import District

MONEY = {"max_digits": 14, "decimal_places": 2}


class Budget(models.Model):
    """The budget of a consultation: how people vote, and by which rule the votes are counted.

    A ballot has `min_projects` to `max_projects` projects (0: no limit); by points at most `max_points` in all and
    `max_points_each` for one. `tie_word` is what lots are drawn from. The vote itself is open while a phase of the
    consultation opens it, and until `closed_at`. `counted` is the result that was published, as
    `counting.outcome` writes it. `source` keeps what a Pabulib file said of its own: `meta` (pairs, in their order),
    `projects` and `votes` (names of their columns), so that the budget is written as it was read.
    """

    consultation = models.OneToOneField(Consultation, models.CASCADE, related_name="budget")
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    method = models.CharField(_("how people vote"), max_length=8, choices=Method, default=Method.APPROVAL)
    min_projects = models.PositiveSmallIntegerField(_("least projects on a ballot"), default=1)
    max_projects = models.PositiveSmallIntegerField(_("most projects on a ballot"), default=3)
    max_points = models.PositiveIntegerField(_("points to share out"), default=10)
    max_points_each = models.PositiveIntegerField(_("most points for one project"), default=10)
    one_per = models.CharField(_("limit"), max_length=8, choices=OnePer, default=OnePer.NOTHING, blank=True)
    rule = models.CharField(_("how votes are counted"), max_length=12, choices=Rule, default=Rule.GREEDY_VOTES)
    tie_rule = models.CharField(
        _("when two projects are level"), max_length=8, choices=TieRule, default=TieRule.CHEAPER
    )
    tie_word = models.CharField(_("word that lots are drawn from"), max_length=80, blank=True)
    open_to_outside = models.BooleanField(_("people from outside the town are welcome to vote"), default=False)
    source = models.JSONField(default=dict, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    counted = models.JSONField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("participatory budget")
        verbose_name_plural = _("participatory budgets")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(counted__isnull=True) | models.Q(closed_at__isnull=False),
                name="budget_is_counted_once_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.consultation.title


class Envelope(models.Model):
    """A sum for the whole town (no `district`) or for one district; each project is paid from one envelope."""

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="envelopes")
    district = models.ForeignKey(District, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=200, blank=True)
    amount = models.DecimalField(_("amount"), **MONEY)

    class Meta:
        verbose_name = _("envelope")
        verbose_name_plural = _("envelopes")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "district"], nulls_distinct=False, name="one_envelope_per_budget_and_district"
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="envelope_has_money"),
        ]

    def __str__(self) -> str:
        return self.name or str(_("the whole town"))
