"""Votes, kept apart from when they were given and by whom."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geoparticipation.budgets.enums import BallotEventKind, BallotOrigin
from geoparticipation.budgets.models.budget import Budget
from geoparticipation.budgets.models.project import Project


class Ballot(models.Model):
    """What one voter chose. It has no time and no origin: those are in `BallotEvent`, which has no choices.

    `voter_hash` is a keyed hash, and is erased when the vote is closed: from then on nobody can say whose ballot it
    is, except who has the `receipt` (drawn at random, shown to the voter only, and in the published list).
    `browser_hashes` stand for the browsers that a person used who was signed in, where a browser could be a voter of
    its own; they go with `voter_hash`. `file_id` and `columns` are what a Pabulib file says of a ballot that came with
    it.
    """

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="ballots")
    voter_hash = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001  (several are erased)
    browser_hashes = ArrayField(models.CharField(max_length=64), default=list, blank=True, editable=False)
    receipt = models.CharField(_("receipt"), max_length=12)
    file_id = models.CharField(max_length=80, blank=True, editable=False)
    columns = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(fields=["budget", "voter_hash"], name="one_ballot_per_voter"),
            models.UniqueConstraint(fields=["budget", "receipt"], name="receipt_once_per_budget"),
            models.UniqueConstraint(
                fields=["budget", "file_id"], condition=~Q(file_id=""), name="ballot_of_a_file_once_per_budget"
            ),
        ]
        indexes = [GinIndex(fields=["browser_hashes"], name="ballot_browsers_idx")]


class BallotChoice(models.Model):
    """One project on a ballot: `position` in the voter's order from 0, `points` (1 where none are given)."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="choices")
    project = models.ForeignKey(Project, models.PROTECT, related_name="choices")
    position = models.PositiveSmallIntegerField(_("position"))
    points = models.IntegerField(_("points"), default=1)

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "project"], name="project_once_per_ballot"),
            models.UniqueConstraint(fields=["ballot", "position"], name="position_once_per_ballot"),
        ]


class BallotEvent(models.Model):
    """The trace of a ballot for an audit: that one was cast or changed, when and how; not which, nor what it said.

    `voter_hash` is erased together with the ballot's.
    """

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="ballot_events")
    voter_hash = models.CharField(max_length=64, blank=True, editable=False)
    kind = models.CharField(_("what happened"), max_length=7, choices=BallotEventKind)
    origin = models.CharField(_("origin"), max_length=5, choices=BallotOrigin, default=BallotOrigin.WEB)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("trace of a ballot")
        verbose_name_plural = _("traces of ballots")
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["budget", "voter_hash"], name="ballot_event_voter_idx")]


class PaperEntry(models.Model):
    """A ballot on paper as one agent read it; once two agents read the same, it becomes a ballot.

    `paper_number` is printed or written on the paper. `voter_hash` stands for who handed it in. `choices` is a list of
    [project's primary key, points] in the voter's order, and is emptied when the ballot is taken.
    """

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="paper_entries")
    paper_number = models.CharField(_("number of the paper"), max_length=40)
    voter_hash = models.CharField(max_length=64, blank=True, editable=False)
    choices = models.JSONField(default=list)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("entered at"))
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)

    class Meta:
        verbose_name = _("paper ballot as read")
        verbose_name_plural = _("paper ballots as read")
        ordering = ["paper_number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "paper_number", "entered_by"], name="paper_read_once_by_each_agent"
            ),
        ]
