"""A volunteer and an association find each other: asking, agreeing, writing, done and thanked."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.errors import IdentityTooLow, TextMissing, TextTooLong
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.text import clean_text
from geoparticipation.volunteering.domain.matching import matches_of_mission
from geoparticipation.volunteering.enums import AgreementState, Side
from geoparticipation.volunteering.errors import (
    AgreementChangeNotAllowed,
    AlreadyAgreed,
    AssociationNotChecked,
    MissionFull,
    NotAsked,
    OfferIncomplete,
    UnknownAgreement,
)
from geoparticipation.volunteering.models import Agreement, Message, Mission, VolunteerOffer
from geoparticipation.volunteering.rules import may_change, require_member, side_of

MESSAGE_LENGTH = 2000
THANKS_LENGTH = 1000
MOST_HOURS = 1000
_OPEN = (AgreementState.ASKED, AgreementState.ACCEPTED, AgreementState.DONE)


@transaction.atomic
def ask_to_help(*, actor: Actor, mission: Mission, message: str, offer: VolunteerOffer | None = None) -> Agreement:
    """A volunteer says that they would help, and so tells the association their name; it is mailed on.

    `offer` is their own that led there. Raises IdentityTooLow, NotAsked (the mission is no longer online),
    AlreadyAgreed, MissionFull, TextMissing, TextTooLong, TooOften.
    """
    if actor.user is None or actor.level < IdentityLevel.EMAIL:
        raise IdentityTooLow(IdentityLevel.EMAIL)
    if offer is not None and offer.contribution.author_id != actor.user.pk:
        offer = None
    return _ask(actor, Agreement(mission=mission, volunteer=actor.user, offer=offer, asked_by=Side.VOLUNTEER), message)


@transaction.atomic
def ask_volunteer(*, actor: Actor, mission: Mission, offer: VolunteerOffer, message: str) -> Agreement:
    """An association asks somebody whose offer suits its mission, without learning who it is.

    Who said no is not asked again. Raises NotAMember, AssociationNotChecked, NotAsked (it does not suit, by what
    everybody sees), AlreadyAgreed, AgreementChangeNotAllowed, MissionFull, TextMissing, TextTooLong, TooOften.
    """
    require_member(actor.user, mission.association)
    if not mission.association.is_public:
        raise AssociationNotChecked
    volunteer = offer.contribution.author
    suits = any(match.offer.pk == offer.pk for match in matches_of_mission(mission=mission))
    if volunteer is None or not suits:
        raise NotAsked
    return _ask(actor, Agreement(mission=mission, volunteer=volunteer, offer=offer, asked_by=Side.ASSOCIATION), message)


def _ask(actor: Actor, agreement: Agreement, message: str) -> Agreement:
    if not Contribution.objects.public().filter(pk=agreement.mission_id).exists():
        raise NotAsked
    body = _text(message, "message", MESSAGE_LENGTH)
    locked = Mission.objects.select_for_update(no_key=True).get(pk=agreement.mission_id)
    _require_no_earlier(agreement)
    _require_room(locked)
    agreement.save()
    _write(actor, agreement, Side(agreement.asked_by), body)
    return agreement


def _require_no_earlier(agreement: Agreement) -> None:
    """Refuse a second contact, and a second question to who said no."""
    earlier = Agreement.objects.filter(mission=agreement.mission, volunteer=agreement.volunteer)
    by_association = agreement.asked_by == Side.ASSOCIATION
    declined = Q(state=AgreementState.DECLINED, asked_by=Side.ASSOCIATION) if by_association else Q(pk__in=[])
    found = earlier.filter(Q(state__in=_OPEN) | declined).order_by("-pk").first()
    if found is None:
        return
    if by_association and found.offer_id != agreement.offer_id:
        # Any other answer would tell that two offers, or a name and an offer, are the same person.
        raise NotAsked
    if found.state == AgreementState.DECLINED:
        raise AgreementChangeNotAllowed
    raise AlreadyAgreed(str(found.code))


def _require_room(mission: Mission) -> None:
    agreed = Agreement.objects.filter(mission=mission, state__in=[AgreementState.ACCEPTED, AgreementState.DONE])
    if agreed.count() >= mission.people_wanted:
        raise MissionFull


@transaction.atomic
def change_agreement(
    *,
    actor: Actor,
    agreement: Agreement,
    to_state: str,
    message: str = "",
    hours: Decimal | None = None,
    thanks: str = "",
) -> Agreement:
    """Accept, decline, call off, or note as done with its hours and a word of thanks; the other side is told.

    As `rules.AGREEMENT_CHANGES` allows; the row is locked and judged by the state it has then. Raises UnknownAgreement,
    AgreementChangeNotAllowed, MissionFull, OfferIncomplete (`hours`), TextTooLong, TooOften.
    """
    side = side_of(actor.user, agreement)
    if side is None:
        raise UnknownAgreement
    mission = Mission.objects.select_for_update(no_key=True).get(pk=agreement.mission_id)
    locked = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    if to_state not in AgreementState.values or not may_change(locked, to_state, side):
        raise AgreementChangeNotAllowed
    if to_state == AgreementState.ACCEPTED:
        _require_room(mission)
    if to_state == AgreementState.DONE:
        if hours is None or not 0 < hours <= MOST_HOURS:
            raise OfferIncomplete(
                _("Say how many hours it was: more than 0, at most %(most)d.") % {"most": MOST_HOURS}, field="hours"
            )
        locked.hours = hours
        locked.thanks = _text(thanks, "thanks", THANKS_LENGTH, needed=False)
    body = _text(message, "message", MESSAGE_LENGTH, needed=False)
    locked.state = AgreementState(to_state)
    locked.save(update_fields=["state", "hours", "thanks", "changed_at"])
    agreement.state, agreement.hours, agreement.thanks = locked.state, locked.hours, locked.thanks
    if body:
        _write(actor, agreement, side, body, told=False)
    _queue_change(agreement, side)
    return agreement


@transaction.atomic
def write_message(*, actor: Actor, agreement: Agreement, body: str) -> Message:
    """Write to the other side, by mail, without either address being told.

    Raises UnknownAgreement, AgreementChangeNotAllowed (it was declined or called off), TextMissing, TextTooLong,
    TooOften.
    """
    side = side_of(actor.user, agreement)
    if side is None:
        raise UnknownAgreement
    if agreement.state not in _OPEN:
        raise AgreementChangeNotAllowed
    return _write(actor, agreement, side, _text(body, "message", MESSAGE_LENGTH))


@transaction.atomic
def show_email(*, actor: Actor, agreement: Agreement, shown: bool) -> Agreement:
    """Let the other side have one's e-mail address, once it lets one have its own; or no longer.

    Only while both agree on the mission; the row is locked, so that what one side says never undoes what the other has
    said. Raises UnknownAgreement, AgreementChangeNotAllowed.
    """
    side = side_of(actor.user, agreement)
    if side is None:
        raise UnknownAgreement
    locked = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    if locked.state not in {AgreementState.ACCEPTED, AgreementState.DONE}:
        raise AgreementChangeNotAllowed
    if side == Side.VOLUNTEER:
        locked.volunteer_shows_email = shown
    else:
        locked.email_shown_by = actor.user if shown else None
    locked.save(update_fields=["volunteer_shows_email", "email_shown_by", "changed_at"])
    agreement.volunteer_shows_email, agreement.email_shown_by = locked.volunteer_shows_email, locked.email_shown_by
    return agreement


def _write(actor: Actor, agreement: Agreement, side: Side, body: str, *, told: bool = True) -> Message:
    count_action(actor=actor, action="message")
    message = Message.objects.create(agreement=agreement, side=side, author=actor.user, body=body)
    if told:
        _queue_message(message)
    return message


def _text(text: str, field: str, longest: int, *, needed: bool = True) -> str:
    text = clean_text(text, lines=True)
    if needed and not text:
        raise TextMissing(field)
    if len(text) > longest:
        raise TextTooLong(field, len(text), longest)
    return text


def _queue_message(message: Message) -> None:
    from geoparticipation.volunteering.tasks import send_message

    send_message.defer(message_id=message.pk)


def _queue_change(agreement: Agreement, side: Side) -> None:
    from geoparticipation.volunteering.tasks import send_change

    send_change.defer(agreement_id=agreement.pk, state=agreement.state, by_side=side)
