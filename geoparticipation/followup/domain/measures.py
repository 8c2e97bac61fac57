"""Noting what is made of an idea, where, and for what money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.contributions.errors import OutsideTerritory
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.text import clean_text
from geoparticipation.followup.domain.cases import require_euros
from geoparticipation.followup.enums import Progress
from geoparticipation.followup.errors import DayMissing, NotAnswered, NotOnline, SayMore
from geoparticipation.followup.models import Measure
from geoparticipation.followup.queries import to_be_realised
from geoparticipation.followup.rules import require_may_follow_up
from layers.geometry import check_geometry
from neighbourhoods.domain.territory import territory_covers

PROGRESS_LENGTH: Final = 2000


@transaction.atomic
def record_progress(
    *,
    contribution: Contribution,
    agent: User,
    progress: str,
    text: str = "",
    spent: Decimal | None = None,
    done_on: date | None = None,
    geometry: GEOSGeometry | None = None,
    where_the_idea_is: bool = False,
    at: datetime | None = None,
) -> Measure:
    """Note how far an idea is that was accepted, or that won a budget's vote; `done_on` where it is done.

    `geometry` (SRID 4326) is where it is built; without one the place stays as it was, and with `where_the_idea_is`
    it is the idea's again. `spent` in euros. Raises NotAllowed, NotOnline, NotAnswered, SayMore, DayMissing,
    OutsideTerritory and what `check_geometry` raises.
    """
    require_may_follow_up(agent)
    locked = Contribution.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=contribution.pk)
    if not Contribution.objects.public().filter(pk=locked.pk).exists():
        raise NotOnline
    if not to_be_realised().filter(pk=locked.pk).exists():
        raise NotAnswered
    if progress not in Progress.values:
        raise SayMore(_("Choose how far it is."), field="progress")
    text = clean_text(text, lines=True)
    if len(text) > PROGRESS_LENGTH:
        raise SayMore(_("Shorten this to %(longest)d characters.") % {"longest": PROGRESS_LENGTH}, field="text")
    require_euros(spent, "spent")
    is_done = progress == Progress.DONE
    if is_done and (done_on is None or done_on > timezone.localdate(at)):
        raise DayMissing
    said: dict[str, Any] = {"progress": progress, "text": text, "spent": spent, "done_on": done_on if is_done else None}
    if geometry is not None:
        said["geometry"] = check_geometry(geometry)
        if not territory_covers(said["geometry"]):
            raise OutsideTerritory
    elif where_the_idea_is:
        said["geometry"] = None
    measure, _made = Measure.objects.update_or_create(contribution=locked, defaults=said)
    return measure
