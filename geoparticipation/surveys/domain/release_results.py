"""Letting everybody read the figures of a survey."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.surveys.enums import ResultsShown, SurveyState
from geoparticipation.surveys.models import ReleasedHexagon, ResultRelease, Survey
from geoparticipation.surveys.results.figures import HEXAGON, Figures, figures_from
from geoparticipation.surveys.results.hexagon_names import near_hexagons
from geoparticipation.surveys.results.hexagons import hexagon
from geoparticipation.surveys.results.tallies import read_figures
from geoparticipation.surveys.results.telling import figures_to_tell, rounded_down


def is_shown(survey: Survey) -> bool:
    """Whether everybody may read results now. No query with the consultation at hand."""
    if survey.state == SurveyState.DRAFT or survey.consultation.state == ConsultationState.DRAFT:
        return False
    if survey.results_shown == ResultsShown.AFTERWARDS:
        return survey.state == SurveyState.CLOSED
    return bool(survey.results_shown == ResultsShown.ALWAYS)


def public_release(*, survey: Survey, at: datetime | None = None) -> ResultRelease | None:
    """What everybody may read of a survey's results; None where that is nothing.

    Makes the release when it is due: once the survey is closed, and before that each day anew, of the days before. So a
    figure never changes while one watches. One query, unless it is due.
    """
    if not is_shown(survey):
        return None
    today = localdate(at or timezone.now())
    release = ResultRelease.objects.filter(survey=survey).first()
    return release if _is_fresh(release, survey, today) else _release(survey, today)


def release_results(*, survey: Survey, at: datetime | None = None) -> ResultRelease:
    """Choose the figures of a survey anew, as they are now: after responses were taken out or put in later.

    Who kept the figures from before sees what the difference is about; agents decide that it is worth it.
    """
    return _release(survey, localdate(at or timezone.now()), again=True)


def _is_fresh(release: ResultRelease | None, survey: Survey, today: date) -> bool:
    if release is None:
        return False
    if survey.state == SurveyState.CLOSED:
        return release.is_final
    return not release.is_final and release.up_to >= today


@transaction.atomic
def _release(survey: Survey, today: date, *, again: bool = False) -> ResultRelease:
    """Write the release, once, however many ask for it at the same moment."""
    locked = Survey.objects.select_for_update(no_key=True, of=("self",)).get(pk=survey.pk)
    release = ResultRelease.objects.filter(survey=locked).first()
    if release is not None and not again and _is_fresh(release, locked, today):
        return release
    is_final = locked.state == SurveyState.CLOSED
    told = figures_to_tell(locked.read, read_figures(locked, before=None if is_final else today))
    if not is_final:
        told = rounded_down(told)
    release, _is_new = ResultRelease.objects.update_or_create(
        survey=locked, defaults={"up_to": today, "is_final": is_final, "figures": _as_json(told)}
    )
    release.hexagons.all().delete()
    found = {key: answers for (key, part), answers in told.parts.items() if part == HEXAGON}
    near = near_hexagons(sorted({name for answers in found.values() for name in answers}))
    ReleasedHexagon.objects.bulk_create(
        ReleasedHexagon(release=release, question=key, people=tallied.n, near=near[name][:300], geometry=hexagon(name))
        for key, answers in found.items()
        for name, tallied in sorted(answers.items())
    )
    return release


def _as_json(told: Figures) -> dict[str, Any]:
    return {
        "rows": [row for row in told.rows() if row[1] != HEXAGON],
        "rest": [[*key, n] for key, n in told.rest.items() if key[1] != HEXAGON],
    }


def told_figures(release: ResultRelease) -> Figures:
    """The figures of a release, without hexagons. No query."""
    rest = {(question, part): n for question, part, n in release.figures["rest"]}
    return replace(figures_from(map(tuple, release.figures["rows"])), rest=rest, is_told=True)
