"""Offering help, and changing what one offers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin
from geoparticipation.contributions.errors import NotYours
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.rules import is_author
from geoparticipation.volunteering.domain.details import When, checked_level, checked_skills, checked_times
from geoparticipation.volunteering.enums import Level
from geoparticipation.volunteering.errors import OfferIncomplete
from geoparticipation.volunteering.models import Skill, VolunteerOffer
from geoparticipation.volunteering.models.exchange import LEAST_REACH_M, MOST_REACH_M
from neighbourhoods.models import District, Street


def submit_offer(
    *,
    actor: Actor,
    consultation: Consultation,
    title: str,
    skills: Iterable[Skill],
    when: When,
    reach_m: int,
    on_foot: bool = True,
    level: int = Level.LEARNING,
    body: str = "",
    geometry: GEOSGeometry | None = None,
    located_by: str = LocatedBy.PIN,
    street: Street | None = None,
    district: District | None = None,
    language: str = "",
    charter_accepted: bool = False,
    origin: str = Origin.WEB,
    at: datetime | None = None,
) -> VolunteerOffer:
    """Store an offer of help in one transaction; in public it is an area of several homes, without a name.

    Raises OfferIncomplete and what `submit_contribution` raises. Then nothing is stored.
    """
    times, chosen = checked_times(when), checked_skills(skills, needed=True)
    checked_level(level)
    _require_reach(reach_m)
    with transaction.atomic():
        contribution = submit_contribution(
            actor=actor,
            consultation=consultation,
            kind=Kind.OFFER,
            geometry=geometry,
            title=title,
            body=body,
            located_by=located_by,
            street=street,
            district=district,
            origin=origin,
            language=language,
            charter_accepted=charter_accepted,
            at=at,
        )
        offer = VolunteerOffer.objects.create(
            contribution=contribution,
            times=times,
            available_from=when.first,
            available_until=when.last,
            reach_m=reach_m,
            on_foot=on_foot,
            level=level,
        )
        offer.skills.set(chosen)
    return offer


@transaction.atomic
def change_offer(
    *,
    actor: Actor,
    offer: VolunteerOffer,
    skills: Iterable[Skill],
    when: When,
    reach_m: int,
    on_foot: bool,
    level: int,
) -> VolunteerOffer:
    """Change when, what and how far; not the text, which a moderator has read, nor the place.

    Raises NotYours, OfferIncomplete.
    """
    if not is_author(actor, offer.contribution):
        raise NotYours
    offer.times = checked_times(when)
    offer.available_from, offer.available_until = when.first, when.last
    _require_reach(reach_m)
    offer.reach_m, offer.on_foot, offer.level = reach_m, on_foot, checked_level(level)
    chosen = checked_skills(skills, needed=True)
    offer.save(update_fields=["times", "available_from", "available_until", "reach_m", "on_foot", "level"])
    offer.skills.set(chosen)
    # Tiles that are narrowed by skill or time are tagged by the version of the contributions.
    Contribution.objects.filter(pk=offer.pk).update(updated_at=timezone.now())
    return offer


def _require_reach(reach_m: int) -> None:
    if not LEAST_REACH_M <= reach_m <= MOST_REACH_M:
        raise OfferIncomplete(
            _("Say how far you would go: between %(least)s m and %(most)s m.")
            % {"least": LEAST_REACH_M, "most": formats.number_format(MOST_REACH_M, force_grouping=True)},
            field="reach_m",
        )
