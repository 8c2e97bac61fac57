"""A vote that was held elsewhere, from its .pb file: projects with their places, and ballots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geoparticipation.budgets.ballot_paper import BallotPaper, Choice
from geoparticipation.budgets.domain.vote_lock import enter_vote
from geoparticipation.budgets.enums import (
    BallotEventKind,
    BallotOrigin,
    Method,
    ProjectState,
    Rule,
    TieRule,
)
from geoparticipation.budgets.errors import BudgetNotOfFile, PlaceOfProjectsUnknown, SlugUnusable, VoteClosed
from geoparticipation.budgets.models import Ballot, BallotChoice, BallotEvent, Budget, Envelope, Project
from geoparticipation.budgets.pabulib.districts import DistrictFinder, label_of
from geoparticipation.budgets.pabulib.reading import PabulibFile, read_amount
from geoparticipation.budgets.receipts import draw_receipt
from geoparticipation.consultations.enums import ConsultationState, PhaseKind
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.contributions.domain.placement import Placement, place_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin, Status
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from layers.plain_text import clean_text
from neighbourhoods.domain.territory import territory_covers
from neighbourhoods.importers.progress import SilentTicker, Ticker
from neighbourhoods.importers.report import KINDS, ImportReport

PROJECTS: Final = "projects"
BALLOTS: Final = "ballots"
KINDS.update({PROJECTS: gettext_lazy("projects"), BALLOTS: gettext_lazy("ballots")})
_DAY_FORMATS: Final = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%m.%Y", "%Y")


@transaction.atomic
def import_pabulib(
    *, file: PabulibFile, slug: str, report: ImportReport, ticker: Ticker | None = None, at: datetime | None = None
) -> Budget:
    """Store the file's budget, projects and ballots in the consultation of this address, made when there is none.

    A project lies where the file says, else it is its district, else the whole town. Rows that cannot be used are
    refused in the report and the others taken. The same file again changes nothing; a later one changes what
    differs and removes nothing. Raises PabulibUnreadable, BudgetNotOfFile, VoteClosed, SlugUnusable,
    PlaceOfProjectsUnknown.
    """
    ticker = ticker or SilentTicker()
    method, amount = file.method, file.budget
    consultation = Consultation.objects.filter(slug=slug).first() or _make_consultation(slug, file)
    budget = _save_budget(consultation, file, method, amount)
    enter_vote(budget)
    envelope, _made = Envelope.objects.update_or_create(budget=budget, district=None, defaults={"amount": amount})
    _import_projects(budget, envelope, file, report=report, ticker=ticker, at=at or timezone.now())
    _import_ballots(budget, envelope, file, report=report, ticker=ticker, at=at or timezone.now())
    return budget


def _make_consultation(slug: str, file: PabulibFile) -> Consultation:
    if not re.fullmatch(r"[-a-zA-Z0-9_]{1,80}", slug):
        raise SlugUnusable(slug)
    meta = file.meta
    title = " · ".join(filter(None, (meta.get("description", ""), meta.get("subunit", ""), meta.get("instance", ""))))
    language = meta.get("language", "").lower()
    known = {code for code, _name in settings.LANGUAGES}
    consultation = Consultation.objects.create(
        slug=slug,
        title=clean_text(title, lines=False)[:160] or slug,
        summary=_("A participatory budget read from a file: %(unit)s.") % {"unit": meta.get("unit", slug)},
        language=language if language in known else settings.LANGUAGE_CODE,
        state=ConsultationState.PUBLISHED,
    )
    begins, ends = _day(meta.get("date_begin", "")), _day(meta.get("date_end", ""))
    if begins is not None:
        last = ends + timedelta(days=1) if ends is not None and ends >= begins else None
        Phase.objects.create(consultation=consultation, kind=PhaseKind.VOTE, starts_at=begins, ends_at=last)
    return consultation


def _day(text: str) -> datetime | None:
    for form in _DAY_FORMATS:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=timezone.get_current_timezone())
        except ValueError:
            continue
    return None


def _save_budget(consultation: Consultation, file: PabulibFile, method: Method, amount: Decimal) -> Budget:
    budget = Budget.objects.filter(consultation=consultation).first() or Budget(consultation=consultation)
    if budget.pk and not budget.source:
        raise BudgetNotOfFile
    if budget.closed_at is not None:
        raise VoteClosed
    points = method == Method.POINTS
    budget.method = method
    budget.currency = (file.meta.get("currency") or "EUR").upper()[:3]
    budget.min_projects = 0
    budget.max_projects = 1 if file.meta.get("vote_type", "").lower() == "choose-1" else file.limit("max_length")
    budget.max_points = file.limit("max_sum_points") if points else 0
    budget.max_points_each = file.limit("max_points") if points else 0
    budget.rule = Rule.EQUAL_SHARES if "equal" in file.meta.get("rule", "").lower() else Rule.GREEDY_VOTES
    budget.tie_rule = TieRule.TEXT  # as the tools of Pabulib do
    budget.open_to_outside = True
    budget.source = {"meta": list(file.meta.items()), "projects": file.projects.columns, "votes": file.votes.columns}
    budget.save()
    return budget


def _import_projects(
    budget: Budget, envelope: Envelope, file: PabulibFile, *, report: ImportReport, ticker: Ticker, at: datetime
) -> None:
    step = ticker.step(_("Reading projects"), len(file.projects.rows))
    places = _Places(budget.consultation)
    known = {project.number: project for project in budget.projects.select_related("contribution")}
    seen: set[str] = set()
    for position, (line, row) in enumerate(file.projects.rows, start=1):
        step.advance()
        report.read[PROJECTS] += 1
        number, cost = row["project_id"], read_amount(row.get("cost", ""))
        problem = _problem_with_project(number, cost, seen)
        if problem:
            report.refuse(PROJECTS, _("line %(line)d") % {"line": line}, *problem, name=number)
            continue
        seen.add(number)
        kept = {column: text for column, text in row.items() if column not in {"project_id", "votes", "score"}}
        project = known.get(number)
        if project is not None and (project.columns, project.cost, project.position) == (kept, cost, position):
            report.unchanged[PROJECTS] += 1
            continue
        if project is None:
            project = Project(budget=budget, number=number, contribution=places.make(row, at))
        project.envelope, project.position = envelope, position
        project.category = row.get("category", "")[:120]
        project.cost, project.columns = cost, kept
        project.state, project.decided_at = ProjectState.SHORTLISTED, at
        (report.changed if project.pk else report.created)[PROJECTS] += 1
        project.save()
    if places.in_town:
        report.notes.append(
            _("%(count)d projects have no place in the file and no district we know: their place is the whole town.")
            % {"count": places.in_town}
        )


def _problem_with_project(number: str, cost: Decimal | None, seen: set[str]) -> tuple[str, str] | None:
    if not number or len(number) > 40 or "," in number:
        return "number_missing", _("it has no usable project_id")
    if number in seen:
        return "number_twice", _("the project_id %(number)s was there before") % {"number": number}
    if cost is None:
        return "cost_unreadable", _("its cost is no amount above 0")
    return None


class _Places:
    """Makes the contributions of a file's projects; each district is placed once."""

    def __init__(self, consultation: Consultation) -> None:
        self.consultation = consultation
        self.districts = DistrictFinder()
        self.in_town = 0
        self._placed: dict[int, Placement] = {}

    def make(self, row: dict[str, str], at: datetime) -> Contribution:
        placement = self._place(row)
        name = clean_text(row.get("name", "") or row["project_id"], lines=False)
        description = clean_text(row.get("description", ""), lines=True)
        contribution = Contribution.objects.create(
            kind=Kind.PROPOSAL,
            consultation=self.consultation,
            title=name if len(name) <= 120 else f"{name[:119]}…",
            body=(description or (name if len(name) > 120 else ""))[:5000],
            language=self.consultation.language,
            status=Status.PUBLISHED,
            origin=Origin.API,
            geometry=placement.geometry,
            public_geometry=placement.public_geometry,
            located_by=placement.located_by,
            district_id=placement.district_id,
            street_id=placement.street_id,
            submitted_at=at,
            reviewed_at=at,
        )
        ContributionDistrict.objects.bulk_create(
            ContributionDistrict(contribution=contribution, district_id=pk, share=min(share, 1.0))
            for pk, share in placement.shares
        )
        return contribution

    def _place(self, row: dict[str, str]) -> Placement:
        point = _point(row)
        if point is not None and territory_covers(point):
            return place_contribution(consultation=self.consultation, geometry=point, located_by=LocatedBy.PIN)
        district = self.districts.find(label_of(row))
        if district is None:
            self.in_town += 1
            district = self.districts.town
        if district is None:
            raise PlaceOfProjectsUnknown
        if district.pk not in self._placed:
            self._placed[district.pk] = place_contribution(
                consultation=self.consultation, geometry=None, located_by=LocatedBy.DISTRICT, district=district
            )
        return self._placed[district.pk]


def _point(row: dict[str, str]) -> Point | None:
    try:
        lon, lat = float(row["longitude"]), float(row["latitude"])
    except (KeyError, ValueError):
        return None
    return Point(lon, lat, srid=4326) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _import_ballots(
    budget: Budget, envelope: Envelope, file: PabulibFile, *, report: ImportReport, ticker: Ticker, at: datetime
) -> None:
    step = ticker.step(_("Reading ballots"), len(file.votes.rows))
    projects = list(budget.projects.on_ballot())
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
    try:
        points = [int(text) for text in row["points"].split(",") if text.strip()]
    except ValueError:
        return None
    if len(points) != len(numbers):
        return None
    return [Choice(number, given) for number, given in zip(numbers, points, strict=True)]
