"""Making and changing a survey."""

from __future__ import annotations

import json
from typing import Any

from django.db import IntegrityError, transaction

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.rules import require_may_manage
from geoparticipation.surveys.definition import SurveyDefinition, read_definition, write_definition
from geoparticipation.surveys.enums import OnePer, ResultsShown, SurveyState
from geoparticipation.surveys.errors import SlugTaken, SurveyHasResponses
from geoparticipation.surveys.models import Survey
from neighbourhoods.models import Target


@transaction.atomic
def save_survey(
    *,
    user: User | None,
    consultation: Consultation,
    slug: str,
    definition: object,
    survey: Survey | None = None,
    state: str = SurveyState.DRAFT,
    one_per: str = OnePer.DEVICE,
    results_shown: str = ResultsShown.AFTERWARDS,
    target: Target | None = None,
) -> Survey:
    """Store a survey, or another version of `survey`; agents may. What is stored is the definition read and written.

    Once there are responses only words may change: keys, kinds, choices, limits and rules stay. Raises NotAllowed,
    DefinitionRefused, SlugTaken, SurveyHasResponses.
    """
    require_may_manage(user)
    read = definition if isinstance(definition, SurveyDefinition) else read_definition(definition)
    written = write_definition(read)
    if survey is None:
        survey = Survey(created_by=user)
    else:
        kept = Survey.objects.select_for_update().get(pk=survey.pk)
        if kept.responses.exists() and without_words(kept.definition) != without_words(written):
            raise SurveyHasResponses
    survey.consultation, survey.slug, survey.definition, survey.target = consultation, slug, written, target
    survey.state, survey.one_per, survey.results_shown = state, one_per, results_shown
    survey.__dict__.pop("read", None)
    try:
        with transaction.atomic():
            survey.save()
    except IntegrityError:
        raise SlugTaken(slug) from None
    return survey


_WORDS = frozenset({"label", "help", "title", "text", "introduction", "thanks", "labels", "unit", "languages"})


def without_words(definition: Any) -> str:
    """What the answers of a definition mean, as text to compare: all of it but the words and the order of members."""

    def bare(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: bare(value) for name, value in part.items() if name not in _WORDS}
        return [bare(entry) for entry in part] if isinstance(part, list) else part

    return json.dumps(bare(definition), sort_keys=True)
