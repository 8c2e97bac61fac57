"""What becomes of a mailing, step by step: flyers, rounds, delivery, what comes back; and which is the next."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from geoparticipation.mailings.models import FlyerDesign, Mailing, MailingLetterbox, Round, RoundEvent


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
    """Add what `steps_of` needs, in the same query: `has_design`, `has_rounds`, `noted`.

    `noted` letterboxes are ticked off on the rounds; null where nothing was noted on any.
    """
    ticked = MailingLetterbox.objects.filter(mailing=OuterRef("pk"), delivered_on__isnull=False).order_by()
    count = ticked.values("mailing").annotate(count=Count("pk")).values("count")
    return mailings.annotate(
        has_design=Exists(FlyerDesign.objects.filter(mailing=OuterRef("pk"))),
        has_rounds=Exists(Round.objects.filter(mailing=OuterRef("pk"))),
        noted=Case(
            When(Exists(RoundEvent.objects.filter(round__mailing=OuterRef("pk"))), then=Coalesce(Subquery(count), 0)),
            output_field=IntegerField(),
        ),
    )


def steps_of(mailing: Mailing, *, has_design: bool, has_rounds: bool, noted: int | None) -> list[Step]:
    """The steps of a mailing, of which one is the next. No query.

    What is delivered needs neither flyers nor rounds any more, whether or not they were made here. It is once a day was
    entered, or every letterbox ticked off on the rounds.
    """
    delivered = mailing.delivered_on is not None or noted == mailing.letterbox_count
    done = [delivered or has_design, delivered or has_rounds, delivered, False]
    named = [
        ("flyers", _("Flyers"), _("designed") if has_design else _("not designed yet"), _("Design the flyers")),
        ("rounds", _("Rounds"), _("planned") if has_rounds else _("not planned yet"), _("Plan the rounds")),
        ("response", _("Delivery"), delivery_in_words(mailing, noted), _("Enter the day of delivery")),
        (
            "response",
            _("What came back"),
            _counted_in_words(mailing, noted),
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


def delivery_in_words(mailing: Mailing, noted: int | None) -> str:
    """How far delivery is, by the notes of the rounds where there are any (as in what came back), else by the day."""
    if noted is not None:
        figures = {"noted": number_format(noted, force_grouping=True)}
        figures["letterboxes"] = number_format(mailing.letterbox_count, force_grouping=True)
        return _("delivered to %(noted)s of %(letterboxes)s letterboxes, as noted on the rounds") % figures
    if mailing.delivered_on is None:
        return _("not delivered yet")
    return _("delivered on %(day)s") % {"day": date_format(mailing.delivered_on, "DATE_FORMAT")}


def _counted_in_words(mailing: Mailing, noted: int | None) -> str:
    if noted is not None:
        return _("counted as the rounds are noted")
    return _("counted once they are delivered") if mailing.delivered_on is None else _("counted from that day on")


def _address(key: str, mailing: Mailing) -> str:
    return reverse(f"workspace-mailing-{key}", args=[mailing.pk])
