"""Who may answer a survey, and when: role AND phase AND identity AND the survey's own state."""

from __future__ import annotations

from datetime import datetime

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.consultations.enums import ConsultationState, Feature
from geoparticipation.consultations.models import Phase
from geoparticipation.consultations.phases import open_phase
from geoparticipation.contributions.enums import Origin
from geoparticipation.contributions.errors import IdentityTooLow
from geoparticipation.contributions.rules import OWN_ORIGINS, require_open
from geoparticipation.mailings.models import LetterboxCode
from geoparticipation.surveys.enums import OnePer, SurveyState
from geoparticipation.surveys.errors import SurveyClosed, UnknownSurvey
from geoparticipation.surveys.models import Survey


def require_may_respond(
    actor: Actor,
    survey: Survey,
    at: datetime,
    *,
    origin: str = Origin.WEB,
    letterbox: LetterboxCode | None = None,
) -> Phase:
    """The phase that lets this actor answer now; `actor` speaks for the household of `letterbox` already.

    Raises UnknownSurvey (a draft), UnknownConsultation, NotAllowed, PhaseClosed, SurveyClosed, IdentityTooLow: a survey
    with one response for each person wants a confirmed address, with one for each home the code of a flyer, also from
    staff who enter what came on paper. One query unless the phases are prefetched.
    """
    if survey.state == SurveyState.DRAFT:
        raise UnknownSurvey
    phase = require_open(actor, survey.consultation, Feature.RESPOND, at, origin=origin)
    if survey.state != SurveyState.OPEN:
        raise SurveyClosed
    if survey.one_per == OnePer.HOUSEHOLD and letterbox is None:
        raise IdentityTooLow(IdentityLevel.HOUSEHOLD)
    if survey.one_per == OnePer.PERSON and origin in OWN_ORIGINS and not _is_known_person(actor):
        raise IdentityTooLow(IdentityLevel.EMAIL)
    return phase


def needed_level(survey: Survey) -> IdentityLevel:
    """How well one must be known to answer: as the consultation asks, and as counting the responses asks."""
    of_survey = {OnePer.PERSON: IdentityLevel.EMAIL, OnePer.HOUSEHOLD: IdentityLevel.HOUSEHOLD}
    own = of_survey.get(OnePer(survey.one_per), IdentityLevel.DEVICE)
    return max(IdentityLevel(survey.consultation.identity_level), own)


def takes_responses(survey: Survey, at: datetime | None = None) -> bool:
    """Whether somebody may answer now. One query unless the phases are prefetched."""
    return (
        survey.state == SurveyState.OPEN
        and survey.consultation.state == ConsultationState.PUBLISHED
        and open_phase(survey.consultation, Feature.RESPOND, at) is not None
    )


def _is_known_person(actor: Actor) -> bool:
    return actor.user is not None and actor.level >= IdentityLevel.EMAIL
