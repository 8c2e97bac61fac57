"""Reads about contributions that several places need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.errors import UnknownContribution
from geoparticipation.contributions.models import Contribution, HeldPhoto, Support


def get_contribution_for(actor: Actor, code: UUID | str) -> Contribution:
    """The contribution of this code as far as this actor may see it; raises UnknownContribution. One query.

    Authors see their own in every status, also when they wrote it from this device without an account.
    """
    visible = Contribution.objects.visible_to(actor.user)
    if actor.device is not None and actor.device.pk:
        visible = visible | Contribution.objects.filter(device=actor.device, author__isnull=True)
    found = visible.filter(code=code).select_related("consultation", "district", "street", "parent").first()
    if found is None:
        raise UnknownContribution
    return found


def voice_of(actor: Actor, *, person: str) -> Q:
    """What is this actor's: the person's (whose field is `person`), and this browser's. Nothing for a first visit."""
    voice = Q(pk__in=[])
    if actor.user is not None:
        voice |= Q(**{person: actor.user})
    if actor.device is not None and actor.device.pk:
        voice |= Q(device=actor.device)
    return voice


def has_accepted_charter(actor: Actor, consultation: Consultation) -> bool:
    """Whether this actor accepted the consultation's charter when putting something in, here or elsewhere. One query.

    A charter is known by its words: one that several consultations share is accepted once for all of them.
    """
    said = Contribution.objects.filter(voice_of(actor, person="author"))
    return said.filter(Q(consultation=consultation) | Q(consultation__charter=consultation.charter)).exists()


def supported_by(actor: Actor, contributions: Iterable[Contribution]) -> set[int]:
    """Primary keys of those among the contributions that this actor supports. One query, none for a first visit."""
    supports = Support.objects.filter(voice_of(actor, person="user"), contribution__in=[c.pk for c in contributions])
    return set(supports.values_list("contribution_id", flat=True))


def held_photos_of(actor: Actor, codes: Sequence[str]) -> list[HeldPhoto]:
    """The photos of these codes that this actor sent and that are still held, in this order. One query."""
    wanted = [code for text in codes if (code := _uuid(text)) is not None]
    found = {photo.code: photo for photo in HeldPhoto.objects.filter(voice_of(actor, person="user"), code__in=wanted)}
    return [found[code] for code in dict.fromkeys(wanted) if code in found]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
