"""Pages of exports: a file at once, or asked for, waited for and fetched."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from geoparticipation.accounts.access import STAFF, only_for
from geoparticipation.accounts.identity import actor_for
from geoparticipation.contributions.domain.exports import get_export_for, request_export
from geoparticipation.contributions.enums import Scope, Status
from geoparticipation.contributions.errors import ExportNeedsPreparing, ExportNeedsSignIn, UnknownExport
from geoparticipation.contributions.exports import export_response, format_named, kept_file_response, scope_named
from geoparticipation.contributions.list_filters import ContributionFilterForm
from geoparticipation.contributions.models import Export
from geoparticipation.contributions.rules import may_export
from layers.errors import Refusal
from layers.exports.formats import FileFormat

EXPORTS_PER_PAGE = 50


def format_choices() -> list[tuple[str, str, str]]:
    """Name, word and for whom of each format, for a menu."""
    whom = {
        FileFormat.CSV: _("for a spreadsheet, or any program"),
        FileFormat.XLSX: _("for Excel and LibreOffice"),
        FileFormat.GEOJSON: _("for a map on the web"),
        FileFormat.GPKG: _("for QGIS and other mapping programs"),
        FileFormat.SHP: _("for older mapping programs"),
        FileFormat.KML: _("for Google Earth"),
    }
    return [(file_format.value, str(file_format.label), whom[file_format]) for file_format in FileFormat]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Send the file (`format`, `scope` and the filters of the API), or show what to do where it is too large for that.

    A POST has it prepared in the background and leads to the page where one waits.
    """
    file_format = format_named(request.GET.get("format", FileFormat.CSV))
    scope = scope_named(request.GET.get("scope", ""))
    actor = actor_for(request)
    if request.method == "POST":
        if actor.user is None:
            return redirect_to_login(request.get_full_path())
        asked = request_export(
            actor=actor,
            scope=scope,
            file_format=file_format,
            parameters=request.GET,
            language=get_language() or "",
        )
        return redirect("export", code=asked.code)
    if actor.user is None and scope is not Scope.PUBLIC:
        return redirect_to_login(request.get_full_path())
    try:
        return export_response(
            actor=actor,
            scope=scope,
            file_format=file_format,
            parameters=request.GET,
            site=request.build_absolute_uri("/").rstrip("/"),
        )
    except (ExportNeedsPreparing, ExportNeedsSignIn):
        pass
    context = {
        "file_format": file_format,
        "limit": settings.EXPORT_ROWS_AT_ONCE,
        "streaming": [
            (name.label, _with(request.GET, format=name.value)) for name in (FileFormat.CSV, FileFormat.GEOJSON)
        ],
        "query": request.GET.urlencode(),
        "days": settings.EXPORT_DAYS,
    }
    return render(request, "contributions/export_large.html", context)


def _with(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed[name] = value
    return f"{reverse('contributions-export')}?{changed.urlencode()}"


@never_cache
@require_safe
def show_export(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """How far a file is; the page's script asks again until it is there."""
    token = request.GET.get("token", "")
    try:
        shown = get_export_for(request.user, code, token=token)
    except UnknownExport:
        if request.user.is_authenticated:
            raise
        return redirect_to_login(request.get_full_path())
    context = {"export": shown, "token": token, "share": _share(shown)}
    partial = request.htmx and not request.htmx.history_restore_request
    return render(request, "contributions/_export.html" if partial else "contributions/export.html", context)


def _share(export: Export) -> float | None:
    """What part of the rows is written; None before it is known how many there are."""
    return export.rows_written / export.rows_total if export.rows_total else None


@never_cache
@require_GET
def export_file(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """The file, for the person who asked, or whoever has the link of a public one."""
    return kept_file_response(get_export_for(request.user, code, token=request.GET.get("token", "")))


class ExportFilterForm(ContributionFilterForm):
    """The filters of the list, and the status, which moderators may choose."""

    def __init__(self, data: QueryDict, *, with_status: bool) -> None:
        super().__init__(data)
        if with_status:
            self.fields["status"] = forms.ChoiceField(
                label=_("Status"),
                required=False,
                choices=[
                    ("", _("All")),
                    *((status.value, status.label) for status in Status if status != Status.DRAFT),
                ],
            )


@never_cache
@require_GET
@only_for(STAFF)
def workspace_exports(request: HttpRequest) -> HttpResponse:
    """Choose what, as what, and how much of it; below, who took what is not for everybody. Six queries at most.

    Moderators see every record, others their own files only.
    """
    scopes = [(scope.value, scope.label) for scope in Scope if may_export(request.user, scope)]
    filters = ExportFilterForm(request.GET, with_status=may_export(request.user, Scope.INTERNAL))
    refusal: Refusal | None = None
    if "format" in request.GET:
        try:
            chosen = filters.parameters()
            chosen["format"] = format_named(request.GET["format"]).value
            chosen["scope"] = scope_named(request.GET.get("scope", "")).value
            return redirect(f"{reverse('contributions-export')}?{chosen.urlencode()}")
        except Refusal as refused:
            refusal = refused
    exports = Export.objects.select_related("requested_by")
    if may_export(request.user, Scope.INTERNAL):
        exports = exports.beyond_public() | exports.filter(requested_by=request.user)
    else:
        exports = exports.filter(requested_by=request.user)
    context: dict[str, Any] = {
        "filters": filters,
        "scopes": scopes,
        "formats": format_choices(),
        "refusal": refusal,
        "page": Paginator(exports, EXPORTS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "contributions/workspace_exports.html", context)
