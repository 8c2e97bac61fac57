"""The targets and the mailing lists in the workspace."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geoparticipation.accounts.access import AGENTS, READERS, only_for
from geoparticipation.mailings.domain.write_mailing_list import ListOptions
from geoparticipation.mailings.downloads import format_from_form, labels_from_query, mailing_list_response
from geoparticipation.mailings.enums import Channel, FileFormat, LabelSheet
from geoparticipation.mailings.forms import PartFormSet, TargetNameForm, part_initial
from geoparticipation.mailings.models import MailingListDownload
from layers.errors import Refusal
from layers.repeating import OnceForm, words_of
from neighbourhoods.domain.targets import preview_target, resolve_target, save_target
from neighbourhoods.models import Target
from neighbourhoods.target_words import PARTS_TO_READ, part_in_words, parts_in_words, sentence_pieces

TARGETS_PER_PAGE = 30
DOWNLOADS_PER_PAGE = 50


@require_GET
@only_for(READERS)
def target_list(request: HttpRequest) -> HttpResponse:
    """Every target, the newest first, in words and figures; three queries."""
    targets = (
        Target.objects.select_related("created_by")
        .prefetch_related(PARTS_TO_READ)
        .annotate(consultation_count=Count("consultations"))
        .defer("geometry")
        .order_by("-created_at", "-pk")
    )
    page = Paginator(targets, TARGETS_PER_PAGE).get_page(request.GET.get("page"))
    rows = [(target, parts_in_words(target.parts.all())) for target in page]
    return render(request, "mailings/target_list.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def target_new(request: HttpRequest) -> HttpResponseBase:
    """The targeting screen, empty."""
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@only_for(READERS)
def target_detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The targeting screen of a saved target; planners and councillors read it, without the letterboxes."""
    target = get_object_or_404(Target.objects.prefetch_related(PARTS_TO_READ), pk=pk)
    if request.user.role in AGENTS:
        return _edit(request, target)
    if request.method == "POST":
        raise PermissionDenied
    sentences = [part_in_words(part) for part in target.parts.all()]
    shape = json.loads(target.geometry.geojson) if target.geometry else None
    context = {"target": target, "sentences": sentences, "shape": shape}
    return render(request, "mailings/target_read.html", context)


def _edit(request: HttpRequest, target: Target | None) -> HttpResponseBase:
    """Show the screen; on a POST keep the target, or (`action=preview`) only work out the figures."""
    stored = [part_initial(part) for part in target.parts.all()] if target else []
    name_form = TargetNameForm(request.POST or None, initial={"name": target.name if target else ""})
    parts = PartFormSet(request.POST or None, initial=None if request.method == "POST" else stored, prefix="part")
    once = OnceForm(request.POST or None)
    context: dict[str, Any] = {"target": target, "name_form": name_form, "parts": parts, "once": once}
    context |= {"screen": targeting_screen(target), "formats": FileFormat.choices[1:], "sheets": LabelSheet.choices}
    status = 200
    if request.method == "POST":
        specs = parts.specs if parts.is_valid() else ()
        try:
            if request.POST.get("action") == "preview":
                name_form = context["name_form"] = TargetNameForm(initial={"name": request.POST.get("name", "")})
                context["figures"] = preview_target(specs) if parts.is_valid() else None
                if parts.is_valid():
                    context["parts"] = PartFormSet(initial=[part_initial(row) for row in parts.rows], prefix="part")
            elif name_form.is_valid() & parts.is_valid():
                name = name_form.cleaned_data["name"]

                def save() -> str:
                    return str(save_target(name=name, parts=specs, user=request.user, target=target).pk)

                made_once = {"user_id": request.user.pk, "words": words_of(request.POST)}
                pk = save() if target else once.carry_out_once(**made_once, make=save)
                messages.success(request, _("“%(name)s” is saved.") % {"name": name})
                return redirect("workspace-target", pk=pk)
        except Refusal as refusal:
            context["refusal"] = refusal.detail
        status = 200 if context.get("figures") else 422
    elif stored:
        context["figures"] = resolve_target(target)
    return render(request, "mailings/target_edit.html", context, status=status)


def targeting_screen(target: Target | None) -> dict[str, Any]:
    """What the targeting screen's script needs: addresses, words, and whether the target is new."""
    return {
        "key": target.pk if target else "new",
        "preview": "/api/v1/targets/preview/",
        "search": "/api/v1/places/search",
        "pieces": sentence_pieces(),
        "words": {
            "street": _("street"),
            "district": _("district"),
            "address": _("address"),
            "none": _("We found nothing of this name. Try fewer letters, or draw it on the map."),
            "found_one": _("{count} suggestion"),
            "found_other": _("{count} suggestions"),
            "search_failed": _("The search does not answer. Try again in a moment."),
            "added": _("Added: {what}"),
            "removed": _("Removed: {what}"),
            "undone": _("Undone"),
            "redone": _("Done again"),
            "unsaved": _("Not saved yet"),
            "restored": _("We kept the changes you had not saved."),
            "result": _("{letterboxes} letterboxes, {dwellings} dwellings"),
            "failed": _("The figures could not be worked out."),
            "offline": _("No connection: the figures are not up to date. Your parts are kept."),
            "not_json": _("This is not JSON. Copy the whole text, from the first { to the last }."),
            "no_shape": _("There is no geometry in it."),
            "click_street": _("Click a street: both sides, then even, then odd, then off."),
            "draw_polygon": _("Click the corners of the area; click the first one again to close it. Escape stops."),
            "draw_line": _("Click along the line; click the last point again to end it. Escape stops."),
            "streets_one": _("{count} street"),
            "streets_other": _("{count} streets"),
            "districts_one": _("{count} district"),
            "districts_other": _("{count} districts"),
            "sample": _("The map shows {shown} of {count} letterboxes."),
        },
    }


@require_POST
@only_for(AGENTS)
def mailing_list(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The letterboxes of a saved target as a file; records the download.

    A box that is ticked leaves something out (`deduplicate`, `respect_no_flyers`), as on the screen.
    """
    target = get_object_or_404(Target, pk=pk)
    options = ListOptions(
        deduplicate="deduplicate" in request.POST, respect_no_flyers="respect_no_flyers" in request.POST
    )
    try:
        return mailing_list_response(
            target=target,
            user=request.user,
            channel=Channel.PAGE,
            file_format=format_from_form(request.POST),
            options=options,
            labels=labels_from_query(request.POST),
        )
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("workspace-target", pk=pk)


@require_GET
@only_for(AGENTS)
def download_list(request: HttpRequest) -> HttpResponse:
    """Who fetched which mailing list, the latest first; two queries."""
    downloads = MailingListDownload.objects.select_related("downloaded_by", "target").defer("target__geometry")
    page = Paginator(downloads, DOWNLOADS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "mailings/download_list.html", {"page": page})
