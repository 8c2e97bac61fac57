"""An association asks for help."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils.translation import gettext as _

from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin, PublicPlace
from geoparticipation.volunteering.domain.details import When, checked_level, checked_skills, checked_times
from geoparticipation.volunteering.enums import Level
from geoparticipation.volunteering.errors import AssociationNotChecked, OfferIncomplete
from geoparticipation.volunteering.models import Association, Mission, Skill
from geoparticipation.volunteering.models.exchange import MOST_PEOPLE
from geoparticipation.volunteering.rules import require_member
from neighbourhoods.models import District, Street


def submit_mission(
    *,
    actor: Actor,
    association: Association,
    consultation: Consultation,
    title: str,
    when: When,
    skills: Iterable[Skill] = (),
    people_wanted: int = 1,
    level: int = Level.LEARNING,
    body: str = "",
    geometry: GEOSGeometry | None = None,
    located_by: str = LocatedBy.PIN,
    street: Street | None = None,
    district: District | None = None,
    typed_address: str = "",
    public_place: str = PublicPlace.EXACT,
    language: str = "",
    charter_accepted: bool = False,
    origin: str = Origin.WEB,
    at: datetime | None = None,
) -> Mission:
    """Store a mission under the association's name, its place shown as the association wants (a PublicPlace).

    Raises NotAMember, AssociationNotChecked, OfferIncomplete and what `submit_contribution` raises.
    """
    require_member(actor.user, association)
    if not association.is_public:
        raise AssociationNotChecked
    times, chosen = checked_times(when), checked_skills(skills, needed=False)
    checked_level(level)
    if not 1 <= people_wanted <= MOST_PEOPLE:
        raise OfferIncomplete(
            _("Say how many people you want: from 1 to %(most)d.") % {"most": MOST_PEOPLE}, field="people_wanted"
        )
    if public_place not in PublicPlace.values:
        raise OfferIncomplete(_("Please choose one from the list."), field="public_place")
    with transaction.atomic():
        contribution = submit_contribution(
            actor=actor,
            consultation=consultation,
            kind=Kind.MISSION,
            geometry=geometry,
            title=title,
            body=body,
            located_by=located_by,
            street=street,
            district=district,
            typed_address=typed_address,
            origin=origin,
            language=language,
            charter_accepted=charter_accepted,
            public_place=public_place,
            public_name=association.name[:80],
            at=at,
        )
        mission = Mission.objects.create(
            contribution=contribution,
            association=association,
            times=times,
            starts_on=when.first,
            ends_on=when.last,
            people_wanted=people_wanted,
            level=level,
        )
        mission.skills.set(chosen)
    return mission
