"""What the pages of contributions share: whose voice it is, sending once, a place for the map, a field in error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor, actor_for
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import attach_photos
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.photo_form import PhotosOfForm
from geoparticipation.contributions.rules import speaking_as_resident, speaking_for_household
from geoparticipation.mailings.letterbox import letterbox_for
from layers.errors import Refusal
from layers.repeating import OnceForm


def public_feature(contribution: Contribution) -> dict[str, Any]:
    """As GeoJSON for the map: the public place only."""
    return {
        "type": "Feature",
        "properties": {"code": str(contribution.code), "kind": contribution.kind, "title": str(contribution)},
        "geometry": json.loads(contribution.public_geometry.geojson),
    }


def voice_of(request: HttpRequest, consultation: Consultation) -> Actor:
    """Who acts in this consultation: with a code, or a proof of residence where that counts, one of a household."""
    actor, letterbox = actor_for(request), letterbox_for(request, consultation)
    if letterbox is not None:
        return speaking_for_household(actor, letterbox, consultation)
    return speaking_as_resident(actor, consultation)


def submit_once(
    form: OnceForm, photos: PhotosOfForm, *, actor: Actor, words: list[str], put_in: Callable[[], Contribution]
) -> Contribution:
    """Submit with the photos, or give back what the same form already put in (a double click, a resent page).

    The same form is one with the same words and photos; all that a photo leads to is looked up in here.
    """
    count_action(actor=actor, action="attempt")
    made: list[Contribution] = []

    def make() -> str:
        contribution = put_in()
        attach_photos(actor=actor, contribution=contribution, photos=photos.to_attach, is_new=True)
        made.append(contribution)
        return str(contribution.code)

    code = form.carry_out_once(
        user_id=actor.user.pk if actor.user else None, words=json.dumps([*words, photos.words]), make=make
    )
    if not made:
        photos.drop_new()
    return Contribution.objects.select_related("parent").get(code=code)


def field_of(refusal: Refusal | None) -> str:
    """The field of the page that a refusal is about; the place's three inputs are one field to a person."""
    if refusal is None:
        return ""
    field = refusal.field or ""
    return "place_text" if field in {"geometry", "place"} else field
