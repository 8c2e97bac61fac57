"""The ballots of a .pb file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geoparticipation.budgets.ballot_paper import BallotPaper, Choice
from geoparticipation.budgets.enums import (
    BallotEventKind,
    BallotOrigin,
)
from geoparticipation.budgets.models import Ballot, BallotChoice, BallotEvent, Budget, Envelope
from geoparticipation.budgets.pabulib.reading import PabulibFile
from geoparticipation.budgets.receipts import draw_receipt
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import KINDS, ImportReport

BALLOTS: Final = "ballots"
KINDS.update({BALLOTS: gettext_lazy("ballots")})


def import_ballots(
    budget: Budget, envelope: Envelope, file: PabulibFile, *, report: ImportReport, ticker: Ticker, at: datetime
) -> None:
    """Store the ballots of a file beside those that are there; rows that are none are refused in the report."""
    step = ticker.step(_("Reading ballots"), len(file.votes.rows))
    projects = list(budget.projects.on_ballot(budget).with_words())
    by_number = {project.number: project for project in projects}
    known = _known_ballots(budget)
    made: list[tuple[Ballot, list[Choice]]] = []
    changed: list[tuple[Ballot, list[Choice]]] = []
    for voter, choices, kept in _usable_ballots(BallotPaper(budget, projects, [envelope]), file, report):
        step.advance()
        former = known.get(voter)
        if former is None:
            made.append((Ballot(budget=budget, receipt=draw_receipt(), file_id=voter, columns=kept), choices))
        elif former[1:] == (choices, kept):
            report.unchanged[BALLOTS] += 1
        else:
            former[0].columns = kept
            changed.append((former[0], choices))
    Ballot.objects.bulk_create([ballot for ballot, _choices in made], batch_size=2000)
    Ballot.objects.bulk_update([ballot for ballot, _choices in changed], ["columns"], batch_size=2000)
    BallotChoice.objects.filter(ballot__in=[ballot.pk for ballot, _choices in changed]).delete()
    BallotChoice.objects.bulk_create(
        (
            BallotChoice(ballot=ballot, project=by_number[choice.number], position=position, points=choice.points)
            for ballot, choices in [*made, *changed]
            for position, choice in enumerate(choices)
        ),
        batch_size=5000,
    )
    kinds = [BallotEventKind.CAST] * len(made) + [BallotEventKind.CHANGED] * len(changed)
    BallotEvent.objects.bulk_create(
        (BallotEvent(budget=budget, kind=kind, origin=BallotOrigin.FILE, at=at) for kind in kinds), batch_size=5000
    )
    report.created[BALLOTS] += len(made)
    report.changed[BALLOTS] += len(changed)


def _known_ballots(budget: Budget) -> dict[str, tuple[Ballot, list[Choice], dict[str, str]]]:
    """The ballots of the file that are stored, by their voter id. Two queries."""
    known: dict[str, tuple[Ballot, list[Choice], dict[str, str]]] = {
        ballot.file_id: (ballot, [], ballot.columns) for ballot in budget.ballots.exclude(file_id="")
    }
    rows = BallotChoice.objects.filter(ballot__budget=budget).exclude(ballot__file_id="").order_by("position")
    for file_id, number, points in rows.values_list("ballot__file_id", "project__number", "points"):
        known[file_id][1].append(Choice(number, points))
    return known


def _usable_ballots(
    blank: BallotPaper, file: PabulibFile, report: ImportReport
) -> Iterator[tuple[str, list[Choice], dict[str, str]]]:
    """Voter, choices and further columns of each row that is a ballot; the others are refused."""
    seen: set[str] = set()
    for position, (line, row) in enumerate(file.votes.rows):
        report.read[BALLOTS] += 1
        place = _("line %(line)d") % {"line": line}
        voter = row.get("voter_id") or str(position)
        if voter in seen or len(voter) > 80:
            report.refuse(BALLOTS, place, "voter_twice", _("voter %(voter)s has a ballot already") % {"voter": voter})
            continue
        choices = _choices(row)
        if choices is None:
            report.refuse(BALLOTS, place, "points_unreadable", _("votes and points do not fit together"))
            continue
        refusals = BallotPaper(blank.budget, blank.projects, blank.envelopes, choices).refusals()
        if refusals:
            report.refuse(BALLOTS, place, refusals[0].code, refusals[0].detail)
            continue
        seen.add(voter)
        yield (
            voter,
            choices,
            {column: text for column, text in row.items() if column not in {"voter_id", "vote", "points"}},
        )


def _choices(row: dict[str, str]) -> list[Choice] | None:
    numbers = [number.strip() for number in row["vote"].split(",") if number.strip()]
    if "points" not in row:
        return [Choice(number) for number in numbers]
    given = row["points"].split(",") if numbers else []
    try:
        points = [int(text) for text in given if text.strip()]
    except ValueError:
        return None
    if len(points) != len(numbers):
        return None
    return [Choice(number, given) for number, given in zip(numbers, points, strict=True)]
