"""Making a plan, publishing it, and what may change once people have answered."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.rules import require_may_manage
from geoparticipation.contributions.text import clean_text
from geoparticipation.scenarios.domain.comments import open_for_comments, rename_for_comments
from geoparticipation.scenarios.enums import PlanState, ResultsShown
from geoparticipation.scenarios.errors import PlanAnswered, PlanIncomplete, PlanStateChanged
from geoparticipation.scenarios.models import Plan, PlanPlace, Preference

LEAST_VARIANTS: Final = 2
LONGEST: Final = {"title": 120, "text": 5000, "name": 80, "variant_text": 2000, "note": 500, "label": 120, "kind": 40}


def checked_words(text: str, field: str, longest: str, *, required: bool = False, lines: bool = True) -> str:
    """Clean plain text of at most `LONGEST[longest]` characters; raises PlanIncomplete."""
    text = clean_text(text, lines=lines)
    if required and not text:
        raise PlanIncomplete(_("Fill in this field."), field=field)
    if len(text) > LONGEST[longest]:
        raise PlanIncomplete(_("Shorten this to %(longest)d characters.") % {"longest": LONGEST[longest]}, field=field)
    return text


def lock_plan(plan: Plan) -> Plan:
    """The plan as it is now, with its places locked until the transaction ends, so that nobody answers meanwhile."""
    locked = Plan.objects.select_for_update(of=("self",), no_key=True).select_related("consultation").get(pk=plan.pk)
    list(PlanPlace.objects.select_for_update(of=("self",)).filter(plan=locked).order_by("pk").values_list("pk"))
    return locked


def is_answered(plan: Plan) -> bool:
    """Whether anybody has said what they prefer. One query."""
    return Preference.objects.filter(plan=plan).exists()


def require_unanswered(plan: Plan) -> None:
    """Raise PlanAnswered once anybody has said what they prefer."""
    if is_answered(plan):
        raise PlanAnswered


@transaction.atomic
def save_plan(
    *,
    agent: User,
    plan: Plan | None = None,
    consultation: Consultation,
    title: str,
    text: str = "",
    results_shown: str = ResultsShown.AFTERWARDS,
) -> Plan:
    """Store a plan (a draft when new). The words may always change, the consultation only while it is a draft.

    Results that were told are hidden again when everybody is to see them afterwards only. Raises NotAllowed,
    PlanIncomplete, PlanStateChanged.
    """
    require_may_manage(agent)
    kept = Plan(made_by=agent) if plan is None else lock_plan(plan)
    if kept.pk is not None and kept.state != PlanState.DRAFT and kept.consultation_id != consultation.pk:
        raise PlanStateChanged
    if results_shown not in ResultsShown.values:
        raise PlanIncomplete(_("Please choose one from the list."), field="results_shown")
    kept.consultation = consultation
    kept.title = checked_words(title, "title", "title", required=True, lines=False)
    kept.text = checked_words(text, "text", "text")
    kept.results_shown = results_shown
    if results_shown == ResultsShown.AFTERWARDS and not kept.told_at_end:
        kept.told_on = None
        kept.places.update(told=None) if kept.pk is not None else None
    kept.save()
    for place in kept.places.all():
        rename_for_comments(plan=kept, place=place)
    return kept


@transaction.atomic
def publish_plan(*, agent: User, plan: Plan) -> Plan:
    """Show a draft to everybody, and let its places be commented on.

    Raises NotAllowed, PlanStateChanged, PlanIncomplete (fewer than two variants, or no place).
    """
    require_may_manage(agent)
    kept = lock_plan(plan)
    if kept.state != PlanState.DRAFT:
        raise PlanStateChanged
    if kept.variants.count() < LEAST_VARIANTS:
        raise PlanIncomplete(_("There is nothing to compare yet: add at least two variants."))
    places = list(kept.places.all())
    if not places:
        raise PlanIncomplete(_("Add at least one place where the variants differ."))
    kept.state = PlanState.PUBLISHED
    kept.save(update_fields=["state", "updated_at"])
    for place in places:
        open_for_comments(plan=kept, place=place)
    return kept


@transaction.atomic
def delete_plan(*, agent: User, plan: Plan) -> None:
    """Throw a draft away, with all that is in it. Raises NotAllowed, PlanStateChanged."""
    require_may_manage(agent)
    kept = lock_plan(plan)
    if kept.state != PlanState.DRAFT:
        raise PlanStateChanged
    kept.delete()


def touch_plan(plan: Plan) -> None:
    """Note that something of the plan changed: pictures and caches go by it. One statement."""
    Plan.objects.filter(pk=plan.pk).update(updated_at=timezone.now())
