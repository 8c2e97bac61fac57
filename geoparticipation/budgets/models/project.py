"""What people vote on."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON, PointOnSurface
from django.db import models
from django.db.models import Case, F, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from geoparticipation.budgets.enums import ProjectState
from geoparticipation.budgets.models.budget import MONEY, Budget, Envelope
from geoparticipation.contributions.enums import LocatedBy, Status
from geoparticipation.contributions.models import Contribution


class ProjectQuerySet(models.QuerySet["Project"]):
    """Answers about projects."""

    def on_ballot(self, budget: Budget) -> ProjectQuerySet:
        """What people vote on, in the order of the list; once the vote is closed, what they voted on.

        Put to the vote, and while the vote is not closed online: an idea that was hidden or withdrawn is not on the
        ballot, whoever put it there. What was counted stays counted, and shows neither words nor place
        (`Project.is_shown`). Of the budget only.
        """
        shortlisted = self.filter(budget=budget, state=ProjectState.SHORTLISTED)
        if budget.closed_at is None:
            shortlisted = shortlisted.filter(contribution__status=Status.PUBLISHED)
        return shortlisted.order_by("position", "pk")

    def with_words(self) -> ProjectQuerySet:
        """With what a list says of them: idea, district, street and envelope, without any geometry."""
        return self.select_related("contribution__district", "contribution__street", "envelope").defer(
            "contribution__geometry",
            "contribution__public_geometry",
            "contribution__search_text",
            "contribution__district__geometry",
            "contribution__street__geometry",
        )

    def with_place_on_map(self) -> ProjectQuerySet:
        """With `place_on_map`, GeoJSON of the public place as text; of a whole district a point inside it."""
        place = "contribution__public_geometry"
        inside = Case(When(contribution__located_by=LocatedBy.DISTRICT, then=PointOnSurface(place)), default=place)
        return self.annotate(place_on_map=AsGeoJSON(inside, precision=7))

    def out_of_place(self, budget: Budget) -> ProjectQuerySet:
        """Put to the vote though no longer online, so that an agent has to say what becomes of them."""
        shortlisted = self.filter(budget=budget, state=ProjectState.SHORTLISTED).with_words()
        return shortlisted.exclude(contribution__status=Status.PUBLISHED).order_by("position", "pk")

    def not_kept(self) -> ProjectQuerySet:
        """Not put to the vote or taken off it, with their idea; everybody may read why.

        An idea that is not online is not named beside what was said of it; one taken off the ballot is a number.
        """
        refused = self.filter(state=ProjectState.REFUSED, contribution__status=Status.PUBLISHED)
        found = refused | self.filter(state=ProjectState.TAKEN_OFF)
        return (
            found.select_related("contribution")
            .defer("contribution__geometry", "contribution__public_geometry", "contribution__search_text")
            .order_by("state", "position", "pk")
        )


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
    def is_shown(self) -> bool:
        """Whether its words and its place may be shown: not what was hidden or withdrawn."""
        return self.contribution.status == Status.PUBLISHED

    @property
    def title(self) -> str:
        """The name in full: of a file's project the file's, which may be longer than a contribution's title.

        A sentence in its place where the idea is no longer online.
        """
        if not self.is_shown:
            return gettext("An idea that is no longer online")
        return self.columns.get("name") or self.contribution.title
