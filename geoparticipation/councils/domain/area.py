"""What lies in a council's area, and targets that its councillors make there."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.models import QuerySet, Subquery

from geoparticipation.accounts.models import User
from geoparticipation.councils.errors import BeyondArea
from geoparticipation.councils.models import Council
from geoparticipation.councils.rules import require_acts_for
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.models import Target


def targets_within(council: Council) -> QuerySet[Target]:
    """The targets whose shape the council's area covers: each point of it, those on the border too (ST_CoveredBy).

    Its own area is one of them. A target without a shape is none.
    """
    area = Target.objects.filter(pk=council.area_id).values("geometry")
    return Target.objects.filter(geometry__coveredby=Subquery(area))


def require_within(council: Council, target: Target) -> None:
    """Raise BeyondArea unless the council's area covers the target; locks the area until the transaction ends.

    Nobody can shrink the area between this check and what is written after it. Two queries.
    """
    Target.objects.select_for_update().filter(pk=council.area_id).values_list("pk").get()
    if not targets_within(council).filter(pk=target.pk).exists():
        raise BeyondArea(council.name)


def shape_within(council: Council, shape: GEOSGeometry) -> bool:
    """Whether the council's area covers a shape (SRID 4326) that is not saved; one query."""
    return Target.objects.filter(pk=council.area_id, geometry__covers=shape).exists()


@transaction.atomic
def save_council_target(*, user: User, council: Council, name: object, parts: Iterable[PartSpec]) -> Target:
    """Let a councillor keep a new target, of any parts, inside the council's area.

    Raises NotAllowed, BeyondArea and what `save_target` raises.
    """
    require_acts_for(user, council)
    target = save_target(name=name, parts=parts, user=user)
    require_within(council, target)
    return target
