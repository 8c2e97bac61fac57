"""Pages of associations."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from geoparticipation.accounts.identity import actor_for
from geoparticipation.contributions.locating import PlaceAmbiguous, locate
from geoparticipation.contributions.taking_part import field_of
from geoparticipation.contributions.views_contribute import draw_words
from geoparticipation.volunteering.domain.associations import (
    invite_member,
    join_association,
    remove_member,
    require_invitation,
    save_association,
)
from geoparticipation.volunteering.errors import InvitationNotValid
from geoparticipation.volunteering.forms import AssociationForm
from geoparticipation.volunteering.models import Association, AssociationMember, Mission
from geoparticipation.volunteering.presentation import told_of_mission
from geoparticipation.volunteering.queries import figures_of_associations, get_association_for, open_missions
from geoparticipation.volunteering.rules import is_member, require_member
from layers.errors import Refusal
from layers.paging import BoundedPaginator

PAGE = 20
MISSIONS_SHOWN = 50


@require_safe
def association_list(request: HttpRequest) -> HttpResponse:
    """The associations that were checked, with their places on the map. Two queries."""
    rows = Association.objects.public().select_related("district", "street")
    page = BoundedPaginator(rows, PAGE).get_page(request.GET.get("page"))
    features = [_feature(association) for association in page.object_list]
    context = {"page": page, "found": {"type": "FeatureCollection", "features": features}}
    return render(request, "volunteering/associations.html", context)


@never_cache
@require_safe
def show_association(request: HttpRequest, slug: str) -> HttpResponse:
    """Who they are, where, how to reach them, what they need; for those who act for it also what came of it."""
    actor = actor_for(request)
    association = get_association_for(actor, slug)
    member = is_member(actor.user, association)
    missions = open_missions(Mission.objects.filter(association=association))[:MISSIONS_SHOWN]
    context = {
        "association": association,
        "is_member": member,
        "missions": [(mission, told_of_mission(mission)) for mission in missions],
        "place": json.loads(association.geometry.geojson),
    }
    if member:
        context["figures"] = figures_of_associations(Association.objects.filter(pk=association.pk))[0]
        context["members"] = association.members.select_related("user").order_by("since", "pk")
    return render(request, "volunteering/association.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_association(request: HttpRequest) -> HttpResponse:
    """Register an association; an agent checks it before everybody sees it."""
    return _form(request, None)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_association(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the page of an association."""
    actor = actor_for(request)
    association = get_association_for(actor, slug)
    require_member(actor.user, association)
    return _form(request, association)


_TEXTS = ("name", "summary", "description", "website", "contact_email", "contact_phone")


def _form(request: HttpRequest, association: Association | None) -> HttpResponse:
    initial = {field: getattr(association, field) for field in _TEXTS} if association else None
    form = AssociationForm(request.POST) if request.method == "POST" else AssociationForm(initial=initial)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        try:
            where = locate(answers)
            geometry = None
            if where is not None:
                geometry = where.geometry or (where.street or where.district).geometry  # type: ignore[union-attr]
            saved = save_association(
                actor=actor_for(request),
                association=association,
                geometry=geometry,
                **{field: answers[field] for field in _TEXTS},
            )
        except Refusal as refused:
            refusal = refused
        else:
            if not saved.is_public:
                messages.success(request, _("Thank you. The town hall checks it, then everybody sees it."))
            return redirect("association", slug=saved.slug)
    context = {
        "association": association,
        "form": form,
        "refusal": refusal,
        "refused_field": field_of(refusal),
        "choices": refusal.choices if isinstance(refusal, PlaceAmbiguous) else (),
        "place": json.loads(association.geometry.geojson) if association else None,
        "draw_words": draw_words(),
    }
    failed = refusal is not None or bool(form.errors)
    return render(request, "volunteering/association_form.html", context, status=422 if failed else 200)


@require_POST
@login_required
def change_members(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite who has this e-mail address, or end that somebody acts for the association."""
    actor = actor_for(request)
    association = get_association_for(actor, slug)
    try:
        if remove := request.POST.get("remove", ""):
            require_member(actor.user, association)
            key = int(remove) if remove.isdecimal() and len(remove) < 18 else 0
            member = get_object_or_404(AssociationMember, pk=key, association=association)
            remove_member(actor=actor, association=association, member=member)
            messages.success(request, _("This person no longer acts for the association."))
        else:
            invite_member(actor=actor, association=association, email=request.POST.get("email", "")[:254])
            messages.success(request, _("If this address has an account here, we have sent it an invitation."))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect("association", slug=slug)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, slug: str, invitation: str) -> HttpResponse:
    """Ask who was invited whether they want to act for an association, public or not; a POST says yes."""
    actor = actor_for(request)
    association = Association.objects.filter(slug=slug).first()
    if association is None:
        raise InvitationNotValid
    if request.method == "POST":
        join_association(actor=actor, association=association, invitation=invitation)
        messages.success(request, _("You now act for this association."))
        return redirect("association", slug=slug)
    require_invitation(actor=actor, association=association, invitation=invitation)
    return render(request, "volunteering/association_join.html", {"association": association})


def _feature(association: Association) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"title": association.name},
        "geometry": json.loads(association.geometry.geojson),
    }
