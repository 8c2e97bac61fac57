"""The consultations in the workspace."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geoparticipation.accounts.access import AGENTS, READERS, only_for
from geoparticipation.consultations.domain.save_consultation import (
    archive_consultation,
    publish_consultation,
    save_consultation,
)
from geoparticipation.consultations.domain.save_phases import apply_process_template, save_phases
from geoparticipation.consultations.forms_workspace import ConsultationForm, PhaseFormSet, ProcessForm
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.processes import own_steps
from layers.errors import Refusal
from layers.repeating import OnceForm, words_of

SECTIONS = (
    (gettext_lazy("What it is about"), ("title", "summary", "description", "language", "video_url")),
    (gettext_lazy("Whom it is for, and where"), ("target", "inside_target_only", "place_privacy", "max_area_m2")),
    (gettext_lazy("How people take part"), ("identity_level", "voices_per", "moderation", "charter")),
    (
        gettext_lazy("Who answers for it"),
        ("political_lead", "operational_lead", "help_place", "help_phone", "help_hours"),
    ),
)


@require_GET
@only_for(READERS)
def consultation_list(request: HttpRequest) -> HttpResponse:
    """Every consultation this person may see, the newest first; two queries."""
    consultations = (
        Consultation.objects.visible_to(request.user)
        .select_related("target")
        .defer("target__geometry", "description", "charter")
        .prefetch_related("phases")
        .annotate(contribution_count=Count("contributions"))
    )
    return render(request, "consultations/workspace/list.html", {"consultations": consultations})


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def consultation_new(request: HttpRequest) -> HttpResponseBase:
    """Make a draft, with the steps of a usual process."""
    form = ConsultationForm(request.POST or None)
    process = ProcessForm(request.POST or None)
    once = OnceForm(request.POST or None)

    def make() -> str:
        consultation = save_consultation(user=request.user, **form.cleaned_data)
        apply_process_template(
            consultation=consultation,
            template=process.cleaned_data["process"],
            starts_on=process.cleaned_data["starts_on"],
            user=request.user,
        )
        return consultation.slug

    if request.method == "POST" and form.is_valid() and process.is_valid():
        try:
            slug = once.carry_out_once(user_id=request.user.pk, words=words_of(request.POST), make=make)
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("Your draft is kept. Check the dates of its steps, then publish it."))
            return redirect("workspace-consultation", slug=slug)
    context = {"form": form, "process": process, "once": once, "sections": sections_of(form)}
    context["target_url"] = reverse("workspace-target-new")
    return render(request, "consultations/workspace/edit.html", context, status=_status(request))


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def consultation_edit(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Change a consultation and its steps: both are saved, or neither."""
    consultation = get_object_or_404(Consultation.objects.select_related("target").defer("target__geometry"), slug=slug)
    form = ConsultationForm(request.POST or None, instance=consultation)
    phases = PhaseFormSet(request.POST or None, queryset=consultation.phases.all(), prefix="phases")
    if request.method == "POST" and form.is_valid() & phases.is_valid():
        try:
            with transaction.atomic():
                save_consultation(user=request.user, consultation=consultation, **form.cleaned_data)
                save_phases(consultation=consultation, phases=phases.inputs, user=request.user)
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("Your changes are saved."))
            return redirect("workspace-consultation", slug=consultation.slug)
    context = {"form": form, "phases": phases, "consultation": consultation, "sections": sections_of(form)}
    context["own_steps"] = own_steps(consultation.process_template, consultation.phases.all())
    context["target_url"] = reverse("workspace-target-new")
    return render(request, "consultations/workspace/edit.html", context, status=_status(request))


@require_POST
@only_for(AGENTS)
def change_state(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Publish or archive."""
    consultation = get_object_or_404(Consultation, slug=slug)
    try:
        if request.POST.get("to") == "archived":
            archive_consultation(consultation=consultation, user=request.user)
            messages.success(request, _("The consultation is closed. Everybody can still read it."))
        else:
            publish_consultation(consultation=consultation, user=request.user)
            messages.success(request, _("The consultation is online."))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect("workspace-consultation", slug=consultation.slug)


def _status(request: HttpRequest) -> int:
    """422 for a form that comes back with errors."""
    return 422 if request.method == "POST" else 200


def sections_of(form: ConsultationForm) -> list[tuple[str, list[Any]]]:
    """The form's fields under the headings of the page."""
    return [(str(title), [form[name] for name in names]) for title, names in SECTIONS]


def tell(form: BaseForm, refusal: Refusal) -> None:
    """Put a refusal's sentence beside the field it is about, or above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
