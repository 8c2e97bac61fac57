"""What is on a ballot, what still fits, and what is wrong with it: the one place where a ballot is judged.

The page that helps to fill it in and the function that takes it ask the same object.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from geoparticipation.budgets.enums import Method, OnePer
from geoparticipation.budgets.errors import (
    BallotRefused,
    PointsOutOfRange,
    ProjectTwice,
    TooFewProjects,
    TooManyPoints,
    TooManyProjects,
    TwoOfOneKind,
    UnknownProject,
    over_envelope,
)
from geoparticipation.budgets.models import Budget, Envelope, Project


@dataclass(frozen=True)
class Choice:
    """A project on a ballot, by its number; `points` only where people share out points."""

    number: str
    points: int = 1


@dataclass(frozen=True)
class EnvelopeLeft:
    """An envelope with what a ballot spends of it."""

    envelope: Envelope
    spent: Decimal

    @property
    def left(self) -> Decimal:
        """What is left; below 0 where it does not fit."""
        return self.envelope.amount - self.spent

    @property
    def over(self) -> Decimal:
        """What is too much."""
        return -self.left


@dataclass(frozen=True)
class BallotPaper:
    """A ballot of a budget as far as it is filled in; `projects` are all that are put to the vote. No query."""

    budget: Budget
    projects: Sequence[Project]
    envelopes: Sequence[Envelope]
    choices: Sequence[Choice] = ()

    @cached_property
    def by_number(self) -> dict[str, Project]:
        """The projects by their numbers."""
        return {project.number: project for project in self.projects}

    @cached_property
    def chosen(self) -> list[Project]:
        """The projects on the ballot, in its order; what is not put to the vote is left out."""
        return [self.by_number[choice.number] for choice in self.choices if choice.number in self.by_number]

    @cached_property
    def points_given(self) -> int:
        """Points in all."""
        return sum(choice.points for choice in self.choices)

    @cached_property
    def cost(self) -> Decimal:
        """What the projects on the ballot cost together."""
        return sum((project.cost or Decimal(0) for project in self.chosen), Decimal(0))

    @cached_property
    def purses(self) -> list[EnvelopeLeft]:
        """Each envelope with what is spent of it."""
        spent: defaultdict[int | None, Decimal] = defaultdict(Decimal)
        for project in self.chosen:
            spent[project.envelope_id] += project.cost or Decimal(0)
        return [EnvelopeLeft(envelope, spent[envelope.pk]) for envelope in self.envelopes]

    def kind_of(self, project: Project) -> str:
        """What a ballot has one of at the most, in words: the project's category or district; else ""."""
        if self.budget.one_per == OnePer.CATEGORY:
            return project.category
        if self.budget.one_per == OnePer.DISTRICT and project.contribution.district is not None:
            return project.contribution.district.name
        return ""

    def fits(self, project: Project) -> bool:
        """Whether the project can still be added; what is on the ballot fits."""
        if project in self.chosen:
            return True
        more = Choice(project.number)
        added = BallotPaper(self.budget, self.projects, self.envelopes, [*self.choices, more])
        return not any(True for _refusal in added.too_much())

    def refusals(self) -> list[BallotRefused]:
        """Everything that is wrong with the ballot, most basic first; none for one that is taken."""
        found = [*self._unknown(), *self.too_much()]
        if len(self.choices) < self.budget.min_projects:
            found.append(TooFewProjects(self.budget.min_projects))
        return found

    def too_much(self) -> Iterator[BallotRefused]:
        """What is over a limit."""
        budget = self.budget
        if budget.max_projects and len(self.choices) > budget.max_projects:
            yield TooManyProjects(len(self.choices), budget.max_projects)
        if budget.method == Method.POINTS:
            for choice in self.choices:
                if choice.points < 1 or (budget.max_points_each and choice.points > budget.max_points_each):
                    yield PointsOutOfRange(choice.number, budget.max_points_each)
            if budget.max_points and self.points_given > budget.max_points:
                yield TooManyPoints(self.points_given, budget.max_points)
        if budget.method == Method.ENVELOPE:
            for purse in self.purses:
                if purse.left < 0:
                    yield over_envelope(str(purse.envelope), -purse.left, budget.currency)
        if budget.one_per:
            same: defaultdict[str, list[str]] = defaultdict(list)
            for project in self.chosen:
                same[self.kind_of(project)].append(project.number)
            for kind, numbers in same.items():
                if kind and len(numbers) > 1:
                    yield TwoOfOneKind(kind, tuple(numbers))

    def _unknown(self) -> Iterator[BallotRefused]:
        for number, count in Counter(choice.number for choice in self.choices).items():
            if number not in self.by_number:
                yield UnknownProject(number)
            elif count > 1:
                yield ProjectTwice(number)


def ballot_paper(budget: Budget, choices: Sequence[Choice] = (), *, only_chosen: bool = False) -> BallotPaper:
    """The paper of a budget, filled in so; two queries.

    `only_chosen` leaves out the projects that are not chosen: enough to judge a ballot, however long the list is.
    """
    envelopes = list(budget.envelopes.all())
    projects = budget.projects.on_ballot(budget).with_words()
    projects = (
        projects.filter(number__in={choice.number for choice in choices})
        if only_chosen
        else projects.with_place_on_map()
    )
    return BallotPaper(budget, list(projects), envelopes, choices)
