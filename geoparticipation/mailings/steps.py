"""What becomes of a mailing, step by step: flyers, rounds, delivery, what comes back; and which is the next."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from geoparticipation.mailings.models import FlyerDesign, Mailing, Round


@dataclass(frozen=True)
class Step:
    """One step: its title, how far it is in words, what to do there, and where."""

    key: str
    title: str
    words: str
    action: str
    url: str
    is_done: bool
    is_next: bool


def with_progress(mailings: QuerySet[Mailing]) -> QuerySet[Mailing]:
    """Add what `steps_of` needs (`has_design`, `has_rounds`), in the same query."""
    return mailings.annotate(
        has_design=Exists(FlyerDesign.objects.filter(mailing=OuterRef("pk"))),
        has_rounds=Exists(Round.objects.filter(mailing=OuterRef("pk"))),
    )


def steps_of(mailing: Mailing, *, has_design: bool, has_rounds: bool) -> list[Step]:
    """The steps of a mailing, of which one is the next. No query.

    What is delivered needs neither flyers nor rounds any more, whether or not they were made here.
    """
    delivered = mailing.delivered_on is not None
    done = [delivered or has_design, delivered or has_rounds, delivered, False]
    named = [
        ("flyers", _("Flyers"), _("designed") if has_design else _("not designed yet"), _("Design the flyers")),
        ("rounds", _("Rounds"), _("planned") if has_rounds else _("not planned yet"), _("Plan the rounds")),
        ("response", _("Delivery"), _delivery_in_words(mailing), _("Enter the day of delivery")),
        (
            "response",
            _("What came back"),
            _("counted from that day on") if delivered else _("counted once they are delivered"),
            _("See what came back"),
        ),
    ]
    return [
        Step(
            key=key,
            title=title,
            words=words,
            action=action,
            url=_address(key, mailing),
            is_done=is_done,
            is_next=at == done.index(False),
        )
        for at, ((key, title, words, action), is_done) in enumerate(zip(named, done, strict=True))
    ]


def _delivery_in_words(mailing: Mailing) -> str:
    if mailing.delivered_on is None:
        return _("not delivered yet")
    return _("delivered on %(day)s") % {"day": date_format(mailing.delivered_on, "DATE_FORMAT")}


def _address(key: str, mailing: Mailing) -> str:
    return reverse(f"workspace-mailing-{key}", args=[mailing.pk])
