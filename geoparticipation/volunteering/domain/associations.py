"""Associations: registering, changing and checking one, and who acts for it."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from django.contrib.gis.geos import GEOSGeometry, Point
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain.save_consultation import web_address
from geoparticipation.contributions.errors import IdentityTooLow, OutsideTerritory, PlaceMissing
from geoparticipation.contributions.text import clean_text
from geoparticipation.volunteering.enums import AssociationState
from geoparticipation.volunteering.errors import InvitationNotValid, LastMember, OfferIncomplete
from geoparticipation.volunteering.models import Association, AssociationMember
from geoparticipation.volunteering.rules import require_agent, require_member
from layers.geometry import check_geometry, from_shapely, to_shapely
from neighbourhoods.domain.place_geometry import place_geometry
from neighbourhoods.domain.territory import territory_covers

_RESERVED = {"new"}
_INVITATION_SALT = "geoparticipation.association-invitation"
_INVITATION_HOLDS = timedelta(days=14)
_CHANGED = [
    "name", "summary", "description", "website", "contact_email", "contact_phone",
    "geometry", "district", "street", "state", "reason",
]  # fmt: skip


@transaction.atomic
def save_association(
    *,
    actor: Actor,
    name: str,
    summary: str,
    geometry: GEOSGeometry | None = None,
    association: Association | None = None,
    description: str = "",
    website: str = "",
    contact_email: str = "",
    contact_phone: str = "",
) -> Association:
    """Register an association, for which its author may act at once, or change the one given.

    It waits for an agent, and so does again one whose name changed. `geometry` (SRID 4326, any type) gives the seat:
    a point, public; needed for a new one. Raises IdentityTooLow, NotAMember, OfferIncomplete, UnsafeLink, PlaceMissing,
    a GeometryRefused, OutsideTerritory, TooOften.
    """
    if actor.user is None or actor.level < IdentityLevel.EMAIL:
        raise IdentityTooLow(IdentityLevel.EMAIL)
    is_new = association is None
    if association is None:
        count_action(actor=actor, action="submit")
        association = Association()
    else:
        require_member(actor.user, association)
        # As it is now: what an agent decides meanwhile is not undone by what was read before.
        association = Association.objects.select_for_update(no_key=True).get(pk=association.pk)
    former_name = association.name
    association.name = _text(name, "name", 120, needed=True)
    association.summary = _text(summary, "summary", 300, needed=True)
    association.description = clean_text(description, lines=True)[:5000]
    association.website = web_address(website, "website")
    association.contact_phone = _text(contact_phone, "contact_phone", 40, needed=False)
    association.contact_email = contact_email.strip()
    if association.contact_email:
        try:
            validate_email(association.contact_email)
        except ValidationError:
            raise OfferIncomplete(_("This is no e-mail address."), field="contact_email") from None
    if geometry is not None:
        _settle(association, geometry)
    elif is_new:
        raise PlaceMissing
    if not is_new:
        if association.name != former_name or association.state == AssociationState.REFUSED:
            association.state, association.reason = AssociationState.WAITING, ""
        association.save(update_fields=_CHANGED)
        return association
    association.slug = _free_slug(association.name)
    association.save()
    AssociationMember.objects.create(association=association, user=actor.user)
    return association


def _settle(association: Association, geometry: GEOSGeometry) -> None:
    geometry = check_geometry(geometry)
    if not territory_covers(geometry):
        raise OutsideTerritory
    seat = cast("Point", from_shapely(to_shapely(geometry).representative_point()))
    place = place_geometry(seat)
    association.geometry = seat
    association.district_id = place.smallest_district.id if place.smallest_district else None
    association.street_id = place.street.id if place.street else None


def _text(text: str, field: str, longest: int, *, needed: bool) -> str:
    text = clean_text(text, lines=False)
    if needed and not text:
        raise OfferIncomplete(_("Please fill this in."), field=field)
    if len(text) > longest:
        raise OfferIncomplete(
            _("This is %(length)d characters long; at most %(longest)d fit.")
            % {"length": len(text), "longest": longest},
            field=field,
        )
    return text


def _free_slug(name: str) -> str:
    base = slugify(name)[:70].strip("-") or "association"
    if base in _RESERVED:
        base = f"{base}-1"
    taken = set(Association.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, 9999))) if slug not in taken)


@transaction.atomic
def check_association(*, user: User, association: Association, accepted: bool, reason: str = "") -> Association:
    """Let an agent put it online, or refuse it with a reason; its members are told by mail.

    Its missions stay where they are. Raises NotAllowed, OfferIncomplete (a refusal without a reason).
    """
    require_agent(user)
    reason = clean_text(reason, lines=False)[:500]
    if not accepted and not reason:
        raise OfferIncomplete(_("Say why: its members will be told."), field="reason")
    association.state = AssociationState.CHECKED if accepted else AssociationState.REFUSED
    association.reason, association.checked_by = reason, user
    association.save(update_fields=["state", "reason", "checked_by"])
    _queue_checked(association)
    return association


@transaction.atomic
def invite_member(*, actor: Actor, association: Association, email: str) -> None:
    """Mail the person with this address a link by which they may come to act for the association.

    Nothing happens, and nothing is told, where nobody has it: who has an account here, and under what name, is nobody's
    business. Raises NotAMember, TooOften.
    """
    require_member(actor.user, association)
    count_action(actor=actor, action="submit")
    person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is not None:
        _queue_invitation(association, person)


def invitation_of(association: Association, person: User) -> str:
    """What the link of an invitation ends in; it holds for two weeks, for this person alone."""
    return signing.dumps([association.pk, person.pk], salt=_INVITATION_SALT)


@transaction.atomic
def join_association(*, actor: Actor, association: Association, invitation: str) -> None:
    """Begin to act for the association, as one was invited to; twice changes nothing.

    Raises InvitationNotValid.
    """
    require_invitation(actor=actor, association=association, invitation=invitation)
    AssociationMember.objects.get_or_create(association=association, user=actor.user)


def require_invitation(*, actor: Actor, association: Association, invitation: str) -> None:
    """Raise InvitationNotValid unless this invitation is recent, for this person and for this association."""
    try:
        invited = signing.loads(invitation, salt=_INVITATION_SALT, max_age=_INVITATION_HOLDS)
    except signing.BadSignature:
        raise InvitationNotValid from None
    if actor.user is None or invited != [association.pk, actor.user.pk]:
        raise InvitationNotValid


@transaction.atomic
def remove_member(*, actor: Actor, association: Association, member: AssociationMember) -> None:
    """End that somebody acts for the association; oneself, too. Raises NotAMember, LastMember."""
    require_member(actor.user, association)
    Association.objects.select_for_update(no_key=True).get(pk=association.pk)
    members = AssociationMember.objects.filter(association=association)
    if not members.exclude(pk=member.pk).exists():
        raise LastMember
    members.filter(pk=member.pk).delete()


def _queue_invitation(association: Association, person: User) -> None:
    from geoparticipation.volunteering.tasks import send_invitation

    send_invitation.defer(association_id=association.pk, user_id=person.pk)


def _queue_checked(association: Association) -> None:
    from geoparticipation.volunteering.tasks import send_checked

    send_checked.defer(association_id=association.pk)
