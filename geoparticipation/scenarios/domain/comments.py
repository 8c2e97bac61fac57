"""The places of a plan as what people comment on: in the one table of contributions, with all that this brings."""

from __future__ import annotations

from django.utils import timezone

from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.domain.placement import place_contribution
from geoparticipation.contributions.domain.store_contribution import store_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin, PublicPlace, Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.scenarios.models import Plan, PlanPlace


def open_for_comments(*, plan: Plan, place: PlanPlace) -> Contribution:
    """Put a place among the contributions, online and read, so that comments can answer it; once.

    It is nobody's, and has the place's own code. To be called in a transaction. Raises what `place_contribution` does.
    """
    if place.contribution is not None:
        return place.contribution
    now = timezone.now()
    made = store_contribution(
        actor=Actor(),
        consultation=plan.consultation,
        phase=None,
        kind=Kind.PLAN,
        status=Status.PUBLISHED,
        origin=Origin.MEETING,
        placement=place_contribution(
            consultation=plan.consultation,
            geometry=place.geometry,
            located_by=LocatedBy.DRAWN,
            public_place=PublicPlace.EXACT,
        ),
        title=_title(plan, place),
        body=place.text,
        language=plan.language,
        at=now,
    )
    Contribution.objects.filter(pk=made.pk).update(code=place.code, reviewed_at=now)
    made.refresh_from_db()
    place.contribution = made
    place.save(update_fields=["contribution"])
    return made


def _title(plan: Plan, place: PlanPlace) -> str:
    return f"{place.name} – {plan.title}"[:120]


def rename_for_comments(*, plan: Plan, place: PlanPlace) -> None:
    """Let the words of a place be those that its comments answer, too. One statement, none for a draft."""
    if place.contribution_id is not None:
        Contribution.objects.filter(pk=place.contribution_id).update(
            title=_title(plan, place), body=place.text, updated_at=timezone.now()
        )
