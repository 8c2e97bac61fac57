"""What agents do with surveys: make, copy, change a step at a time, open, close, remove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.rules import require_may_manage
from geoparticipation.surveys.definition import SurveyDefinition, in_language
from geoparticipation.surveys.domain.save_survey import save_survey
from geoparticipation.surveys.enums import SurveyState
from geoparticipation.surveys.errors import SurveyHasResponses
from geoparticipation.surveys.models import Survey
from neighbourhoods.models import Target

Change = Callable[[dict[str, Any]], Mapping[str, Any]]
_RESERVED_SLUGS: Final = frozenset({"new"})


def make_survey(
    *, user: User | None, consultation: Consultation, definition: SurveyDefinition, **settings: Any
) -> Survey:
    """A draft of its own, at an address made of its title; `settings` are those of `save_survey`.

    Raises NotAllowed. Two queries more than `save_survey`.
    """
    require_may_manage(user)
    slug = _free_slug(in_language(definition.title, consultation.language))
    return save_survey(user=user, consultation=consultation, slug=slug, definition=definition, **settings)


def copy_survey(*, user: User | None, survey: Survey) -> Survey:
    """The same survey again as a draft, without its responses; "copy" is added to its title. Raises NotAllowed."""
    title = {
        language: _("%(title)s (copy)") % {"title": words[:180]}
        for language, words in survey.definition["title"].items()
    }
    require_may_manage(user)
    return save_survey(
        user=user,
        consultation=survey.consultation,
        slug=_free_slug(f"{survey.slug}"),
        definition={**survey.definition, "title": title},
        one_per=survey.one_per,
        results_shown=survey.results_shown,
        target=survey.target,
    )


def change_questions(*, user: User | None, survey: Survey, change: Change) -> Survey:
    """Apply a change to what the survey asks as it is now, whoever else changes it at the same time.

    The row is locked until the change is stored. Raises what the change raises, NotAllowed, DefinitionRefused,
    SurveyHasResponses.
    """
    require_may_manage(user)
    with transaction.atomic():
        kept = Survey.objects.select_for_update(of=("self",)).select_related("consultation", "target").get(pk=survey.pk)
        return _saved(user, kept, definition=change(kept.definition))


def change_settings(*, user: User | None, survey: Survey, target: Target | None, one_per: str, results_shown: str,
                    consultation: Consultation) -> Survey:  # fmt: skip
    """Where it belongs, whom it is for, how often one answers, who sees results.

    A survey with responses stays with its consultation, its target and its rule on who answers once: they say what the
    responses stand for. Raises NotAllowed, SurveyHasResponses.
    """
    require_may_manage(user)
    with transaction.atomic():
        kept = Survey.objects.select_for_update(of=("self",)).select_related("consultation", "target").get(pk=survey.pk)
        before = (kept.consultation_id, kept.target_id, kept.one_per)
        if before != (consultation.pk, target.pk if target else None, one_per) and kept.responses.exists():
            raise SurveyHasResponses
        kept.consultation = consultation
        return _saved(user, kept, target=target, one_per=one_per, results_shown=results_shown)


def change_state(*, user: User | None, survey: Survey, state: SurveyState) -> Survey:
    """Open or close it, or make it a draft again while it has no responses. Raises NotAllowed, SurveyHasResponses."""
    require_may_manage(user)
    with transaction.atomic():
        kept = Survey.objects.select_for_update(of=("self",)).select_related("consultation", "target").get(pk=survey.pk)
        if state == SurveyState.DRAFT and kept.responses.exists():
            raise SurveyHasResponses
        return _saved(user, kept, state=state)


def remove_survey(*, user: User | None, survey: Survey) -> None:
    """Take away a survey that nobody has answered. Raises NotAllowed, SurveyHasResponses."""
    require_may_manage(user)
    with transaction.atomic():
        kept = Survey.objects.select_for_update().get(pk=survey.pk)
        if kept.responses.exists():
            raise SurveyHasResponses
        kept.delete()


def _saved(user: User | None, kept: Survey, **changed: Any) -> Survey:
    """Stored as it is in the database but for what changed."""
    said: dict[str, Any] = {
        "definition": kept.definition,
        "state": kept.state,
        "one_per": kept.one_per,
        "results_shown": kept.results_shown,
        "target": kept.target,
        **changed,
    }
    return save_survey(user=user, consultation=kept.consultation, slug=kept.slug, survey=kept, **said)


def _free_slug(title: str) -> str:
    base = slugify(title)[:70].strip("-") or "survey"
    taken = set(Survey.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | _RESERVED_SLUGS
    return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, 9999))) if slug not in taken)
