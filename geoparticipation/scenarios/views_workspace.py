"""Plans in the workspace: made, filled with variants and places, published, and what people prefer."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.gis.geos import GEOSGeometry
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from geoparticipation.accounts.access import AGENTS, READERS, only_for
from geoparticipation.body_limits import takes_at_most
from geoparticipation.contributions.errors import PlaceMissing
from geoparticipation.contributions.locating import locate
from geoparticipation.contributions.views_contribute import draw_words
from geoparticipation.scenarios.domain.files import (
    FILE_LIMITS,
    MEANINGS,
    choose_columns,
    forget_file,
    preview_rows,
    read_variant_file,
    take_file,
)
from geoparticipation.scenarios.domain.places import add_place, delete_place, describe_place, make_places, move_place
from geoparticipation.scenarios.domain.plans import delete_plan, is_answered, publish_plan, save_plan
from geoparticipation.scenarios.domain.results import count_preferences
from geoparticipation.scenarios.domain.variants import (
    FeatureInput,
    add_feature,
    delete_feature,
    delete_variant,
    move_variant,
    save_variant,
)
from geoparticipation.scenarios.errors import PlanIncomplete
from geoparticipation.scenarios.forms import (
    ColumnsForm,
    FeatureForm,
    FileForm,
    NewPlanForm,
    PlaceOfPlanForm,
    PlaceWordsForm,
    PlanForm,
    VariantForm,
)
from geoparticipation.scenarios.models import Plan, PlanPlace, Variant
from geoparticipation.scenarios.presentation import PlanShown, places_geojson, show_plan
from geoparticipation.scenarios.queries import elements_at_places, plan_for, plan_of_place, variant_for
from geoparticipation.scenarios.views_files import results_csv
from layers.errors import Refusal

PER_PAGE = 30
_FORM_BYTES = 1_000_000


@require_GET
@only_for(AGENTS)
def plan_list(request: HttpRequest) -> HttpResponse:
    """Every plan, the latest first; two queries."""
    found = (
        Plan.objects.select_related("consultation")
        .annotate(
            variant_count=Count("variants", distinct=True),
            place_count=Count("places", distinct=True),
        )
        .order_by("-pk")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "scenarios/workspace_list.html", {"page": page})


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def plan_new(request: HttpRequest) -> HttpResponseBase:
    """A form for a new plan; it becomes a draft."""
    form = NewPlanForm(request.POST or None)
    refusal: Refusal | None = None
    agent: Any = request.user
    if request.method == "POST" and form.is_valid():
        try:
            code = form.carry_out_once(
                user_id=request.user.pk,
                words=request.POST.urlencode(),
                make=lambda: str(save_plan(agent=agent, **_said(form)).code),
            )
        except Refusal as refused:
            refusal = _beside(form, refused)
        else:
            messages.success(request, _("Kept as a draft. Now add variants and places."))
            return redirect("workspace-plan", code=code)
    context = {"form": form, "refusal": refusal}
    return render(request, "scenarios/workspace_new.html", context, status=422 if request.method == "POST" else 200)


def _said(form: PlanForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("title", "consultation", "text", "results_shown")}


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def plan_edit(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """One plan: its words, its variants and places in their order, publishing it, and the exact results."""
    found = plan_for(request.user, code)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = PlanForm(request.POST if act == "save" else None, plan=found)
    variant_form = VariantForm(request.POST if act == "add-variant" else None)
    place_form = PlaceOfPlanForm(request.POST if act == "add-place" else None)
    used: forms.Form = {"add-variant": variant_form, "add-place": place_form}.get(act, form)
    refusal: Refusal | None = None
    if act:
        try:
            told = _carry_out(request, act, found, used)
        except Refusal as refused:
            refusal = _beside(used, refused)
        else:
            if told:
                messages.success(request, told)
                return redirect("workspace-plans") if act == "delete" else redirect("workspace-plan", code=code)
    context = {
        "plan": found,
        "shown": _exact(found),
        "is_answered": is_answered(found),
        "form": form,
        "variant_form": variant_form,
        "place_form": place_form,
        "refusal": refusal,
        "refused_field": refusal.field if refusal else "",
        "choices": getattr(refusal, "choices", None),
        "places": places_geojson(found),
        "draw_words": draw_words(),
    }
    return render(request, "scenarios/workspace_edit.html", context, status=422 if act else 200)


def _exact(found: Plan) -> PlanShown:
    return show_plan(found, elements=elements_at_places(found), own={}, exact=count_preferences(found))


def _carry_out(request: HttpRequest, act: str, found: Plan, form: Any) -> str:
    """Do what was asked with the form that belongs to it; returns what to tell, empty where that is filled in badly."""
    agent: Any = request.user
    if act in {"save", "add-variant", "add-place"} and not form.is_valid():
        return ""
    match act:
        case "save":
            save_plan(agent=agent, plan=found, **_said(form))
            return _("Saved.")
        case "add-variant":
            save_variant(agent=agent, plan=found, **form.cleaned_data)
            return _("Added. Give it a file or draw what it would build; empty, it is “as it is today”.")
        case "add-place":
            said = form.cleaned_data
            add_place(agent=agent, plan=found, name=said["name"], text=said["text"], geometry=_where(said))
            return _("Added to the list.")
        case "make-places":
            made = make_places(agent=agent, plan=found)
            return ngettext("%(count)d place made.", "%(count)d places made.", len(made)) % {"count": len(made)}
        case "variant-up" | "variant-down":
            move_variant(agent=agent, variant=_variant(request, found), up=act.endswith("up"))
        case "place-up" | "place-down":
            move_place(agent=agent, place=_place(request, found), up=act.endswith("up"))
        case "publish":
            publish_plan(agent=agent, plan=found)
            return _("Published. Everybody can see it, and answer while a phase lets them.")
        case "delete":
            delete_plan(agent=agent, plan=found)
            return _("Deleted.")
        case _:
            return ""
    return _("Saved.")


def _variant(request: HttpRequest, found: Plan) -> Variant:
    wanted = request.POST.get("of", "")
    one = next((one for one in found.variants.all() if str(one.code) == wanted), None)
    return one or get_object_or_404(found.variants, pk=0)


def _place(request: HttpRequest, found: Plan) -> PlanPlace:
    wanted = request.POST.get("of", "")
    one = next((one for one in found.places.all() if str(one.code) == wanted), None)
    return one or get_object_or_404(found.places, pk=0)


def _where(said: dict[str, Any]) -> GEOSGeometry:
    """The shape of what was drawn, typed or chosen; of a street known by its letterboxes only there is none."""
    located = locate(said)
    if located is None:
        raise PlaceMissing
    shape = located.geometry
    if shape is None:
        shape = located.street.geometry if located.street else located.district.geometry if located.district else None
    if shape is None:
        raise PlanIncomplete(_("Draw it on the map: this street has no course there."), field="place_text")
    return shape


def _beside(form: forms.Form, refusal: Refusal) -> Refusal | None:
    """Put a refusal beside its field; what belongs to none, and to the place, is shown by the page."""
    if refusal.field in form.fields and refusal.field not in {"place_text", "geometry"}:
        form.add_error(refusal.field, refusal.detail)
        return None
    if refusal.field in {"geometry", "place"}:
        refusal.field = "place_text"
    return refusal


@takes_at_most(FILE_LIMITS.max_bytes + _FORM_BYTES)
@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def variant_edit(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """One variant: its words, and what it would build: from a file that is looked at first, or drawn."""
    found = variant_for(request.user, code)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = VariantForm(request.POST if act == "save" else None, variant=found)
    file_form = FileForm(request.POST, request.FILES) if act == "read" else FileForm()
    feature_form = FeatureForm(request.POST if act == "draw" else None)
    used: forms.Form = {"read": file_form, "draw": feature_form}.get(act, form)
    refusal: Refusal | None = None
    if act:
        try:
            told = _change_variant(request, act, found, used)
        except Refusal as refused:
            refusal = _beside(used, refused)
        else:
            if told and act == "delete":
                messages.success(request, told)
                return redirect("workspace-plan", code=found.plan.code)
            if told:
                messages.success(request, told)
                return redirect("workspace-variant", code=code)
    file = getattr(found, "file", None)
    rows = preview_rows(file) if file is not None else []
    context = {
        "variant": found,
        "plan": found.plan,
        "is_answered": is_answered(found.plan),
        "form": form,
        "file_form": file_form,
        "feature_form": feature_form,
        "file": file,
        "columns_form": ColumnsForm(file=file) if file is not None else None,
        "rows": rows,
        "taken": sum(row.is_taken for row in rows),
        "refused": sum(not row.is_taken for row in rows),
        "features": found.features.all(),
        "places": places_geojson(found.plan),
        "draw_words": draw_words(),
        "refusal": refusal,
        "refused_field": refusal.field if refusal else "",
        "choices": getattr(refusal, "choices", None),
    }
    return render(request, "scenarios/workspace_variant.html", context, status=422 if act else 200)


def _change_variant(request: HttpRequest, act: str, found: Variant, form: Any) -> str:
    """Do what was asked with the form that belongs to it; returns what to tell, empty where that is filled in badly."""
    agent: Any = request.user
    file = getattr(found, "file", None)
    if act in {"save", "read", "draw"} and not form.is_valid():
        return ""
    match act:
        case "save":
            save_variant(agent=agent, plan=found.plan, variant=found, **form.cleaned_data)
            return _("Saved.")
        case "read":
            sent = form.cleaned_data["file"]
            read_variant_file(
                agent=agent,
                variant=found,
                content=sent,
                name=sent.name,
                layer=form.cleaned_data["layer"],
            )
            return _("Read. Look at it below, then take it.")
        case "columns" if file is not None:
            choose_columns(agent=agent, file=file, chosen={name: request.POST.get(name, "") for name in MEANINGS})
            return _("Saved.")
        case "take" if file is not None:
            taken = take_file(agent=agent, file=file)
            return ngettext("%(count)d element taken.", "%(count)d elements taken.", taken) % {"count": taken}
        case "forget" if file is not None:
            forget_file(agent=agent, file=file)
            return _("The variant stays as it is.")
        case "draw":
            said = form.cleaned_data
            drawn = FeatureInput(_where(said), said["label"], said["kind"], said["cost"])
            add_feature(agent=agent, variant=found, feature=drawn)
            return _("Added to the list.")
        case "delete-feature":
            wanted = request.POST.get("of", "")
            feature = next((one for one in found.features.all() if str(one.code) == wanted), None)
            delete_feature(agent=agent, feature=feature or get_object_or_404(found.features, pk=0))
            return _("Taken out.")
        case "delete":
            delete_variant(agent=agent, variant=found)
            return _("Taken out.")
        case _:
            return ""


@require_http_methods(["GET", "POST"])
@only_for(AGENTS)
def place_edit(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """The words of one place, and of what each variant does there."""
    plan, found = plan_of_place(request.user, code)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    variants = list(plan.variants.all())
    form = PlaceWordsForm(request.POST if act == "save" else None, place=found, variants=variants)
    refusal: Refusal | None = None
    agent: Any = request.user
    if act:
        try:
            if act == "delete":
                delete_place(agent=agent, place=found)
                messages.success(request, _("Taken out."))
                return redirect("workspace-plan", code=plan.code)
            if act == "save" and form.is_valid():
                said = form.cleaned_data
                describe_place(agent=agent, place=found, name=said["name"], text=said["text"], notes=form.notes())
                messages.success(request, _("Saved."))
                return redirect("workspace-plan", code=plan.code)
        except Refusal as refused:
            refusal = _beside(form, refused)
    context = {"plan": plan, "place": found, "form": form, "refusal": refusal}
    return render(request, "scenarios/workspace_place.html", context, status=422 if act else 200)


@require_GET
@only_for(READERS)
def exact_results(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """The exact figures as a CSV, for agents and for planners."""
    found = plan_for(request.user, code)
    return results_csv(found, _exact(found))
