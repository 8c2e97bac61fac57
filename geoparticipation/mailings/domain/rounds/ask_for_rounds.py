"""Rounds that are planned in the background: the wish, and carrying it out."""

from __future__ import annotations

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.rounds.plan_rounds import (
    refuse_once_begun,
    refuse_while_handed_out,
    split_mailing,
)
from geoparticipation.mailings.enums import PlanState
from geoparticipation.mailings.errors import RoundsMalformed
from geoparticipation.mailings.models import Mailing, RoundPlan
from layers.errors import Refusal


@transaction.atomic
def ask_for_rounds(
    *,
    mailing: Mailing,
    user: User | None,
    rounds: int | None = None,
    minutes: float | None = None,
    start: Point | None = None,
    start_words: str = "",
    end: Point | None = None,
    end_words: str = "",
    end_links: bool = False,
) -> RoundPlan:
    """Keep what is wanted; the caller hands the plan to the worker once this is committed.

    It takes the place of an earlier wish, also of one that is being planned. The rounds of before stay until the new
    ones are there; with them the links to them end, which must be agreed to by `end_links`. Raises RoundsMalformed,
    RoundsBegun, RoundsHandedOut.
    """
    if (rounds is None) == (minutes is None):
        raise RoundsMalformed
    refuse_once_begun(mailing)
    if not end_links:
        refuse_while_handed_out(mailing)
    plan, _is_new = RoundPlan.objects.update_or_create(
        mailing=mailing,
        defaults={
            "rounds": rounds,
            "minutes": minutes,
            "start": start,
            "start_words": start_words,
            "end": end,
            "end_words": end_words,
            "state": PlanState.WAITING,
            "asked_by": user,
            "asked_at": timezone.now(),
            "refusal": "",
        },
    )
    return plan


def carry_out_plan(*, plan_id: int) -> RoundPlan | None:
    """Plan what was asked for last. Safe to run again, also after a kill; None where nothing waits.

    What cannot be planned is kept as “refused” with its sentence in the consultation's language, and the rounds of
    before stay.
    """
    plan = RoundPlan.objects.select_related("mailing__consultation").filter(pk=plan_id).first()
    if plan is None or not plan.is_pending:
        return None
    wish = RoundPlan.objects.filter(pk=plan_id, asked_at=plan.asked_at)
    wish.update(state=PlanState.PLANNING)
    with translation.override(plan.mailing.consultation.language):
        try:
            with transaction.atomic():
                planned = split_mailing(
                    mailing=plan.mailing, rounds=plan.rounds, minutes=plan.minutes, start=plan.start, end=plan.end
                )
                wish.update(**planned.as_figures())
        except Refusal as refusal:
            wish.update(state=PlanState.REFUSED, refusal=refusal.detail, finished_at=timezone.now())
        except Exception:
            reason = _("Planning broke off. Ask again; if it happens again, tell whoever runs this site.")
            wish.update(state=PlanState.REFUSED, refusal=reason, finished_at=timezone.now())
            raise
    plan.refresh_from_db()
    return plan
