"""The wizard by which agents load registers: the file, its columns, a look at it, the loading and its report."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.limited_upload import LimitedUploadHandler
from layers.errors import Refusal
from layers.geometry import CrsUnknown
from neighbourhoods.domain.registers import (
    FileSummary,
    cancel_upload,
    choices_of,
    describe_upload,
    get_upload,
    preview_upload,
    receive_upload,
    request_loading,
    save_choices,
)
from neighbourhoods.domain.registers.choices import CHANGEABLE, keep
from neighbourhoods.domain.registers.describe import AT_ONCE, READ_AT_ONCE_BYTES
from neighbourhoods.domain.registers.errors import ColumnNeeded, ColumnNotInFile, EditionExists
from neighbourhoods.domain.registers.locks import is_anything_loading, is_worked_on
from neighbourhoods.domain.registers.receive import largest_upload_bytes, not_kept, too_large
from neighbourhoods.domain.registers.reference_systems import USUAL_SYSTEMS
from neighbourhoods.domain.registers.sentences import in_the_wizards_words
from neighbourhoods.enums import UploadState
from neighbourhoods.models import RegisterUpload
from neighbourhoods.register_forms import ColumnsForm, UploadForm
from neighbourhoods.tasks import describe_register, load_register

PER_PAGE = 30
UNDER_WAY = (UploadState.RECEIVED, UploadState.WAITING, UploadState.LOADING)
FILE, COLUMNS, CHECK, RESULT = range(1, 5)


@require_GET
@only_for(AGENTS)
def register_list(request: HttpRequest) -> HttpResponse:
    """Every register that was uploaded: who, when, what, and what became of it; two queries."""
    uploads = RegisterUpload.objects.select_related("uploaded_by").defer("description")
    page = Paginator(uploads, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "workspace/registers/list.html", {"page": page})


@csrf_exempt  # checked below, once the file may come: the check reads the form, and with it the file
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def register_new(request: HttpRequest) -> HttpResponseBase:
    """Step 1: what is in the file, and the file, streamed to disk up to the limit."""
    handler = LimitedUploadHandler(request, most_bytes=largest_upload_bytes())
    request.upload_handlers = [handler]
    return _register_new(request, handler)


@csrf_protect
def _register_new(request: HttpRequest, handler: LimitedUploadHandler) -> HttpResponseBase:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        try:
            if handler.is_too_large:
                raise too_large()
            if handler.has_no_room:
                raise not_kept()
            if form.is_valid():
                return redirect("workspace-register", pk=_receive(request, form))
        except Refusal as refusal:
            form.is_valid()
            form.errors.pop("file", None)
            form.add_error("file", refusal.detail)
    context = {
        "form": form,
        "step": FILE,
        "most_megabytes": settings.REGISTER_UPLOAD_MAX_MB,
        "most_bytes": largest_upload_bytes(),
    }
    return render(request, "workspace/registers/new.html", context, status=_status(request))


def _receive(request: HttpRequest, form: UploadForm) -> str:
    """Keep the file, once for each page of the form, and look into it: at once when it is small."""
    file, kind = form.cleaned_data["file"], form.cleaned_data["kind"]

    def make() -> str:
        upload = receive_upload(kind=kind, file=file, user=request.user, language=get_language() or "")
        return str(upload.pk)

    words = f"{kind}\n{file.name}\n{file.size}"
    pk = int(form.carry_out_once(user_id=request.user.pk, words=words, make=make))
    _look_into(get_upload(pk))
    return str(pk)


def _look_into(upload: RegisterUpload) -> None:
    if upload.size_bytes <= READ_AT_ONCE_BYTES:
        describe_upload(upload_id=upload.pk, limits=AT_ONCE)
        return
    RegisterUpload.objects.filter(pk=upload.pk, state__in=CHANGEABLE).update(
        state=UploadState.RECEIVED, attempts=0, changed_at=timezone.now()
    )
    transaction.on_commit(lambda: describe_register.defer(upload_id=upload.pk))


@require_GET
@only_for(AGENTS)
def register_detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Where an upload is: what goes on, or what became of it. While something goes on, htmx asks for that part."""
    upload = get_upload(pk)
    if upload.state in (UploadState.READY, UploadState.UNREADABLE):
        if request.htmx:
            go_on = reverse("workspace-register-columns", args=[pk])
            return render(request, "workspace/registers/_go_on.html", {"go_on": go_on})
        return redirect("workspace-register-columns", pk=pk)
    context: dict[str, Any] = {"upload": upload, "summary": FileSummary.of(upload), "said": choices_of(upload)}
    context["step"] = FILE if upload.state == UploadState.RECEIVED else RESULT
    if upload.state in UNDER_WAY:
        context["is_worked_on"] = is_worked_on(pk)
        context["is_behind_another"] = (
            upload.state == UploadState.WAITING and not context["is_worked_on"] and is_anything_loading()
        )
        context["percent"] = _percent(upload)
    if upload.report:
        context["kinds"] = [
            kind for kind in upload.report["kinds"] if kind["read"] or kind["written"] or kind["closed"]
        ]
        context["refused_count"] = sum(kind["refused"] for kind in upload.report["kinds"])
    template = "workspace/registers/_state.html" if request.htmx else "workspace/registers/state.html"
    return render(request, template, context)


def _percent(upload: RegisterUpload) -> int | None:
    if not upload.rows_total:
        return None
    return min(100, round(100 * upload.rows_done / upload.rows_total))


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def register_columns(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Step 2: what the columns mean. What was said before is still there, also after a refusal."""
    upload = get_upload(pk)
    if upload.state not in CHANGEABLE:
        return redirect("workspace-register", pk=pk)
    form = ColumnsForm(request.POST or None, upload=upload)
    if request.method == "POST" and form.is_valid():
        try:
            if form.must_read_again:
                keep(upload, form.choices)
                _look_into(upload)
                upload = get_upload(pk)
                if upload.state == UploadState.READY:
                    messages.info(request, _("The file was read again. Check the columns."))
                return redirect("workspace-register", pk=pk)
            save_choices(upload=upload, choices=form.choices)
            return redirect("workspace-register-check", pk=pk)
        except (ColumnNeeded, ColumnNotInFile) as refusal:
            form.add_error(f"column-{refusal.field}", refusal.detail)
        except EditionExists as refusal:
            form.add_error("release", refusal.detail)
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
    context = {"upload": upload, "form": form, "summary": form.summary, "step": COLUMNS}
    return render(request, "workspace/registers/columns.html", context, status=_status(request))


@require_GET
@only_for(AGENTS)
def register_check(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Step 3: the first rows as they will be loaded, on the map and as a table."""
    upload = get_upload(pk)
    if upload.state not in CHANGEABLE:
        return redirect("workspace-register", pk=pk)
    if upload.state == UploadState.UNREADABLE or not FileSummary.of(upload).columns:
        return redirect("workspace-register-columns", pk=pk)
    said = choices_of(upload)
    context: dict[str, Any] = {"upload": upload, "summary": FileSummary.of(upload), "said": said, "step": CHECK}
    context["crs_words"] = USUAL_SYSTEMS.get(said.crs, said.crs)
    try:
        context["preview"] = preview_upload(upload=upload)
    except (Refusal, CrsUnknown) as refusal:
        context["refusal"] = in_the_wizards_words(refusal, upload)
        return render(request, "workspace/registers/check.html", context, status=422)
    return render(request, "workspace/registers/check.html", context)


@require_POST
@only_for(AGENTS)
def register_load(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Step 4: hand the upload to the worker. A second click finds it there already."""
    upload = get_upload(pk)
    try:
        was_waiting = upload.state in UNDER_WAY
        upload = request_loading(upload=upload)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        if not was_waiting and upload.state == UploadState.WAITING:
            transaction.on_commit(lambda: load_register.defer(upload_id=pk))
    return redirect("workspace-register", pk=pk)


@require_POST
@only_for(AGENTS)
def register_cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give an upload up before it is loaded."""
    try:
        upload = cancel_upload(upload=get_upload(pk))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("workspace-register", pk=pk)
    messages.success(request, _("“%(name)s” is deleted. Nothing of it was loaded.") % {"name": upload.original_name})
    return redirect("workspace-registers")


@require_GET
@only_for(AGENTS)
def register_refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The list of refused rows, as a file."""
    upload = get_upload(pk)
    try:
        if not upload.refused_file:
            raise FileNotFoundError
        file = upload.refused_file.open("rb")
    except FileNotFoundError:
        messages.error(request, _("There is no list of refused rows any more: it was deleted after a while."))
        return redirect("workspace-register", pk=pk)
    day = localtime(upload.finished_at or upload.uploaded_at).date().isoformat()
    name = f"{slugify(upload.original_name.rpartition('.')[0])[:60] or upload.pk}-{slugify(_('refused'))}-{day}.csv"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response


def _status(request: HttpRequest) -> int:
    """422 for a form that comes back with errors."""
    return 422 if request.method == "POST" else 200
