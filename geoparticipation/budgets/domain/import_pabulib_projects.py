"""The projects of a .pb file, each with a place."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geoparticipation.budgets.enums import (
    ProjectState,
)
from geoparticipation.budgets.errors import PlaceOfProjectsUnknown
from geoparticipation.budgets.models import Budget, Envelope, Project
from geoparticipation.budgets.pabulib.districts import DistrictFinder, label_of
from geoparticipation.budgets.pabulib.reading import PabulibFile, read_amount
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain.placement import Placement, place_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin, Status
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from layers.plain_text import clean_text
from neighbourhoods.domain.territory import territory_covers
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import KINDS, ImportReport

PROJECTS: Final = "projects"
KINDS.update({PROJECTS: gettext_lazy("projects")})


def import_projects(
    budget: Budget, envelope: Envelope, file: PabulibFile, *, report: ImportReport, ticker: Ticker, at: datetime
) -> None:
    """Store the projects of a file, each with a place; rows that are none are refused in the report."""
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
        if project.state != ProjectState.TAKEN_OFF:
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
