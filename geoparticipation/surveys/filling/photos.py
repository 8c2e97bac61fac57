"""Photos of a form: kept when they come, named by their code from then on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.domain.hold_photo import drop_held_photos, hold_photo
from geoparticipation.contributions.models import HeldPhoto
from geoparticipation.contributions.queries import held_photos_of
from geoparticipation.surveys.definition.model import Photo, Question
from geoparticipation.surveys.filling.names import name_of
from geoparticipation.surveys.filling.reading import read_place
from layers.errors import Refusal
from layers.pictures.errors import PhotoTooLarge
from layers.pictures.reading import MAX_BYTES


@dataclass(frozen=True)
class PhotosRead:
    """What a form says of its photos: answers, sentences by path for files that are not taken, and offered places."""

    answers: dict[str, Any]
    refused: dict[str, str]
    placed: list[str]


def read_photos(
    questions: Iterable[Question], request: HttpRequest, actor: Actor, before: Mapping[str, Any]
) -> PhotosRead:
    """The answers to photo questions; a new file takes the place of the one before, which is forgotten.

    Where a photo says where it was taken and nothing else does, that is offered as its place.
    """
    answers: dict[str, Any] = {}
    refused: dict[str, str] = {}
    placed: list[str] = []
    for question in questions:
        if not isinstance(question, Photo):
            continue
        name = name_of(question.key)
        kept = before.get(question.key)
        code = kept.get("code", "") if isinstance(kept, dict) else ""
        if code and not held_photos_of(actor, [code]):
            code = ""  # it was kept for a day
        file = request.FILES.get(name)
        place = read_place(f"{question.key}[0]", request.POST)
        if file is not None:
            try:
                if (file.size or 0) > MAX_BYTES:
                    raise PhotoTooLarge(MAX_BYTES)
                photo = hold_photo(actor=actor, content=file.read())
            except Refusal as refusal:
                refused[question.key] = str(refusal.detail)
            else:
                _drop(actor, code)
                code = str(photo.code)
                if photo.taken_at is not None and question.with_place and not place:
                    place = {"geometry": {"type": "Point", "coordinates": list(photo.taken_at.coords)}}
                    placed.append(question.key)
        elif f"{name}._leave" in request.POST:
            _drop(actor, code)
            code = ""
        said: dict[str, Any] = {}
        if code:
            said = {"code": code, "description": request.POST.get(f"{name}._description", "")[:300]}
        if place:
            said["place"] = place
        if said:
            answers[question.key] = said
    return PhotosRead(answers, refused, placed)


def held_of(answers: Mapping[str, Any], actor: Actor) -> dict[str, HeldPhoto]:
    """The photos kept for these answers, by code. One query, none without photos."""
    codes = [
        value["code"] for value in answers.values() if isinstance(value, dict) and isinstance(value.get("code"), str)
    ]
    return {str(photo.code): photo for photo in held_photos_of(actor, codes)} if codes else {}


def _drop(actor: Actor, code: str) -> None:
    if code:
        drop_held_photos(actor=actor, codes=[photo.code for photo in held_photos_of(actor, [code])])
