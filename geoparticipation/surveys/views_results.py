"""The results of a survey: for everybody what may be told, for agents everything."""

from __future__ import annotations

import tempfile
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import actor_for
from geoparticipation.contributions.domain.exports import record_export
from geoparticipation.contributions.enums import Scope, Status
from geoparticipation.surveys.domain.release_results import public_release, release_results, told_figures
from geoparticipation.surveys.enums import ResultsShown
from geoparticipation.surveys.errors import ResultsTooLarge, UnknownSurvey
from geoparticipation.surveys.forms_results import ResultFilterForm
from geoparticipation.surveys.models import ResultRelease, Survey, SurveyResponse
from geoparticipation.surveys.results.charts import bar_chart
from geoparticipation.surveys.results.export_layers import extracts_of
from geoparticipation.surveys.results.figures import Figures
from geoparticipation.surveys.results.files import FILE_FORMATS, file_name, stream_responses, write_responses
from geoparticipation.surveys.results.hexagon_names import near_hexagons
from geoparticipation.surveys.results.narrowing import condition
from geoparticipation.surveys.results.tables import MOST_HEXAGONS, QuestionResult, Table, has_texts, results_of, words
from geoparticipation.surveys.results.tallies import read_figures
from geoparticipation.surveys.results.telling import LEAST_TOLD
from layers.exports.formats import FORMATS, FileFormat
from neighbourhoods.models import District

TEXTS_PER_PAGE: Final = 50


def _survey_for(request: HttpRequest, slug: str) -> Survey:
    """The survey of this address, as far as this person may see it; one query. Raises UnknownSurvey."""
    survey = Survey.objects.visible_to(request.user).select_related("consultation").filter(slug=slug).first()
    if survey is None:
        raise UnknownSurvey
    return survey


def _shown(survey: Survey, figures: Figures) -> tuple[list[str], list[tuple[QuestionResult, list[tuple[Table, Any]]]]]:
    """The names of the districts in the cross-tables, and each question with its tables and charts. One query."""
    keys = [key for key in figures.responses.by_district if key]
    names = dict(District.objects.filter(pk__in=keys).values_list("pk", "name"))
    columns = sorted(names, key=lambda key: names[key])
    results = results_of(survey.read, figures, columns)
    return [names[key] for key in columns], [
        (
            result,
            [
                (table, bar_chart(table, _("Chart: %(title)s") % {"title": table.title}) if table.lines else "")
                for table in result.tables
            ],
        )
        for result in results
    ]


@require_safe
def show_results(request: HttpRequest, slug: str, survey_slug: str) -> HttpResponse:
    """What everybody may read: tables, charts and maps of groups of five and more. Five queries."""
    survey = _survey_for(request, survey_slug)
    if survey.consultation.slug != slug:
        raise UnknownSurvey
    release = public_release(survey=survey)
    context: dict[str, Any] = {
        "survey": survey,
        "consultation": survey.consultation,
        "release": release,
        "least": LEAST_TOLD,
        "is_never": survey.results_shown == ResultsShown.NEVER,
    }
    if release is not None:
        figures = told_figures(release)
        districts, questions = _shown(survey, figures)
        near: dict[str, list[Any]] = {}
        for question, people, place in release.hexagons.values_list("question", "people", "near"):
            near.setdefault(question, []).append((place, people))
        context |= {
            "figures": figures,
            "districts": districts,
            "questions": [(result, tables, near.get(result.key, [])) for result, tables in questions],
            "most_hexagons": MOST_HEXAGONS,
            "map_words": {"survey": survey.slug, "layer": "survey-hexagons", "people": _("{n} people")},
        }
    return render(request, "surveys/results.html", context)


@only_for(AGENTS)
@require_safe
def agent_results(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that was answered, narrowed as asked. Six queries."""
    survey = _survey_for(request, slug)
    filters = ResultFilterForm(request.GET)
    narrowing = filters.narrowing()
    figures = read_figures(survey, narrowing)
    districts, questions = _shown(survey, figures)
    names = near_hexagons(sorted({name for result, _tables in questions for name, _n in result.hexagons}))
    context = {
        "survey": survey,
        "consultation": survey.consultation,
        "filters": filters,
        "narrowing": narrowing,
        "figures": figures,
        "districts": districts,
        "questions": [
            (result, tables, [(names[name], n) for name, n in result.hexagons]) for result, tables in questions
        ],
        "release": ResultRelease.objects.filter(survey=survey).first(),
        "least": LEAST_TOLD,
        "query": request.GET.urlencode(),
        "export_formats": [
            ("csv", ("CSV", _("a line for each response"))),
            ("xlsx", (_("Excel (XLSX)"), _("a sheet for each question with places, and what the keys mean"))),
            ("gpkg", ("GeoPackage", _("a layer for each question with places"))),
        ],
        "map_words": {
            "survey": survey.slug,
            "layer": "survey-places",
            "narrowed": filters.parameters(),
            "people": _("{n} people"),
            "places": _("{n} places"),
        },
    }
    return render(request, "surveys/workspace_results.html", context)


@only_for(AGENTS)
@require_safe
def answers_in_words(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """What people wrote in answer to one question, the latest first. Four queries."""
    survey = _survey_for(request, slug)
    question = survey.read.question(key)
    if question is None or not has_texts(question):
        raise Http404
    filters = ResultFilterForm(request.GET)
    responses = (
        SurveyResponse.objects.filter(
            condition(filters.narrowing(), "contribution__"),
            survey=survey,
            contribution__status=Status.COUNTED,
            answers__has_key=key,
        )
        .select_related("contribution__district")
        .order_by("-contribution__submitted_at", "-pk")
    )
    page = Paginator(responses, TEXTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "survey": survey,
        "label": words(question.label),
        "page": page,
        "query": request.GET.urlencode(),
        "texts": [(response, _text_of(response.answers[key])) for response in page],
    }
    return render(request, "surveys/workspace_texts.html", context)


def _text_of(value: Any) -> str:
    """What was written: a text, or one's own words beside choices; nothing where there is none."""
    if isinstance(value, dict):
        return str(value.get("other", ""))
    if isinstance(value, list):
        return "; ".join(filter(None, (_text_of(part) for part in value if isinstance(part, dict))))
    return str(value)


@only_for(AGENTS)
@require_POST
def release_again(request: HttpRequest, slug: str) -> HttpResponse:
    """Let everybody read the figures as they are now."""
    survey = _survey_for(request, slug)
    release_results(survey=survey)
    messages.success(request, _("Everybody now reads the figures of today."))
    return redirect("workspace-survey-results", slug=survey.slug)


@only_for(AGENTS)
@require_safe
def export_responses(request: HttpRequest, slug: str, file_format: str) -> HttpResponseBase:
    """The responses that were asked for, as a file; noted with the exports. CSV of any size, others up to a limit."""
    if file_format not in FILE_FORMATS:
        raise Http404
    survey = _survey_for(request, slug)
    narrowing = ResultFilterForm(request.GET).narrowing()
    written_as = FORMATS[FileFormat(file_format)]
    limit = settings.EXPORT_ROWS_AT_ONCE
    rows = extracts_of(survey, narrowing)[0].rows.count()
    if rows > limit and not written_as.streams:
        raise ResultsTooLarge(limit)
    count_action(actor=actor_for(request), action="export")
    record_export(
        user=request.user,
        scope=Scope.INTERNAL,
        file_format=FileFormat(file_format),
        parameters=QueryDict(f"consultation={survey.consultation.slug}&kind=response"),
        rows=rows,
    )
    name = file_name(survey, FileFormat(file_format))
    response: StreamingHttpResponse | FileResponse
    if written_as.streams:
        response = StreamingHttpResponse(stream_responses(survey, narrowing))
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        file = tempfile.SpooledTemporaryFile(max_size=1_000_000)  # noqa: SIM115 (the response closes it)
        try:
            write_responses(file, FileFormat(file_format), survey, narrowing)  # type: ignore[arg-type]
        except BaseException:
            file.close()
            raise
        file.seek(0)
        response = FileResponse(file, as_attachment=True, filename=name)
    response["Content-Type"] = written_as.media_type + ("; charset=utf-8" if written_as.streams else "")
    response["Cache-Control"] = "private, no-store"
    return response
