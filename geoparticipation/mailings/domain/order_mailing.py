"""Asking for a mailing: its figures beforehand, and making it at once or in the background, as its size demands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import get_language, override

from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.make_mailing import clean_name, make_mailing, with_those_before
from geoparticipation.mailings.enums import FlyersPer, OrderState
from geoparticipation.mailings.models import Mailing, MailingLetterbox, MailingOrder
from layers.errors import Refusal
from neighbourhoods.domain.targets import parts_of
from neighbourhoods.domain.targets.list_letterboxes import CHOSEN_LETTERBOXES, choosing_letterboxes
from neighbourhoods.models import Target

MOST_AT_ONCE: Final = 2_000
"""Letterboxes of a mailing that is made while the agent waits: about two seconds."""


@dataclass(frozen=True)
class MailingFigures:
    """What a mailing would be: letterboxes and flyers, and the letterboxes left out, by reason."""

    letterboxes: int
    flyers: int
    no_flyers_left_out: int
    duplicates_left_out: int
    answered_left_out: int

    @property
    def is_made_at_once(self) -> bool:
        """Whether the agent can wait for it."""
        return self.letterboxes + self.answered_left_out <= MOST_AT_ONCE


def preview_mailing(
    *,
    target: Target,
    flyers_per: str = FlyersPer.LETTERBOX,
    respect_no_flyers: bool = True,
    only_unanswered_of: Mailing | None = None,
) -> MailingFigures:
    """Count what `make_mailing` would make with the same arguments, now; nothing is stored.

    Five queries, and one for each mailing that `only_unanswered_of` was itself a reminder of. Raises TargetRefused.
    """
    earlier = with_those_before(only_unanswered_of)
    choosing = choosing_letterboxes(target, respect_no_flyers=respect_no_flyers)
    with choosing as selection, connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FILTER (WHERE NOT has_answered),
                       coalesce(sum(flyers) FILTER (WHERE NOT has_answered), 0), count(*) FILTER (WHERE has_answered)
                  FROM (SELECT CASE WHEN %(each)s THEN greatest(1, dwellings) ELSE 1 END AS flyers,
                               address_id IN (SELECT address_id FROM {MailingLetterbox._meta.db_table}
                                               WHERE mailing_id = ANY(%(earlier)s) AND voices_used > 0
                                                 AND address_id IS NOT NULL) AS has_answered
                          FROM {CHOSEN_LETTERBOXES}) AS flyer""",
            {"each": flyers_per == FlyersPer.DWELLING, "earlier": earlier},
        )
        letterboxes, flyers, answered = cursor.fetchone()
    return MailingFigures(
        letterboxes=letterboxes,
        flyers=flyers,
        no_flyers_left_out=selection.no_flyers_left_out,
        duplicates_left_out=selection.duplicates_left_out,
        answered_left_out=answered,
    )


def order_mailing(
    *,
    name: str,
    consultation: Consultation,
    target: Target,
    flyers_per: str = FlyersPer.LETTERBOX,
    respect_no_flyers: bool = True,
    only_unanswered_of: Mailing | None = None,
    user: Any = None,
) -> MailingOrder:
    """Make a mailing; one of more than MOST_AT_ONCE letterboxes is left to the worker.

    Give the order back: its `mailing` is there when it was made at once. Raises what `make_mailing` raises for the name
    and the target; where the worker finds a reason, the order keeps it.
    """
    name = clean_name(name)
    order = MailingOrder(
        name=name,
        consultation=consultation,
        target=target,
        flyers_per=flyers_per,
        respect_no_flyers=respect_no_flyers,
        only_unanswered_of=only_unanswered_of,
        ordered_by=user,
        language=get_language() or "",
    )
    with transaction.atomic():
        with choosing_letterboxes(parts_of(target), respect_no_flyers=respect_no_flyers) as selection:
            is_large = selection.letterboxes > MOST_AT_ONCE
        if is_large:
            order.save()
            _queue(order)
            return order
        order.mailing = _make(order)
        order.state = OrderState.MADE
        order.save()
    return order


def carry_out_order(*, order_id: int) -> None:
    """Make the mailing of an order, all or nothing; what is made, refused or just being made is left alone.

    Whoever is killed in the middle leaves the order waiting, to be taken up again.
    """
    with transaction.atomic():
        order = (
            MailingOrder.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("consultation", "target", "only_unanswered_of", "ordered_by")
            .filter(pk=order_id, state=OrderState.WAITING)
            .first()
        )
        if order is None:
            return
        try:
            with transaction.atomic():
                order.mailing = _make(order)
        except Refusal as refusal:
            order.state, order.refusal = OrderState.REFUSED, refusal.detail[:400]
        else:
            order.state = OrderState.MADE
        order.save(update_fields=["state", "refusal", "mailing"])


def _make(order: MailingOrder) -> Mailing:
    with override(order.language or None):
        return make_mailing(
            name=order.name,
            consultation=order.consultation,
            target=order.target,
            flyers_per=order.flyers_per,
            respect_no_flyers=order.respect_no_flyers,
            only_unanswered_of=order.only_unanswered_of,
            user=order.ordered_by,
        )


def _queue(order: MailingOrder) -> None:
    from geoparticipation.mailings.tasks import make_ordered_mailing

    make_ordered_mailing.defer(order_id=order.pk)
