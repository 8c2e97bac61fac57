"""Taking in what a person answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone

from geoparticipation.accounts.domain.devices import keep_device
from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.domain.placement import place_contribution
from geoparticipation.contributions.domain.store_contribution import store_contribution
from geoparticipation.contributions.domain.submit_contribution import TYPED_ADDRESS_LENGTH
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin, PublicPlace, Status
from geoparticipation.contributions.errors import CharterNotAccepted
from geoparticipation.contributions.queries import has_accepted_charter
from geoparticipation.contributions.rules import OWN_ORIGINS, require_own_code, speaking_for_household
from geoparticipation.contributions.text import clean_text
from geoparticipation.mailings.domain.letterbox_codes import use_code
from geoparticipation.mailings.models import LetterboxCode
from geoparticipation.surveys import rules
from geoparticipation.surveys.answers import check_answers
from geoparticipation.surveys.answers.keeping import kept_answers
from geoparticipation.surveys.definition import in_language
from geoparticipation.surveys.domain.photos_of_answers import attach_photos_of_answers
from geoparticipation.surveys.domain.place_answers import place_answers
from geoparticipation.surveys.domain.voices import raise_voice
from geoparticipation.surveys.errors import AnswersRefused
from geoparticipation.surveys.models import PlaceAnswer, Survey, SurveyResponse
from neighbourhoods.models import District, Street


def submit_response(
    *,
    actor: Actor,
    survey: Survey,
    answers: Mapping[str, Any],
    geometry: GEOSGeometry | None = None,
    located_by: str = LocatedBy.PIN,
    street: Street | None = None,
    district: District | None = None,
    typed_address: str = "",
    origin: str = Origin.WEB,
    language: str = "",
    charter_accepted: bool = False,
    letterbox: LetterboxCode | None = None,
    at: datetime | None = None,
) -> SurveyResponse:
    """Check every rule and every answer, find the places, and store the response in one transaction.

    `answers` as `answers.checking` describes them; what is not shown is left out. The response's own place is where the
    person answers from, given as to `submit_contribution`; the public sees no more of it than its street. It is a
    contribution that counts and is never online by itself. It uses up one answer of the `letterbox`, and nothing stored
    says which letterbox it was. Sends nothing.

    Raises what `rules.require_may_respond` raises, CodeForAnotherConsultation, CodeKeptOnAccount, CharterNotAccepted,
    AnswersRefused, PlaceOfAnswerRefused, what `place_contribution` raises, AlreadyResponded, CodeUsedUp, TooOften,
    PhotoGone. Then nothing is stored.

    Thirteen statements for a visitor with one drawn place in the answers, two for each other.
    """
    at = at or timezone.now()
    consultation = survey.consultation
    if letterbox is not None:
        actor = speaking_for_household(actor, letterbox, consultation)
        if origin in OWN_ORIGINS:
            require_own_code(actor, letterbox)
    phase = rules.require_may_respond(actor, survey, at, origin=origin, letterbox=letterbox)
    own = origin in OWN_ORIGINS
    checked = check_answers(survey.read, answers)
    if checked.faults:
        raise AnswersRefused(checked.faults)
    if own and consultation.charter and not charter_accepted and not has_accepted_charter(actor, consultation):
        raise CharterNotAccepted
    placement = place_contribution(
        consultation=consultation,
        geometry=geometry,
        located_by=located_by,
        street=street,
        district=district,
        letterbox=letterbox,
        inside=survey.target,
        public_place=PublicPlace.STREET,
    )
    kept = kept_answers(survey.read, checked.values)
    placed = place_answers(survey=survey, places=kept.places)
    with transaction.atomic():
        if own:
            keep_device(actor=actor)
        raise_voice(survey=survey, actor=actor, letterbox=letterbox, origin=origin)
        if own:
            count_action(actor=actor, action="response", at=at)
        if letterbox is not None:
            use_code(code=letterbox, at=at)
        contribution = store_contribution(
            actor=actor,
            consultation=consultation,
            phase=phase,
            kind=Kind.RESPONSE,
            status=Status.COUNTED,
            origin=origin,
            placement=placement,
            typed_address=clean_text(typed_address, lines=False)[:TYPED_ADDRESS_LENGTH],
            title=in_language(survey.read.title, language)[:120],
            language=language,
            at=at,
        )
        photos = attach_photos_of_answers(actor=actor, contribution=contribution, photos=kept.photos)
        response = SurveyResponse.objects.create(
            contribution=contribution, survey=survey, answers={**kept.values, **photos}
        )
        PlaceAnswer.objects.bulk_create(
            PlaceAnswer(
                response=response,
                survey=survey,
                question=place.question,
                position=place.position,
                geometry=place.placement.geometry,
                located_by=place.placement.located_by,
                district_id=place.placement.district_id,
                street_id=place.placement.street_id,
                follow_up=place.follow_up,
            )
            for place in placed
        )
    return response
