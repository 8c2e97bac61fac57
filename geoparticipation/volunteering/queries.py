"""Reads about volunteering that several places need."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.errors import UnknownContribution
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.queries import get_contribution_for
from geoparticipation.volunteering.enums import AgreementState
from geoparticipation.volunteering.errors import UnknownAgreement, UnknownAssociation
from geoparticipation.volunteering.models import Agreement, Association, Mission, VolunteerOffer
from geoparticipation.volunteering.rules import side_of
from neighbourhoods.models import BoundaryRelease, District, DistrictPiece

LEAST_TOLD = 5
"""No figure that everybody sees is about fewer people."""


def get_offer_for(actor: Actor, code: UUID | str) -> VolunteerOffer:
    """The offer of this code as far as this actor may see it; raises UnknownContribution. Two queries, and skills."""
    contribution = get_contribution_for(actor, code)
    offer = VolunteerOffer.objects.filter(pk=contribution.pk).prefetch_related("skills").first()
    if offer is None:
        raise UnknownContribution
    offer.contribution = contribution
    return offer


def get_mission_for(actor: Actor, code: UUID | str) -> Mission:
    """The mission of this code as far as this actor may see it.

    Members of its association see it whoever wrote it. Raises UnknownContribution. At most three queries, and skills.
    """
    found = Mission.objects.select_related("association").prefetch_related("skills")
    own = found.filter(contribution__code=code, association__in=Association.objects.of(actor.user).values("pk")).first()
    if own is not None:
        contribution = Contribution.objects.select_related("consultation", "district", "street").get(pk=own.pk)
    else:
        contribution = get_contribution_for(actor, code)
        own = found.filter(pk=contribution.pk).first()
    if own is None:
        raise UnknownContribution
    own.contribution = contribution
    return own


def get_association_for(actor: Actor, slug: str) -> Association:
    """The association at this address as far as this actor may see it; raises UnknownAssociation. One query."""
    visible = Association.objects.visible_to(actor.user).select_related("district", "street")
    found = visible.filter(slug=slug).first()
    if found is None:
        raise UnknownAssociation
    return found


def get_agreement_for(actor: Actor, code: UUID | str) -> Agreement:
    """The agreement of this code, for its two sides alone; raises UnknownAgreement. At most two queries."""
    found = _agreements().filter(code=code).first()
    if found is None or side_of(actor.user, found) is None:
        raise UnknownAgreement
    return found


def agreements_of(actor: Actor) -> QuerySet[Agreement]:
    """All agreements of a person: as a volunteer, and for their associations. One query."""
    if actor.user is None:
        return Agreement.objects.none()
    associations = Association.objects.of(actor.user).values("pk")
    return _agreements().filter(Q(volunteer=actor.user) | Q(mission__association__in=associations))


def _agreements() -> QuerySet[Agreement]:
    return Agreement.objects.select_related(
        "mission__association",
        "mission__contribution__consultation",
        "volunteer",
        "offer__contribution",
        "email_shown_by",
    )


def open_missions(missions: QuerySet[Mission]) -> QuerySet[Mission]:
    """Those online, with their contribution and skills, the latest first, each with how many have `agreed`."""
    agreed = Count(
        "agreements", filter=Q(agreements__state__in=[AgreementState.ACCEPTED, AgreementState.DONE]), distinct=True
    )
    return (
        missions.filter(contribution__in=Contribution.objects.public().order_by())
        .select_related("association", "contribution__district", "contribution__street", "contribution__consultation")
        .prefetch_related("skills")
        .annotate(agreed=agreed)
        .order_by("-contribution__submitted_at", "-pk")
    )


@dataclass(frozen=True)
class DistrictFigures:
    """How many people offer help in a district; None: fewer than may be told."""

    code: str
    name: str
    volunteers: int | None


def volunteers_by_district(consultation: Consultation | None = None) -> list[DistrictFigures]:
    """People whose offer is online, by smallest district in force, for agents: by where they are, exactly. One query.

    On a border the lowest code wins.
    """
    finest = BoundaryRelease.objects.filter(is_current=True).order_by("-level__rank").values("pk")[:1]
    piece = DistrictPiece.objects.filter(
        district__release=Subquery(finest), geometry__intersects=OuterRef("geometry")
    ).order_by("district__code")
    return _counted(_offers_online(consultation).annotate(place=Subquery(piece.values("district")[:1])), "place")


def public_volunteers_by_district(consultation: Consultation) -> list[DistrictFigures]:
    """The same for everybody: by the areas that are shown, and nothing of fewer than LEAST_TOLD people.

    Where one district alone is too small to tell, the next smallest is not told either, so that no sum gives it away.
    """
    found = _counted(_offers_online(consultation), "district")
    sizes = sorted((row.volunteers or 0, row.code) for row in found)
    hidden = {code for count, code in sizes if count < LEAST_TOLD}
    if len(hidden) == 1 and len(sizes) > 1:
        hidden.add(next(code for _count, code in sizes if code not in hidden))
    return [DistrictFigures(row.code, row.name, None if row.code in hidden else row.volunteers) for row in found]


def _offers_online(consultation: Consultation | None) -> QuerySet[Contribution]:
    offers = Contribution.objects.public().filter(kind=Kind.OFFER, author__isnull=False)
    return (offers if consultation is None else offers.filter(consultation=consultation)).order_by()


def _counted(offers: QuerySet[Contribution], place: str) -> list[DistrictFigures]:
    counted = dict(offers.values_list(place).annotate(people=Count("author", distinct=True)))
    names = District.objects.in_bulk([pk for pk in counted if pk is not None])
    rows = [DistrictFigures(names[pk].code, names[pk].name, people) for pk, people in counted.items() if pk in names]
    return sorted(rows, key=lambda row: (-(row.volunteers or 0), row.name))


@dataclass(frozen=True)
class AssociationFigures:
    """What came of an association's missions."""

    association: Association
    missions: int
    volunteers: int
    hours: Decimal


def figures_of_associations(associations: QuerySet[Association]) -> list[AssociationFigures]:
    """Missions online, people who helped or agreed to, and hours noted, of each. One query."""
    agreed = Q(missions__agreements__state__in=[AgreementState.ACCEPTED, AgreementState.DONE])
    hours = (
        Agreement.objects.filter(mission__association=OuterRef("pk"))
        .order_by()
        .values("mission__association")
        .annotate(total=Sum("hours"))
        .values("total")
    )
    counted = associations.annotate(
        mission_count=Count("missions", filter=Q(missions__contribution__status="published"), distinct=True),
        volunteer_count=Count("missions__agreements__volunteer", filter=agreed, distinct=True),
        hour_count=Subquery(hours),
    )
    return [
        AssociationFigures(row, row.mission_count, row.volunteer_count, row.hour_count or Decimal(0)) for row in counted
    ]
