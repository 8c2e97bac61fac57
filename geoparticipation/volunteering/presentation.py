"""Offers and missions in words, for pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering.domain.times import slot, times_in_words
from geoparticipation.volunteering.enums import PartOfDay
from geoparticipation.volunteering.models import Mission, VolunteerOffer


@dataclass(frozen=True)
class Told:
    """What a list tells of an offer or a mission beside its title and place."""

    when: str
    skills: str
    more: str


def dates_in_words(first: date | None, last: date | None) -> str:
    """Between which days, or on which; empty without either."""
    if first and last and first == last:
        return _("on %(day)s") % {"day": formats.date_format(first)}
    if first and last:
        return _("from %(first)s to %(last)s") % {
            "first": formats.date_format(first),
            "last": formats.date_format(last),
        }
    if first:
        return _("from %(first)s on") % {"first": formats.date_format(first)}
    return _("until %(last)s") % {"last": formats.date_format(last)} if last else ""


def reach_in_words(offer: VolunteerOffer) -> str:
    """How far somebody goes."""
    far = f"{offer.reach_m} m" if offer.reach_m < 1000 else f"{formats.number_format(Decimal(offer.reach_m) / 1000)} km"
    words = _("up to %(far)s on foot") if offer.on_foot else _("up to %(far)s as the crow flies")
    return words % {"far": far}


def told_of_offer(offer: VolunteerOffer) -> Told:
    """When, what, how far and how well. No query where the skills are prefetched."""
    dates = dates_in_words(offer.available_from, offer.available_until)
    return Told(
        " · ".join(part for part in (times_in_words(offer.times), dates) if part),
        ", ".join(str(skill) for skill in offer.skills.all()),
        f"{reach_in_words(offer)} · {offer.get_level_display()}",
    )


def told_of_mission(mission: Mission) -> Told:
    """When, what and how many. No query where the skills are prefetched."""
    dates = dates_in_words(mission.starts_on, mission.ends_on)
    people = _("%(count)d people wanted") if mission.people_wanted > 1 else _("%(count)d person wanted")
    return Told(
        " · ".join(part for part in (times_in_words(mission.times), dates) if part),
        ", ".join(str(skill) for skill in mission.skills.all()),
        people % {"count": mission.people_wanted},
    )


def tell(contributions: Iterable[Contribution]) -> list[tuple[Contribution, Told | None]]:
    """Each contribution with what is told of it. Four queries, whatever their number."""
    contributions = list(contributions)
    keys = [contribution.pk for contribution in contributions]
    told: dict[Any, Told] = {
        offer.pk: told_of_offer(offer)
        for offer in VolunteerOffer.objects.filter(pk__in=keys).prefetch_related("skills")
    }
    told |= {
        mission.pk: told_of_mission(mission)
        for mission in Mission.objects.filter(pk__in=keys).prefetch_related("skills")
    }
    return [(contribution, told.get(contribution.pk)) for contribution in contributions]


def week(chosen: Iterable[str]) -> list[tuple[str, list[tuple[int, str, bool]]]]:
    """The table of times for a form: each weekday with its parts (number, words, ticked)."""
    ticked = {str(number) for number in chosen}
    return [
        (
            str(WEEKDAYS[weekday]),
            [
                (slot(weekday, part), str(PartOfDay(part).label), str(slot(weekday, part)) in ticked)
                for part in PartOfDay.values
            ],
        )
        for weekday in range(7)
    ]
