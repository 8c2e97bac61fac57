"""What a browser has filled in: found by the session, by a private link or by the account, and kept at every step."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest

from geoparticipation.accounts.identity import Actor
from geoparticipation.surveys.domain.drafts import find_draft, keep_answers, own_draft, start_draft
from geoparticipation.surveys.errors import DraftGone
from geoparticipation.surveys.models import Survey, SurveyDraft

_SESSION_KEY: Final = "survey_drafts"
OWN_PLACE: Final = "@place"
"""Where one answers from, beside the answers; no question's key has an @."""
LARGEST_SEED: Final = 2**31 - 1


class Filling:
    """One survey being filled in by one browser. At most two queries to begin with."""

    def __init__(self, request: HttpRequest, survey: Survey, actor: Actor) -> None:
        self._session = request.session
        self._survey = survey
        self._actor = actor
        self.draft: SurveyDraft | None = None
        self.token: str = self._session.get(_SESSION_KEY, {}).get(str(survey.pk), "")
        if self.token:
            try:
                self.draft = find_draft(survey=survey, token=self.token)
            except DraftGone:
                self.forget()
        if self.draft is None:
            self.draft = own_draft(survey=survey, user=actor.user)
        posted = request.POST.get("seed", "")
        known = posted.isdecimal() and len(posted) < 11 and int(posted) <= LARGEST_SEED
        first = int(posted) if known else secrets.randbelow(LARGEST_SEED)
        self.seed: int = self.draft.seed if self.draft is not None else first
        self.answers: dict[str, Any] = dict(self.draft.answers) if self.draft is not None else {}

    def resume(self, token: str) -> None:
        """Go on with what a private link leads to; raises DraftGone."""
        self.draft = find_draft(survey=self._survey, token=token)
        self._remember(token)

    def keep(self, answers: Mapping[str, Any]) -> None:
        """Keep the answers as they are now."""
        self.answers = {key: _storable(value) for key, value in answers.items()}
        if self.draft is None:
            self.draft, token = start_draft(survey=self._survey, user=self._actor.user, seed=self.seed)
            self._remember(token)
        keep_answers(draft=self.draft, answers=self.answers)

    def forget(self) -> None:
        """This browser is done with it."""
        kept = {key: token for key, token in self._session.get(_SESSION_KEY, {}).items() if key != str(self._survey.pk)}
        self._session[_SESSION_KEY] = kept
        self.token = ""

    def _remember(self, token: str) -> None:
        self.token = token
        self._session[_SESSION_KEY] = {**self._session.get(_SESSION_KEY, {}), str(self._survey.pk): token}


def _storable(value: Any) -> Any:
    """The value without what PostgreSQL's JSON does not take: the character U+0000, numbers that are none."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {_storable(key): _storable(part) for key, part in value.items()}
    return [_storable(part) for part in value] if isinstance(value, list) else value
