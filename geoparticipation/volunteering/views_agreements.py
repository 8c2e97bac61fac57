"""Pages where volunteers and associations find each other: asking, agreeing, writing."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from geoparticipation.accounts.identity import actor_for
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.volunteering.domain.agreements import (
    ask_to_help,
    ask_volunteer,
    change_agreement,
    show_email,
    write_message,
)
from geoparticipation.volunteering.enums import AgreementState
from geoparticipation.volunteering.forms import AgreementForm, AskForm
from geoparticipation.volunteering.models import Agreement, Association, Mission
from geoparticipation.volunteering.presentation import tell, told_of_mission
from geoparticipation.volunteering.queries import (
    agreements_of,
    get_agreement_for,
    get_mission_for,
    get_offer_for,
    open_missions,
)
from geoparticipation.volunteering.rules import may_change, side_of
from geoparticipation.volunteering.views import mission_matches_page, mission_page
from layers.errors import Refusal
from layers.repeating import words_of

SHOWN = 50


@never_cache
@login_required
@require_safe
def my_volunteering(request: HttpRequest) -> HttpResponse:
    """One's own offers, associations with their missions, and agreements on both sides. Eleven queries."""
    actor = actor_for(request)
    offers = (
        Contribution.objects.filter(author=actor.user, kind=Kind.OFFER)
        .exclude(status=Status.WITHDRAWN)
        .select_related("consultation", "district", "street")[:SHOWN]
    )
    own = Association.objects.of(actor.user)
    missions = open_missions(Mission.objects.filter(association__in=own.values("pk")))[:SHOWN]
    agreements = list(agreements_of(actor)[:SHOWN])
    return render(
        request,
        "volunteering/mine.html",
        {
            "offers": tell(offers),
            "associations": own,
            "missions": [(mission, told_of_mission(mission)) for mission in missions],
            "agreements": [
                (agreement, agreement.volunteer_id == (actor.user.pk if actor.user else None))
                for agreement in agreements
            ],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def ask_mission(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """A volunteer writes to the association; reading this address leads to the mission."""
    if request.method != "POST":
        return redirect("mission", code=code)
    actor = actor_for(request)
    mission = get_mission_for(actor, code)
    form = AskForm(request.POST)
    if not form.is_valid():
        return mission_page(request, code, form, status=422)
    try:
        made = form.carry_out_once(
            user_id=actor.user.pk if actor.user else None,
            words=words_of(request.POST),
            make=lambda: str(ask_to_help(actor=actor, mission=mission, message=form.cleaned_data["message"]).code),
        )
    except Refusal as refusal:
        return mission_page(request, code, form, refusal=refusal, status=max(refusal.status, 400))
    messages.success(request, _("Your message is on its way. The association answers you here and by e-mail."))
    return redirect("agreement", code=made)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_offer(request: HttpRequest, code: uuid.UUID, offer: uuid.UUID) -> HttpResponse:
    """An association writes to somebody whose offer suits its mission; reading leads to the matches."""
    if request.method != "POST":
        return redirect("mission-matches", code=code)
    actor = actor_for(request)
    mission, found = get_mission_for(actor, code), get_offer_for(actor, offer)
    form = AskForm(request.POST)
    if not form.is_valid():
        return mission_matches_page(request, code, form=form, status=422)
    try:
        made = form.carry_out_once(
            user_id=actor.user.pk if actor.user else None,
            words=words_of(request.POST),
            make=lambda: str(
                ask_volunteer(actor=actor, mission=mission, offer=found, message=form.cleaned_data["message"]).code
            ),
        )
    except Refusal as refusal:
        return mission_matches_page(request, code, form=form, refusal=refusal, status=max(refusal.status, 400))
    messages.success(request, _("Your message is on its way. You learn who it is once they agree."))
    return redirect("agreement", code=made)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_agreement(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """What was written, and what can be done now; a POST with `act` does it."""
    actor = actor_for(request)
    agreement = get_agreement_for(actor, code)
    form = AgreementForm(request.POST) if request.method == "POST" else AgreementForm()
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            form.carry_out_once(
                user_id=actor.user.pk if actor.user else None,
                words=words_of(request.POST),
                make=lambda: _act(request, agreement, form),
            )
        except Refusal as refused:
            refusal = refused
        else:
            return redirect("agreement", code=code)
    side = side_of(actor.user, agreement)
    context = {
        "agreement": agreement,
        "mission": agreement.mission,
        "contribution": agreement.mission.contribution,
        "side": side,
        "thread": agreement.messages.all(),
        "form": form,
        "refusal": refusal,
        "may": {state.value: may_change(agreement, state, side) for state in AgreementState},
        "is_open": agreement.state in {AgreementState.ASKED, AgreementState.ACCEPTED, AgreementState.DONE},
        "may_show_email": agreement.state in {AgreementState.ACCEPTED, AgreementState.DONE},
        "shows_own_email": agreement.volunteer_shows_email if side == "volunteer" else bool(agreement.email_shown_by),
    }
    failed = refusal is not None or bool(form.errors)
    return render(request, "volunteering/agreement.html", context, status=422 if failed else 200)


def _act(request: HttpRequest, agreement: Agreement, form: AgreementForm) -> str:
    actor, act = actor_for(request), request.POST.get("act", "")
    chosen = form.cleaned_data
    if act == "write":
        write_message(actor=actor, agreement=agreement, body=chosen["message"])
    elif act in {"show-email", "hide-email"}:
        show_email(actor=actor, agreement=agreement, shown=act == "show-email")
    else:
        change_agreement(
            actor=actor,
            agreement=agreement,
            to_state=act,
            message=chosen["message"],
            hours=chosen["hours"],
            thanks=chosen["thanks"],
        )
    return str(agreement.code)
