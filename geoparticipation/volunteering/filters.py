"""What the list, the map and the files of contributions can be narrowed by beyond their own filters."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.db.models.expressions import F

from geoparticipation.contributions.filters import UnknownFilterValue, register_filter
from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering.domain.times import SLOTS, times_of
from geoparticipation.volunteering.models import Skill


def with_skills(contributions: QuerySet[Contribution], slugs: list[str]) -> QuerySet[Contribution]:
    """Offers and missions with any of these skills. One small query. Raises UnknownFilterValue."""
    known = dict(Skill.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    for slug in slugs:
        if slug not in known:
            raise UnknownFilterValue("skill", slug)
    offers = Skill.offers.through.objects.filter(skill__in=known.values()).values("volunteeroffer_id")
    missions = Skill.missions.through.objects.filter(skill__in=known.values()).values("mission_id")
    return contributions.filter(Q(pk__in=offers) | Q(pk__in=missions))


def at_times(contributions: QuerySet[Contribution], slots: list[str]) -> QuerySet[Contribution]:
    """Offers and missions at any of these parts of the week: 0 is Monday morning, 20 Sunday evening."""
    for text in slots:
        if not (text.isdecimal() and len(text) < 3 and int(text) < SLOTS):
            raise UnknownFilterValue("time", text)
    wanted = times_of(map(int, slots))
    return contributions.annotate(
        offered=F("offer__times").bitand(wanted), needed=F("mission__times").bitand(wanted)
    ).filter(Q(offered__gt=0) | Q(needed__gt=0))


register_filter("skill", with_skills, description="Slugs of skills, with commas: offers and missions with any of them.")
register_filter(
    "time",
    at_times,
    description="Numbers from 0 (Monday morning) to 20 (Sunday evening), with commas, three for each day: offers and "
    "missions at any of these times.",
)
