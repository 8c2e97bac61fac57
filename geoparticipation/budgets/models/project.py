"""What people vote on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from geoparticipation.budgets.enums import ProjectState
from geoparticipation.budgets.models.budget import MONEY, Budget, Envelope
from geoparticipation.contributions.models import Contribution


class ProjectQuerySet(models.QuerySet["Project"]):
    """Answers about projects."""

    def on_ballot(self) -> ProjectQuerySet:
        """Put to the vote, in the order of their numbers (as numbers where they are), with their contribution."""
        return (
            self.filter(state=ProjectState.SHORTLISTED)
            .select_related("contribution__district", "contribution__street", "envelope")
            .defer("contribution__geometry", "contribution__search_text")
            .order_by("position", "pk")
        )

    def not_kept(self) -> ProjectQuerySet:
        """Not put to the vote, with their contribution; everybody may read why."""
        refused = self.filter(state=ProjectState.REFUSED).select_related("contribution")
        return refused.defer("contribution__geometry", "contribution__public_geometry").order_by("position", "pk")


class Project(models.Model):
    """What a proposal becomes when the commune gives it a price: its place and its words stay the proposal's.

    `number` is what is printed on the ballot (the project's id in a Pabulib file), `position` its place in lists.
    `upkeep` is what it costs every year afterwards. `reason` is told to everybody. `columns` is the project's row
    in the Pabulib file it came with.
    """

    contribution = models.OneToOneField(Contribution, models.CASCADE, related_name="project")
    budget = models.ForeignKey(Budget, models.CASCADE, related_name="projects")
    envelope = models.ForeignKey(Envelope, models.PROTECT, related_name="projects", null=True, blank=True)
    number = models.CharField(_("number"), max_length=40)
    position = models.PositiveIntegerField(_("position"), default=0)
    category = models.CharField(_("category"), max_length=120, blank=True)
    cost = models.DecimalField(_("cost"), null=True, blank=True, **MONEY)
    upkeep = models.DecimalField(_("upkeep, each year"), null=True, blank=True, **MONEY)
    state = models.CharField(_("decision"), max_length=11, choices=ProjectState, default=ProjectState.WAITING)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    columns = models.JSONField(default=dict, blank=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "number"], name="project_number_once_per_budget"),
            models.CheckConstraint(
                condition=~models.Q(state=ProjectState.SHORTLISTED)
                | (models.Q(cost__isnull=False) & models.Q(envelope__isnull=False)),
                name="project_on_ballot_has_cost_and_envelope",
            ),
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gt=0), name="project_costs_something"
            ),
            models.CheckConstraint(
                condition=models.Q(upkeep__isnull=True) | models.Q(upkeep__gte=0), name="project_upkeep_not_negative"
            ),
        ]
        indexes = [models.Index(F("budget"), F("state"), F("position"), name="project_on_ballot_idx")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The name in full: of a file's project the file's, which may be longer than a contribution's title."""
        return self.columns.get("name") or self.contribution.title
