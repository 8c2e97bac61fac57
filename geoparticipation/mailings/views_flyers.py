"""The flyers of a mailing in the workspace: the design, one flyer to look at, and the files."""

from __future__ import annotations

import base64
import tempfile
import uuid
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.mailings.domain.flyers.design import change_flyer_design, design_like, design_of
from geoparticipation.mailings.domain.flyers.measures import MEASURES
from geoparticipation.mailings.domain.flyers.postage import write_postage
from geoparticipation.mailings.domain.flyers.preview import picture_of, preview_flyer
from geoparticipation.mailings.domain.flyers.runs import cancel_flyers, request_flyers, resume_flyers
from geoparticipation.mailings.enums import Channel, FileFormat
from geoparticipation.mailings.forms_flyers import PICTURES, FlyerDesignForm, FlyerPrintForm
from geoparticipation.mailings.models import FlyerDesign, FlyerRun, Mailing, MailingListDownload
from layers.errors import Refusal

RUNS_SHOWN = 10


def _mailing(pk: int) -> Mailing:
    return get_object_or_404(Mailing.objects.select_related("consultation", "target"), pk=pk)


@never_cache
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def flyers(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The design of a mailing's flyers, kept on a POST when it fits, and what was written of them.

    For htmx, the part with what was written. A constant number of queries.
    """
    mailing = _mailing(pk)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "mailings/_flyer_runs.html", _runs(mailing))
    design = design_of(mailing)
    form = FlyerDesignForm(request.POST or None, request.FILES or None, design=design)
    refusal = None
    if request.method == "POST" and form.is_valid():
        sent = {part: form.cleaned_data[part].read() for part in PICTURES if form.cleaned_data[part]}
        try:
            change_flyer_design(mailing=mailing, wanted=form.wanted(), pictures=sent, without=form.without())
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, _("The design is saved."))
            return redirect("workspace-mailing-flyers", pk=pk)
    context = {
        "form": form,
        "refusal": refusal,
        "design": design,
        "printing": FlyerPrintForm(),
        "has_rounds": mailing.rounds.exists(),
        **_look(design),
        **_runs(mailing),
    }
    return render(request, "mailings/flyers.html", context, status=422 if request.method == "POST" else 200)


def _runs(mailing: Mailing) -> dict[str, Any]:
    return {"mailing": mailing, "runs": mailing.flyer_runs.all()[:RUNS_SHOWN]}


def _look(design: FlyerDesign) -> dict[str, Any]:
    """What the preview shows of a design."""
    try:
        preview = preview_flyer(design=design)
    except Refusal as refused:
        return {"preview_refusal": refused.detail}
    return {
        "picture": base64.b64encode(picture_of(preview)).decode(),
        "measures": MEASURES[design.template],
        "is_map_left_out": preview.is_map_left_out,
    }


@never_cache
@require_POST
@only_for(AGENTS)
def preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The flyer as the form says it now, not saved: a part of the page."""
    mailing = _mailing(pk)
    form = FlyerDesignForm(request.POST, None, design=design_of(mailing))
    try:
        look = (
            _look(design_like(mailing=mailing, wanted=form.wanted(), without=form.without()))
            if form.is_valid()
            else {"preview_refusal": next(iter(form.errors.values()))[0]}
        )
    except Refusal as refused:
        look = {"preview_refusal": refused.detail}
    return render(request, "mailings/_flyer_preview.html", look)


@never_cache
@require_POST
@only_for(AGENTS)
def sheet(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One page of the saved design as it will be printed (PDF), with a code that opens nothing."""
    design = design_of(_mailing(pk))
    try:
        shown = preview_flyer(design=design, options=FlyerPrintForm(request.POST).options())
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("workspace-mailing-flyers", pk=pk)
    return HttpResponse(shown.pdf, content_type="application/pdf")


@require_POST
@only_for(AGENTS)
def write(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Have the flyers written; or stop (`action=stop`) or go on with (`action=resume`) the `run`."""
    mailing = _mailing(pk)
    try:
        if request.POST.get("action") in {"stop", "resume"}:
            run = get_object_or_404(FlyerRun, mailing=mailing, code=_code(request.POST.get("run", "")))
            (cancel_flyers if request.POST["action"] == "stop" else resume_flyers)(run=run)
        else:
            request_flyers(mailing=mailing, user=request.user, options=FlyerPrintForm(request.POST).options())
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect(f"{request.path.removesuffix('write/')}#written")


def _code(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


@never_cache
@require_POST
@only_for(AGENTS)
def postage(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The addresses for a bulk mailer (CSV), in the order of the flyers; records who took them."""
    mailing = _mailing(pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "postage.csv"
        try:
            write_postage(mailing=mailing, path=path, order=FlyerPrintForm(request.POST).options().order)
        except Refusal as refusal:
            messages.error(request, refusal.detail)
            return redirect("workspace-mailing-flyers", pk=pk)
        content = path.open("rb")  # stays readable when the folder is gone
    MailingListDownload.objects.create(
        downloaded_by=request.user,  # type: ignore[misc]
        target=mailing.target,
        target_name=f"{mailing.target.name}: {mailing.name}"[:400],
        channel=Channel.PAGE,
        file_format=FileFormat.CSV,
        letterboxes=mailing.letterbox_count,
    )
    return FileResponse(
        content, as_attachment=True, filename=f"{_file_name(mailing)}.csv", content_type="text/csv; charset=utf-8"
    )


@never_cache
@require_GET
@only_for(AGENTS)
def file(request: HttpRequest, pk: int, code: uuid.UUID) -> HttpResponseBase:
    """The file of a run that is over, as long as it is kept."""
    run = get_object_or_404(FlyerRun.objects.select_related("mailing"), mailing=pk, code=code)
    if not run.file or not default_storage.exists(run.file):
        raise Http404
    return FileResponse(
        default_storage.open(run.file),
        as_attachment=True,
        filename=f"{_file_name(run.mailing)}.pdf",
        content_type="application/pdf",
    )


def _file_name(mailing: Mailing) -> str:
    return slugify(_("flyers %(name)s") % {"name": mailing.name})[:80]
