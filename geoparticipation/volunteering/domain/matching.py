"""Which missions suit an offer, and which offers suit a mission: by distance, times, skills and experience.

The person who offers is told of distances from where they put themselves. Everybody else gets what follows from the
public area alone: whether an offer suits, the order of the list and the distance, in steps. An association that made a
mission at every corner would learn where the middle of the area is, which is on the map anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import Centroid
from django.contrib.gis.geos import GEOSGeometry
from django.core.cache import cache
from django.db.models import FloatField, Func, QuerySet, Value
from django.db.models.expressions import F
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering.domain.times import Span, common_times, slot_in_words, slots_of, times_in_words
from geoparticipation.volunteering.domain.walking import walking_distances
from geoparticipation.volunteering.models import Mission, Skill, VolunteerOffer
from layers.keyed_hash import keyed_hash

STEPS_M: Final = (500, 1000, 2000, 5000, 10_000, 20_000)
"""What others are told of a distance: between which two of these it is."""
_KEPT_S: Final = 600
_EXACT_TO_M: Final = 50
_Row = TypeVar("_Row", VolunteerOffer, Mission)


@dataclass(frozen=True)
class Match:
    """An offer and a mission that suit each other, and why.

    `distance_m` is on foot or as the crow flies, as the offer says: from the person's own place where `is_exact`, else
    from the middle of the area that everybody sees. `times` are the bits that both have.
    """

    offer: VolunteerOffer
    mission: Mission
    distance_m: float
    is_exact: bool
    times: int
    skills: tuple[Skill, ...]

    @property
    def step(self) -> int:
        """In which of STEPS_M the distance is, the nearest first."""
        return next((number for number, most in enumerate(STEPS_M) if self.distance_m <= most), len(STEPS_M))

    @property
    def distance_in_words(self) -> str:
        """The distance to 50 m for the person, in steps for others."""
        if self.is_exact:
            rounded = max(_EXACT_TO_M, round(self.distance_m / _EXACT_TO_M) * _EXACT_TO_M)
            words = _("%(metres)s m away") % {"metres": formats.number_format(rounded, force_grouping=True)}
        elif self.step == 0:
            words = _("less than %(metres)s m away") % {"metres": STEPS_M[0]}
        elif self.step == len(STEPS_M):
            words = _("more than %(km)d km away") % {"km": STEPS_M[-1] // 1000}
        else:
            least, most = STEPS_M[self.step - 1], STEPS_M[self.step]
            words = _("%(least)s to %(most)s km away") % {
                "least": formats.number_format(Decimal(least) / 1000),
                "most": formats.number_format(Decimal(most) / 1000),
            }
        return _("%(distance)s on foot") % {"distance": words} if self.offer.on_foot else words

    @property
    def in_words(self) -> str:
        """The whole reason, as « 600 m away on foot · Saturday morning · gardening »."""
        slots = slots_of(self.times)
        when = slot_in_words(slots[0]) if len(slots) == 1 else times_in_words(self.times, longest=2)
        what = ", ".join(str(skill) for skill in self.skills) or _("no special skill needed")
        return " · ".join((self.distance_in_words, when, what))


class _Metres(Func):
    """Metres on the ellipsoid between two geometries (SRID 4326)."""

    template = "ST_Distance((%(expressions)s)::geography)"
    arg_joiner = ")::geography, ("
    output_field = FloatField()


def matches_of_offer(*, offer: VolunteerOffer, on: date | None = None) -> list[Match]:
    """The missions online in the same consultation that suit an offer now, the nearest first. At most five queries.

    For the person who offers alone: distances are from where they are.
    """
    on = on or timezone.localdate()
    home = offer.contribution.geometry
    missions = (
        _online(Mission.objects.all(), offer.contribution)
        .annotate(metres=_Metres(F("contribution__public_geometry"), Value(home, GeometryField())))
        .filter(metres__lte=offer.reach_m, level__lte=offer.level)
        .order_by("metres", "pk")
    )
    skills = {skill.pk: skill for skill in offer.skills.all()}
    found = [(mission, *suits) for mission in missions if (suits := _suits(offer, mission, skills, on)) is not None]
    places = [mission.contribution.public_geometry for mission, *_rest in found]
    distances = _distances(offer, home, places, [mission.metres for mission, *_rest in found])
    matches = [
        Match(offer, mission, distance, True, times, common)
        for (mission, times, common), distance in zip(found, distances, strict=True)
        if distance <= offer.reach_m
    ]
    return sorted(matches, key=lambda match: (match.distance_m, match.mission.pk))


def matches_of_mission(*, mission: Mission, on: date | None = None) -> list[Match]:
    """The offers online in the same consultation that suit a mission now. At most five queries.

    For the association and whoever asks: all of it follows from the areas that everybody sees. In order of the steps of
    distance, then of how many skills fit, then of the public code.
    """
    on = on or timezone.localdate()
    place = mission.contribution.public_geometry
    offers = (
        _online(VolunteerOffer.objects.all(), mission.contribution)
        .annotate(
            middle=Centroid("contribution__public_geometry"),
            metres=_Metres(Centroid("contribution__public_geometry"), Value(place, GeometryField())),
        )
        .filter(metres__lte=F("reach_m"), level__gte=mission.level)
        .order_by("pk")
    )
    wanted = {skill.pk for skill in mission.skills.all()}
    found = []
    for offer in offers:
        skills = {skill.pk: skill for skill in offer.skills.all()}
        suits = _suits(offer, mission, skills, on, wanted=wanted)
        if suits is not None:
            found.append((offer, *suits))
    walked = [offer for offer, *_rest in found if offer.on_foot]
    reach = max((offer.reach_m for offer in walked), default=0)
    ways = dict(
        zip([offer.pk for offer in walked], _ways(place, [offer.middle for offer in walked], reach), strict=True)
    )
    matches = []
    for offer, times, common in found:
        distance = ways.get(offer.pk, offer.metres)
        if distance <= offer.reach_m:
            matches.append(Match(offer, mission, distance, False, times, common))
    return sorted(matches, key=lambda match: (match.step, -len(match.skills), str(match.offer.contribution.code)))


def _online(rows: QuerySet[_Row], beside: Contribution) -> QuerySet[_Row]:
    public = Contribution.objects.public().filter(consultation_id=beside.consultation_id)
    return (
        rows.filter(contribution__in=public.order_by())
        .select_related("contribution__consultation", "contribution__district", "contribution__street")
        .prefetch_related("skills")
    )


def _suits(
    offer: VolunteerOffer,
    mission: Mission,
    skills: dict[int, Skill],
    on: date,
    *,
    wanted: set[int] | None = None,
) -> tuple[int, tuple[Skill, ...]] | None:
    """Common times from today on, and common skills; None where there is no time, or skills are asked that lack."""
    if wanted is None:
        wanted = {skill.pk for skill in mission.skills.all()}
    common = tuple(skill for pk, skill in sorted(skills.items()) if pk in wanted)
    if wanted and not common:
        return None
    first = max(on, offer.available_from or on)
    times = common_times(
        Span(offer.times, first, offer.available_until), Span(mission.times, mission.starts_on, mission.ends_on)
    )
    return (times, common) if times else None


def _distances(
    offer: VolunteerOffer, home: GEOSGeometry, places: Sequence[GEOSGeometry], straight: list[float]
) -> list[float]:
    return _ways(home, places, offer.reach_m) if offer.on_foot else straight


def _ways(start: GEOSGeometry, ends: Sequence[GEOSGeometry], within_m: float) -> list[float]:
    """`walking_distances`, kept for ten minutes: making the network of a town's streets takes part of a second."""
    if not ends:
        return []
    key = "ways-" + keyed_hash("ways", *(place.hexewkb.decode() for place in (start, *ends)), str(within_m))
    kept: list[float] | None = cache.get(key)
    if kept is None:
        kept = walking_distances(start=start, ends=ends, within_m=within_m)
        cache.set(key, kept, _KEPT_S)
    return kept
