"""Winners by the rules of pabutools, and for each project why it is in or out.

Greedy by votes takes the project with the most votes first, greedy by cost the one with the most votes per euro; a
project that no longer fits is passed over. The Method of Equal Shares (Peters, Pierczyński, Skowron: Proportional
Participatory Budgeting with Additive Utilities, 2021; with cost as the measure of satisfaction for ballots without
points) gives each voter the same part of the money; what is left over is then spent greedily by votes (the
"utilitarian completion").
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from pabutools.election import (
    ApprovalBallot,
    ApprovalProfile,
    CardinalBallot,
    CardinalProfile,
    Instance,
)
from pabutools.election import Project as PabutoolsProject
from pabutools.election.satisfaction import Additive_Cardinal_Sat, AdditiveSatisfaction, Cardinality_Sat, Cost_Sat
from pabutools.fractions import str_as_frac
from pabutools.rules import greedy_utilitarian_welfare, method_of_equal_shares
from pabutools.tiebreaking import TieBreakingRule

from geoparticipation.budgets.counting.election import Candidate, Election
from geoparticipation.budgets.counting.needed import Turn, turns_of
from geoparticipation.budgets.enums import Method, Rule

WITHOUT_POINTS = frozenset({Method.APPROVAL, Method.ENVELOPE})


@dataclass(frozen=True)
class Finding:
    """What became of a project, and what it hung on. Money is in the budget's currency, as text.

    `points` and `voters` as in Election. `turn` is its place in the order in which projects were looked at, from 1, and
    `left` the money that was there then. `more_points` is how many more it would have needed (None: it won, or no
    number would have done). By equal shares: `shared` says that its voters paid for it, each at most `price`;
    `voters_left` is what the voters of a project that they could not pay had left together.
    """

    number: str
    won: bool
    points: int
    voters: int
    cost: str
    envelope: int
    turn: int = 0
    left: str = ""
    more_points: int | None = None
    shared: bool = False
    price: str = ""
    voters_left: str = ""


@dataclass(frozen=True)
class Outcome:
    """Winners in the order in which they were chosen, what they cost, and a finding for each project."""

    rule: Rule
    winners: tuple[str, ...]
    spent: Decimal
    ballots: int
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain values, for a column of JSON."""
        return {
            "rule": self.rule.value,
            "winners": list(self.winners),
            "spent": str(self.spent),
            "ballots": self.ballots,
            "findings": {finding.number: asdict(finding) for finding in self.findings},
        }


def count_votes(election: Election, rule: Rule) -> Outcome:
    """Count each envelope by itself: money does not go from one district to another."""
    winners: list[str] = []
    findings: list[Finding] = []
    for envelope in election.envelopes:
        part = election.part(envelope)
        if not part.candidates:
            continue
        won, found = _count_shares(part, envelope) if rule == Rule.EQUAL_SHARES else _count_greedy(part, envelope, rule)
        winners += won
        findings += found
    costs = {candidate.number: candidate.cost for candidate in election.candidates}
    spent = sum((costs[number] for number in winners), Decimal(0))
    return Outcome(rule, tuple(winners), spent, len(election.votes), tuple(findings))


class _PointsTimesCost(AdditiveSatisfaction):
    """Points times cost: with it pabutools' greedy rule, which divides by the cost, takes most points first."""

    def __init__(self, instance: Any, profile: Any, ballot: Any) -> None:
        super().__init__(
            instance, profile, ballot, lambda _i, _p, given, project, _v: given.get(project, 0) * project.cost
        )


@dataclass(frozen=True)
class _Built:
    """An election as pabutools takes it."""

    instance: Any
    profile: Any
    ties: Any
    by_votes: type[AdditiveSatisfaction]
    by_cost: type[AdditiveSatisfaction]
    shares: type[AdditiveSatisfaction]


def _build(part: Election) -> _Built:
    projects = {c.number: PabutoolsProject(c.number, cost=str_as_frac(str(c.cost))) for c in part.candidates}
    [amount] = part.envelopes.values()
    instance = Instance(projects.values(), budget_limit=str_as_frac(str(amount)))
    costs = {candidate.number: candidate.cost for candidate in part.candidates}
    ties = TieBreakingRule(lambda _instance, _profile, project: part.tie_key(project.name, costs[project.name]))
    if part.method in WITHOUT_POINTS:
        approvals = [ApprovalBallot([projects[number] for number, _points in vote.points]) for vote in part.votes]
        return _Built(instance, ApprovalProfile(approvals), ties, Cost_Sat, Cardinality_Sat, Cost_Sat)
    given = [CardinalBallot({projects[number]: points for number, points in vote.points}) for vote in part.votes]
    return _Built(
        instance, CardinalProfile(given), ties, _PointsTimesCost, Additive_Cardinal_Sat, Additive_Cardinal_Sat
    )


def _count_greedy(part: Election, envelope: int, rule: Rule) -> tuple[list[str], list[Finding]]:
    built = _build(part)
    satisfaction = built.by_votes if rule == Rule.GREEDY_VOTES else built.by_cost
    chosen = greedy_utilitarian_welfare(built.instance, built.profile, sat_class=satisfaction, tie_breaking=built.ties)
    won = [project.name for project in chosen]
    turns = turns_of(part, won, per_euro=rule == Rule.GREEDY_COST)
    return won, [_finding(part, candidate, envelope, won, turns) for candidate in part.candidates]


def _count_shares(part: Election, envelope: int) -> tuple[list[str], list[Finding]]:
    built = _build(part)
    paid = method_of_equal_shares(
        built.instance, built.profile, sat_class=built.shares, tie_breaking=built.ties, analytics=True
    )
    by_shares = [project.name for project in paid]
    all_chosen = greedy_utilitarian_welfare(
        built.instance,
        built.profile,
        sat_class=built.by_votes,
        tie_breaking=built.ties,
        initial_budget_allocation=paid,
    )
    won = [project.name for project in all_chosen]
    prices, purses = _money_of_voters(part, paid)
    spent = sum((c.cost for c in part.candidates if c.number in set(by_shares)), Decimal(0))
    turns = turns_of(part, won, without=frozenset(by_shares), spent=spent)
    return won, [
        _finding(part, candidate, envelope, won, turns, shared=set(by_shares), prices=prices, purses=purses)
        for candidate in part.candidates
    ]


def _money_of_voters(part: Election, paid: Any) -> tuple[dict[str, str], dict[str, str]]:
    """The most that one voter paid for each project that was paid, and what the voters of the others had left."""
    prices: dict[str, str] = {}
    left: list[Any] = []
    for iteration in getattr(paid.details, "iterations", []):
        left = iteration.voters_budget
        if iteration.selected_project is not None:
            after = iteration.voters_budget_after_selection
            most = max(before - now for before, now in zip(left, after, strict=True))
            prices[iteration.selected_project.name] = _money(most)
            left = after
    purses: dict[str, Any] = {}
    for vote, purse in zip(part.votes, left, strict=False):
        for number, _points in vote.points:
            purses[number] = purses.get(number, 0) + purse
    return prices, {number: _money(purse) for number, purse in purses.items()}


def _money(amount: Any) -> str:
    return str(Decimal(str(float(amount))).quantize(Decimal("0.01")))


def _finding(
    part: Election,
    candidate: Candidate,
    envelope: int,
    won: list[str],
    turns: dict[str, Turn],
    *,
    shared: set[str] = frozenset(),  # type: ignore[assignment]
    prices: dict[str, str] | None = None,
    purses: dict[str, str] | None = None,
) -> Finding:
    number = candidate.number
    turn = turns.get(number)
    by_shares = prices is not None
    return Finding(
        number=number,
        won=number in won,
        points=part.points[number],
        voters=part.voters[number],
        cost=str(candidate.cost),
        envelope=envelope,
        turn=turn.position if turn else 0,
        left=str(turn.left) if turn else "",
        more_points=turn.more_points if turn and not by_shares else None,
        shared=number in shared,
        price=(prices or {}).get(number, ""),
        voters_left=(purses or {}).get(number, "0.00") if by_shares and number not in shared else "",
    )
