"""From what a page of a ballot sends to choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geoparticipation.budgets.ballot_paper import Choice
from geoparticipation.budgets.enums import Method
from geoparticipation.budgets.errors import PointsUnreadable, RankTwice
from geoparticipation.budgets.models import Budget, Project

MOST: Final = 2000
"""Choices that are read at all: more than any ballot of ours has projects."""


def choices_of(posted: Any, budget: Budget, projects: Sequence[Project]) -> list[Choice]:
    """The choices in a QueryDict: `project` (numbers), or `points-NUMBER`, or `rank-NUMBER` from 1.

    Whether they may stand on one ballot is for `BallotPaper` to say. Raises PointsUnreadable, RankTwice.
    """
    if budget.method == Method.POINTS:
        given = _numbers(posted, "points", projects)
        return [Choice(number, points) for number, points in given.items() if points]
    if budget.method == Method.RANKING:
        ranks = _numbers(posted, "rank", projects)
        taken: dict[int, str] = {}
        for number, rank in ranks.items():
            if rank and rank in taken:
                raise RankTwice(rank, (taken[rank], number))
            taken[rank] = number
        return [Choice(number) for number, rank in sorted(ranks.items(), key=lambda item: item[1]) if rank]
    return [Choice(number) for number in posted.getlist("project")[:MOST]]


def _numbers(posted: Mapping[str, str], prefix: str, projects: Sequence[Project]) -> dict[str, int]:
    found: dict[str, int] = {}
    for project in projects:
        text = posted.get(f"{prefix}-{project.number}", "").strip()
        if not text:
            continue
        try:
            found[project.number] = int(text[:9])
        except ValueError:
            raise PointsUnreadable(project.number) from None
    return found
