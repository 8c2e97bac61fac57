"""Writing a budget as a .pb file: what came from a file goes back as it was, what did not is made up to the format."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from django.contrib.gis.db.models.functions import PointOnSurface
from django.utils import timezone

from geoparticipation.budgets.enums import Method
from geoparticipation.budgets.models import BallotChoice, Budget, Project
from geoparticipation.budgets.pabulib.reading import read_amount
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.phases import opens
from neighbourhoods.domain.territory import town_name

_VOTE_TYPES: Final = {
    Method.APPROVAL: "approval",
    Method.ENVELOPE: "approval",
    Method.POINTS: "cumulative",
    Method.RANKING: "ordinal",
}
_NO_POINTS: Final = "None"
"""Points of a ballot without projects: other tools would take an empty cell for the points of a project."""


def write_pabulib(budget: Budget, *, without: Collection[int] = ()) -> str:
    """The whole election as text; ten queries.

    `without` are keys of envelopes whose projects and votes are left out (`counting.few`). What is no longer online has
    neither name nor place in it. Ballots of the site get numbers in the order of their receipts, which says nothing
    about anybody; those of a file keep theirs.
    """
    on_ballot = budget.projects.on_ballot(budget).exclude(envelope__in=without)
    projects = list(on_ballot.with_words().annotate(point=PointOnSurface("contribution__public_geometry")))
    ballots = _ballots(budget, {project.number for project in projects})
    points: Counter[str] = Counter()
    voters: Counter[str] = Counter()
    for _voter, _columns, choices in ballots:
        voters.update(number for number, _points in choices)
        for number, given in choices:
            points[number] += given
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(["META"])
    writer.writerow(["key", "value"])
    writer.writerows(_meta(budget, without, len(projects), len(ballots)).items())
    writer.writerow(["PROJECTS"])
    columns = budget.source.get("projects") or _project_columns(projects, budget)
    writer.writerow(columns)
    writer.writerows(_project_row(project, columns, voters, points) for project in projects)
    writer.writerow(["VOTES"])
    with_points = budget.method == Method.POINTS
    columns = budget.source.get("votes") or ["voter_id", "vote", *(["points"] if with_points else [])]
    writer.writerow(columns)
    for voter, kept, choices in ballots:
        row = {
            **kept,
            "voter_id": voter,
            "vote": ",".join(number for number, _points in choices),
            "points": (",".join(str(given) for _number, given in choices) or _NO_POINTS) if with_points else "",
        }
        writer.writerow([row.get(column, "") for column in columns])
    return text.getvalue()


def _ballots(budget: Budget, numbers: Collection[str]) -> list[tuple[str, dict[str, str], list[tuple[str, int]]]]:
    """Voter id, further columns and choices of these projects: ballots of the file in its order, then ours."""
    rows = BallotChoice.objects.filter(ballot__budget=budget).order_by("ballot_id", "position")
    chosen = {
        ballot: [(number, points) for _ballot, number, points in group if number in numbers]
        for ballot, group in groupby(rows.values_list("ballot_id", "project__number", "points"), key=lambda row: row[0])
    }
    found = list(budget.ballots.order_by("receipt").values_list("pk", "file_id", "columns"))
    of_file = sorted(row for row in found if row[1])
    taken = {file_id for _pk, file_id, _columns in of_file}
    numbers = (str(number) for number in range(1, len(found) + len(taken) + 1))
    free = (number for number in numbers if number not in taken)
    ours = [(pk, next(free), columns) for pk, file_id, columns in found if not file_id]
    return [(voter, columns, chosen.get(pk, [])) for pk, voter, columns in [*of_file, *ours]]


def _meta(budget: Budget, without: Collection[int], projects: int, ballots: int) -> dict[str, Any]:
    amount = sum((envelope.amount for envelope in budget.envelopes.exclude(pk__in=without)), Decimal(0))
    kept: dict[str, str] = dict(budget.source.get("meta", []))
    meta: dict[str, Any] = {**kept} or {**_made_up_meta(budget), "num_projects": "", "num_votes": "", "budget": ""}
    meta["num_projects"], meta["num_votes"] = projects, ballots
    meta["budget"] = _written(amount, kept.get("budget", ""))
    if not kept:
        meta |= _limits(budget)
    return meta


def _made_up_meta(budget: Budget) -> dict[str, str]:
    consultation = budget.consultation
    phases = [phase for phase in consultation.phases.all() if Feature.BALLOT in opens(phase.kind)]
    begins = min((phase.starts_at for phase in phases), default=None)
    ends = max((phase.ends_at for phase in phases if phase.ends_at), default=None)
    return {
        "description": consultation.title,
        "country": settings.ADDRESS_COUNTRY,
        "unit": town_name() or "town",
        "instance": consultation.slug,
        "vote_type": _VOTE_TYPES[Method(budget.method)],
        "rule": "greedy" if budget.rule.startswith("greedy") else "equalshares",
        "date_begin": _day(begins),
        "date_end": _day(ends),
        "language": consultation.language,
        "currency": budget.currency,
    }


def _limits(budget: Budget) -> dict[str, Any]:
    limits: dict[str, Any] = {"min_length": budget.min_projects}
    if budget.max_projects:
        limits["max_length"] = budget.max_projects
    if budget.method == Method.ENVELOPE:
        limits["max_sum_cost"] = _written(sum((envelope.amount for envelope in budget.envelopes.all()), Decimal(0)), "")
    if budget.method == Method.POINTS:
        limits["max_points"] = budget.max_points_each or budget.max_points
        limits["max_sum_points"] = budget.max_points
    return limits


def _project_columns(projects: list[Project], budget: Budget) -> list[str]:
    columns = ["project_id", "cost", "votes", "name"]
    if budget.method == Method.POINTS:
        columns.insert(3, "score")
    if any(project.category for project in projects):
        columns.append("category")
    return [*columns, "district", "latitude", "longitude"]


def _project_row(project: Project, columns: list[str], voters: Counter[str], points: Counter[str]) -> list[str]:
    district, point = project.contribution.district, project.point
    said = {
        "name": project.title.replace("\n", " "),
        "category": project.category.replace(",", " "),
        "district": district.name if district is not None else "",
        "latitude": f"{point.y:.6f}",
        "longitude": f"{point.x:.6f}",
        **project.columns,
    }
    row = {
        **(said if project.is_shown else {}),
        "project_id": project.number,
        "cost": _written(project.cost or Decimal(0), project.columns.get("cost", "")),
        "votes": str(voters[project.number]),
        "score": str(points[project.number]),
    }
    return [row.get(column, "") for column in columns]


def _written(amount: Decimal, as_read: str) -> str:
    """The amount, as the file wrote it while it is still the same."""
    if as_read and read_amount(as_read) == amount:
        return as_read
    return str(int(amount)) if amount == amount.to_integral_value() else str(amount)


def _day(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%d.%m.%Y") if moment is not None else ""
