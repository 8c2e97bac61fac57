"""Pages of the exchange: its map and list, one offer, one mission, and what suits them."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import actor_for
from geoparticipation.consultations.enums import PhaseKind
from geoparticipation.consultations.presentation import outline
from geoparticipation.consultations.reading import consultation_story_for, target_geojson
from geoparticipation.contributions.cells import known_count
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.errors import UnknownContribution
from geoparticipation.contributions.rules import is_author, may_change_status
from geoparticipation.contributions.taking_part import public_feature
from geoparticipation.contributions.views import filtered_or_refused
from geoparticipation.volunteering.domain.matching import matches_of_mission, matches_of_offer
from geoparticipation.volunteering.enums import AgreementState
from geoparticipation.volunteering.forms import AskForm, ExchangeFilterForm
from geoparticipation.volunteering.models import Agreement, Association
from geoparticipation.volunteering.presentation import tell, told_of_mission, told_of_offer
from geoparticipation.volunteering.queries import get_mission_for, get_offer_for, public_volunteers_by_district
from geoparticipation.volunteering.rules import is_member
from layers.paging import BoundedPaginator

PAGE = 20
MATCHES_SHOWN = 50


@require_safe
@vary_on_headers("HX-Request")
def show_exchange(request: HttpRequest, slug: str) -> HttpResponse:
    """Offers and missions of a consultation beside the map; the script gets the list alone. Thirteen queries."""
    consultation = consultation_story_for(request.user, slug)
    told = outline(consultation)
    if not any(step.phase.kind == PhaseKind.VOLUNTEERING for step in told.steps):
        raise Http404
    filters = ExchangeFilterForm(request.GET)
    on_map = filters.parameters()
    on_map["consultation"] = consultation.slug
    if "kind" not in on_map:
        on_map["kind"] = f"{Kind.OFFER},{Kind.MISSION}"
    narrowed = on_map.copy()
    in_bbox = request.GET.get("in_bbox", "")
    if in_bbox:
        narrowed["in_bbox"] = in_bbox
    rows, refusal = filtered_or_refused(narrowed)
    known = None if refusal else known_count(narrowed)
    page = BoundedPaginator(rows, PAGE, known_count=known).get_page(request.GET.get("page"))
    context = {
        "consultation": consultation,
        "outline": told,
        "item": told,
        "filters": filters,
        "page": page,
        "entries": tell(page.object_list),
        "refusal": refusal,
        "in_bbox": in_bbox,
        "on_map": on_map.urlencode(),
        "narrowed": narrowed.urlencode(),
        "action": reverse("exchange", args=[consultation.slug]),
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "volunteering/_list.html", context)
    context |= {
        "districts": public_volunteers_by_district(consultation),
        "target": target_geojson(consultation),
        "may_ask": Association.objects.public().of(request.user).exists(),
    }
    return render(request, "volunteering/exchange.html", context)


@never_cache
@require_safe
def show_offer(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """One offer as everybody sees it; who made it finds what suits it from here."""
    actor = actor_for(request)
    offer = get_offer_for(actor, code)
    contribution = offer.contribution
    return render(
        request,
        "volunteering/offer.html",
        {
            "offer": offer,
            "contribution": contribution,
            "consultation": contribution.consultation,
            "told": told_of_offer(offer),
            "is_own": is_author(actor, contribution),
            "may_withdraw": may_change_status(actor, contribution, Status.WITHDRAWN),
            "history": contribution.status_changes.all(),
            "place": {"type": "FeatureCollection", "features": [public_feature(contribution)]},
            "is_new": request.GET.get("sent") == "1",
        },
    )


@never_cache
@require_safe
def show_mission(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """One mission, with a form to say that one would help."""
    return mission_page(request, code, AskForm())


def mission_page(
    request: HttpRequest, code: uuid.UUID, form: AskForm, *, refusal: object = None, status: int = 200
) -> HttpResponse:
    """The page of a mission, with what was typed and why it was not taken."""
    actor = actor_for(request)
    mission = get_mission_for(actor, code)
    contribution = mission.contribution
    agreed = [AgreementState.ACCEPTED, AgreementState.DONE]
    count = Agreement.objects.filter(mission=mission, state__in=agreed).count()
    own = None
    if actor.user is not None:
        own = Agreement.objects.filter(mission=mission, volunteer=actor.user).order_by("-pk").first()
    return render(
        request,
        "volunteering/mission.html",
        {
            "mission": mission,
            "contribution": contribution,
            "consultation": contribution.consultation,
            "told": told_of_mission(mission),
            "is_member": is_member(actor.user, mission.association),
            "may_withdraw": may_change_status(actor, contribution, Status.WITHDRAWN),
            "history": contribution.status_changes.all(),
            "agreed": count,
            "is_full": count >= mission.people_wanted,
            "agreement": own if own and own.state not in {AgreementState.CANCELLED, AgreementState.DECLINED} else None,
            "asks_for_email": actor.level < IdentityLevel.EMAIL,
            "form": form,
            "refusal": refusal,
            "place": {"type": "FeatureCollection", "features": [public_feature(contribution)]},
            "is_new": request.GET.get("sent") == "1",
        },
        status=status,
    )


@never_cache
@require_safe
def offer_matches(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """The missions that suit one's own offer, the nearest first, each with the reason. Nobody else sees this page."""
    actor = actor_for(request)
    offer = get_offer_for(actor, code)
    if not is_author(actor, offer.contribution):
        raise UnknownContribution
    matches = matches_of_offer(offer=offer)[:MATCHES_SHOWN]
    features = [public_feature(match.mission.contribution) for match in matches]
    return render(
        request,
        "volunteering/offer_matches.html",
        {
            "offer": offer,
            "contribution": offer.contribution,
            "consultation": offer.contribution.consultation,
            "told": told_of_offer(offer),
            "matches": [(match, told_of_mission(match.mission)) for match in matches],
            "found": {"type": "FeatureCollection", "features": features},
        },
    )


@never_cache
@require_safe
def mission_matches(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """The offers that suit a mission, for those who act for its association, with a form to ask each."""
    return mission_matches_page(request, code)


def mission_matches_page(
    request: HttpRequest, code: uuid.UUID, *, form: AskForm | None = None, refusal: object = None, status: int = 200
) -> HttpResponse:
    """The page of a mission's matches, with why a message was not sent."""
    actor = actor_for(request)
    mission = get_mission_for(actor, code)
    if not is_member(actor.user, mission.association):
        raise UnknownContribution
    asked = dict(
        Agreement.objects.filter(mission=mission, offer__isnull=False).order_by("pk").values_list("offer_id", "code")
    )
    matches = matches_of_mission(mission=mission)[:MATCHES_SHOWN]
    features = [public_feature(match.offer.contribution) for match in matches]
    return render(
        request,
        "volunteering/mission_matches.html",
        {
            "mission": mission,
            "contribution": mission.contribution,
            "consultation": mission.contribution.consultation,
            "told": told_of_mission(mission),
            "matches": [(match, told_of_offer(match.offer), asked.get(match.offer.pk)) for match in matches],
            "form": form or AskForm(),
            "refusal": refusal,
            "found": {"type": "FeatureCollection", "features": features},
        },
        status=status,
    )
