"""Counting what people prefer, and letting everybody read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.timezone import localdate

from geoparticipation.consultations.enums import ConsultationState, Feature
from geoparticipation.consultations.phases import opens
from geoparticipation.scenarios.enums import PlanState, ResultsShown
from geoparticipation.scenarios.models import Plan, PlanPlace, Preference, Variant
from geoparticipation.scenarios.telling import tell


@dataclass(frozen=True)
class Answer:
    """One line of the results of a place: people who prefer `variant` (None: none of them); None is not told."""

    variant: Variant | None
    people: int | None


def is_over(plan: Plan, at: datetime | None = None) -> bool:
    """Whether nobody can say any more what they prefer: no phase that lets them runs or is to come.

    No query with the consultation and its phases prefetched, else two at the most.
    """
    if plan.consultation.state == ConsultationState.ARCHIVED:
        return True
    now = at or timezone.now()
    phases = [phase for phase in plan.consultation.phases.all() if Feature.PREFER in opens(phase.kind)]
    return bool(phases) and all(phase.ends_at is not None and phase.ends_at <= now for phase in phases)


def count_preferences(plan: Plan) -> dict[int, dict[int | None, int]]:
    """People by place and variant (None: none of these), exact; for agents. One query."""
    rows = Preference.objects.filter(plan=plan).order_by().values_list("place", "variant").annotate(people=Count("pk"))
    counted: dict[int, dict[int | None, int]] = {}
    for place, variant, people in rows:
        counted.setdefault(place, {})[variant] = people
    return counted


def release_results(*, plan: Plan, at: datetime | None = None) -> Plan:
    """Bring what everybody reads up to date, where it is due; returns the plan with `told_on`.

    Due are: the exact figures once nobody can answer any more; before that, where the plan shows them, figures in
    fives, once a day. What was told at the end stays, also when preferences go with an account later. A plan that takes
    answers again has figures in fives for good. No query where nothing is due and the phases are prefetched.
    """
    now = at or timezone.now()
    if not _is_due(plan, now):
        return plan
    with transaction.atomic():
        locked = (
            Plan.objects.select_for_update(of=("self",), no_key=True).select_related("consultation").get(pk=plan.pk)
        )
        if _is_due(locked, now):
            _release(locked, now)
    plan.told_on, plan.told_exactly, plan.told_at_end = locked.told_on, locked.told_exactly, locked.told_at_end
    return plan


def _is_due(plan: Plan, now: datetime) -> bool:
    if plan.state != PlanState.PUBLISHED or plan.consultation.state == ConsultationState.DRAFT:
        return False
    if is_over(plan, now):
        return not plan.told_at_end
    if plan.results_shown != ResultsShown.ALWAYS:
        return plan.told_on is not None
    return plan.told_at_end or plan.told_on is None or plan.told_on < localdate(now)


def _release(plan: Plan, now: datetime) -> None:
    at_end = is_over(plan, now)
    exactly = at_end and not plan.told_exactly
    shown = at_end or plan.results_shown == ResultsShown.ALWAYS
    counted = count_preferences(plan)
    variants = list(plan.variants.all())
    for place in plan.places.all():
        told = _told(counted.get(place.pk, {}), variants, exactly=exactly) if shown else None
        PlanPlace.objects.filter(pk=place.pk).update(told=told)
    plan.told_on = localdate(now) if shown else None
    plan.told_at_end = at_end
    plan.told_exactly = plan.told_exactly or exactly
    plan.save(update_fields=["told_on", "told_at_end", "told_exactly"])


def _told(counted: Mapping[int | None, int], variants: list[Variant], *, exactly: bool) -> dict[str, Any]:
    told = tell([*(counted.get(variant.pk, 0) for variant in variants), counted.get(None, 0)], exactly=exactly)
    names: list[tuple[str | None, str]] = [(str(variant.code), variant.name) for variant in variants]
    return {
        "answers": [
            {"variant": code, "name": name, "people": people}
            for (code, name), people in zip([*names, (None, "")], told.answers, strict=True)
        ],
        "total": told.total,
        "in_fives": not exactly,
    }
