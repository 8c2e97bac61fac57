"""The density cells of contributions: which rows are counted, and which filters the counts can answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet
from django.http import QueryDict

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Status
from layers.cells import CellTable
from layers.density import MaintainedDensity

# Counted are the rows of `ContributionQuerySet.public`; the consultation's state is looked at when reading.
CELLS = CellTable(
    table="contributions_contribution",
    geometry="public_geometry",
    condition="{row}.status = 'published'",
    columns=("status",),
    counts_by=("kind",),
    group="consultation_id",
    parent="parent_id",
    sums=("support_count",),
)
_NOT_IN_CELLS = ("in_bbox", "district", "street", "council", "q", "submitted_after", "submitted_before")


def _selection(parameters: QueryDict) -> Mapping[str, Sequence[object] | QuerySet[Consultation]] | None:
    """Kinds and consultations asked for, None where a filter asks for what the cells do not know."""
    from geoparticipation.contributions.filters import filters_of_apps  # which reads the model that has these cells

    if any(value.strip() for name in (*_NOT_IN_CELLS, *filters_of_apps()) for value in parameters.getlist(name)):
        return None
    statuses = _several(parameters, "status")
    if statuses and Status.PUBLISHED not in statuses:
        return None
    consultations = Consultation.objects.exclude(state=ConsultationState.DRAFT)
    if slugs := _several(parameters, "consultation"):
        consultations = consultations.filter(slug__in=slugs)
    selection: dict[str, Sequence[object] | QuerySet[Consultation]] = {
        "consultation_id": consultations.order_by().values("pk")
    }
    if kinds := _several(parameters, "kind"):
        selection["kind"] = kinds
    return selection


def _several(parameters: QueryDict, name: str) -> list[str]:
    """The values of a filter, as `filters.filter_contributions` reads them."""
    return [part.strip() for text in parameters.getlist(name) for part in text.split(",") if part.strip()]


DENSITY = MaintainedDensity(CELLS, _selection)


def known_count(parameters: QueryDict) -> int | None:
    """How many public contributions these filters leave, None where only counting can tell. One query at most."""
    cells = DENSITY.selected(parameters)
    return None if cells is None else cells.total()
