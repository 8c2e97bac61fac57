"""Keeping what is filled in, and finding it again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.surveys.errors import DraftGone
from geoparticipation.surveys.models import Survey, SurveyDraft
from layers.keyed_hash import keyed_hash

KEPT_FOR: Final = timedelta(days=30)
"""How long after the last change."""


def start_draft(*, survey: Survey, user: User | None, seed: int) -> tuple[SurveyDraft, str]:
    """A new draft and the token of its private link, which is kept nowhere. Of a person's two drafts the last stays."""
    token = secrets.token_urlsafe(24)
    if user is not None:
        SurveyDraft.objects.filter(survey=survey, user=user).delete()
    fields = {"survey": survey, "key_hash": _hash(survey, token), "seed": seed, "expires_at": timezone.now() + KEPT_FOR}
    try:
        with transaction.atomic():
            draft = SurveyDraft.objects.create(user=user, **fields)
    except IntegrityError:  # the same person, in another window at this moment
        draft = SurveyDraft.objects.create(user=None, **fields)
    return draft, token


def keep_answers(*, draft: SurveyDraft, answers: Mapping[str, Any]) -> SurveyDraft:
    """Keep what is filled in, right or wrong, and let it live on. One statement."""
    draft.answers, draft.expires_at = dict(answers), timezone.now() + KEPT_FOR
    draft.save(update_fields=["answers", "expires_at", "updated_at"])
    return draft


def find_draft(*, survey: Survey, token: str) -> SurveyDraft:
    """The draft that this token leads to; raises DraftGone."""
    found = SurveyDraft.objects.filter(
        survey=survey, key_hash=_hash(survey, token), expires_at__gt=timezone.now()
    ).first()
    if found is None:
        raise DraftGone
    return found


def own_draft(*, survey: Survey, user: User | None) -> SurveyDraft | None:
    """The draft of a signed-in person, on whatever device it was begun."""
    if user is None:
        return None
    return SurveyDraft.objects.filter(survey=survey, user=user, expires_at__gt=timezone.now()).first()


def forget_drafts() -> int:
    """Delete what nobody came back to; returns how many."""
    return SurveyDraft.objects.filter(expires_at__lt=timezone.now()).delete()[0]


def _hash(survey: Survey, token: str) -> str:
    return keyed_hash("survey draft", str(survey.pk), token)
