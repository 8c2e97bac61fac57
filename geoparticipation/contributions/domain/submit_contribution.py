"""Taking in what a person says."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from geoparticipation.accounts.domain.devices import keep_device
from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device, User
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions import rules
from geoparticipation.contributions.domain.placement import place_contribution
from geoparticipation.contributions.domain.store_contribution import store_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin, PublicPlace, Status
from geoparticipation.contributions.errors import (
    AlreadySpoken,
    CannotBeCommented,
    CharterNotAccepted,
    TextMissing,
    TextTooLong,
    UnknownChoice,
)
from geoparticipation.contributions.kinds import KINDS
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.queries import has_accepted_charter
from geoparticipation.contributions.text import clean_text
from geoparticipation.mailings.domain.letterbox_codes import use_code
from geoparticipation.mailings.models import LetterboxCode
from neighbourhoods.models import District, Street

TITLE_LENGTH: Final = 120
BODY_LENGTH: Final = 5000
TYPED_ADDRESS_LENGTH: Final = 200


def submit_contribution(
    *,
    actor: Actor,
    consultation: Consultation,
    kind: str,
    geometry: GEOSGeometry | None = None,
    title: str = "",
    body: str = "",
    located_by: str = LocatedBy.PIN,
    parent: Contribution | None = None,
    typed_address: str = "",
    street: Street | None = None,
    district: District | None = None,
    origin: str = Origin.WEB,
    language: str = "",
    charter_accepted: bool = False,
    letterbox: LetterboxCode | None = None,
    public_place: str | None = None,
    public_name: str | None = None,
    at: datetime | None = None,
) -> Contribution:
    """Check every rule, find the place, and store the contribution with it in one transaction.

    `geometry` in longitude and latitude, of any type; None takes the place of the `street` or `district` chosen by
    name, of the `parent`, or of the `letterbox` (as everybody may see it: a segment of its street). The text is plain
    text and is cleaned. Status: online at once or waiting, as the consultation says. Stores the actor's device where
    the consultation asks for no more than a device; counts the parent's comments; puts the author's receipt into the
    queue with the same transaction, so that it is sent exactly when the contribution is stored. An idea uses up one
    answer of the `letterbox`, and nothing stored says which letterbox it was. Eight queries for an idea of a citizen,
    whatever the place.

    `public_place` (a PublicPlace) says how the place is shown where neither the kind nor the consultation should;
    `public_name` stands beside it in place of the account's. Where the kind is shown as an area of several homes,
    no address is kept, and districts are those of the area.

    Raises UnknownConsultation, NotAllowed, PhaseClosed, IdentityTooLow, CodeForAnotherConsultation, CodeKeptOnAccount,
    CodeUsedUp, CharterNotAccepted, UnknownChoice,
    TextMissing, TextTooLong, CannotBeCommented, AlreadySpoken, TooOften, and what `place_contribution` raises. Then
    nothing is stored.
    """
    at = at or timezone.now()
    kind = _choice(rules.FEATURE_OF_KIND, kind, "kind")
    origin = _choice(Origin.values, origin, "origin")
    located_by = _choice(LocatedBy.values, located_by, "located_by")
    if letterbox is not None:
        actor = rules.speaking_for_household(actor, letterbox, consultation)
        if origin in rules.OWN_ORIGINS and kind != Kind.COMMENT:
            rules.require_own_code(actor, letterbox)
    phase = rules.require_open(actor, consultation, rules.FEATURE_OF_KIND[kind], at, origin=origin)
    own = origin in rules.OWN_ORIGINS
    _require_parent(kind, parent, consultation)
    known = KINDS[kind]
    title = _text(title, "title", TITLE_LENGTH, required=known.needs_title, lines=False)
    body = _text(body, "body", BODY_LENGTH, required=known.needs_body, lines=True)
    typed_address = _text(typed_address, "typed_address", TYPED_ADDRESS_LENGTH, required=False, lines=False)
    if own and consultation.charter and not charter_accepted and not has_accepted_charter(actor, consultation):
        raise CharterNotAccepted
    placement = place_contribution(
        consultation=consultation,
        geometry=geometry,
        located_by=located_by,
        street=street,
        district=district,
        parent=parent,
        letterbox=letterbox,
        public_place=known.place or public_place,
    )
    if known.place == PublicPlace.AREA:
        typed_address = ""
    if public_name is None:
        public_name = actor.user.name if own and known.names_author and actor.user is not None else ""
    status = rules.first_status(consultation) if own else Status.SUBMITTED
    with transaction.atomic():
        one_each = kind != Kind.COMMENT and _speaks_by_account(actor, consultation, letterbox)
        device = _require_first_voice(actor, phase.pk, parent, one_each=one_each) if own else None
        if own:
            count_action(actor=actor, action="comment" if kind == Kind.COMMENT else "submit", at=at)
        if letterbox is not None and kind != Kind.COMMENT:
            use_code(code=letterbox, at=at)
        contribution = store_contribution(
            actor=actor,
            consultation=consultation,
            phase=phase,
            kind=kind,
            status=status,
            origin=origin,
            placement=placement,
            typed_address=typed_address,
            author_name=public_name,
            title=title,
            body=body,
            language=language,
            device=device,
            parent=parent,
            at=at,
        )
        if contribution.author_id is not None:
            _queue_receipt(contribution)
    return contribution


def _choice(choices: Collection[str], value: str, field: str) -> str:
    if value not in choices:
        raise UnknownChoice(field, list(choices))
    return value


def _text(text: str, field: str, longest: int, *, required: bool, lines: bool) -> str:
    text = clean_text(text, lines=lines)
    if required and not text:
        raise TextMissing(field)
    if len(text) > longest:
        raise TextTooLong(field, len(text), longest)
    return text


def _require_parent(kind: str, parent: Contribution | None, consultation: Consultation) -> None:
    """Comments, and only they, answer something: an idea that is online in this very consultation."""
    if kind != Kind.COMMENT and parent is None:
        return
    if (
        kind != Kind.COMMENT
        or parent is None
        or parent.consultation_id != consultation.pk
        or parent.status != Status.PUBLISHED
        or parent.kind == Kind.COMMENT
    ):
        raise CannotBeCommented


def _speaks_by_account(actor: Actor, consultation: Consultation, letterbox: LetterboxCode | None) -> bool:
    """Whether it is the account that speaks for a home, where each home has one voice, and not the code alone."""
    asks = consultation.identity_level == IdentityLevel.HOUSEHOLD
    return asks and actor.user is not None and (letterbox is None or letterbox.has_proved)


def _require_first_voice(
    actor: Actor, phase_id: int, parent: Contribution | None, *, one_each: bool = False
) -> Device | None:
    """At level 0: lock the device (or the account, where a program sends no cookie) and see that it has not spoken.

    Returns the device to store, None for people with a confirmed address, who may speak more than once; `one_each`: an
    account that speaks for its home may not. The lock
    holds until the transaction ends, so two requests at once cannot both be first.
    """
    if actor.level >= IdentityLevel.EMAIL and not one_each:
        return None
    device = keep_device(actor=actor) if actor.level < IdentityLevel.EMAIL else None
    voices = Q()
    if device is not None:
        voices |= Q(device=device)
    if actor.user is not None:
        User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)
        voices |= Q(author=actor.user)
    if not voices:
        return None
    question = Q(parent=parent) if parent is not None else Q(phase_id=phase_id, parent__isnull=True)
    earlier = (
        Contribution.objects.filter(voices & question)
        .exclude(status__in=[Status.WITHDRAWN, Status.DRAFT])
        .only("code", "title")
        .first()
    )
    if earlier is not None:
        raise AlreadySpoken(earlier=str(earlier.code), title=earlier.title, comment=parent is not None)
    return device


def _queue_receipt(contribution: Contribution) -> None:
    from geoparticipation.contributions.tasks import send_receipt

    send_receipt.defer(contribution_id=contribution.pk)
