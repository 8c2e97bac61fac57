"""The page of a neighbourhood council: who it is, what it does, and what is said in its area."""

from __future__ import annotations

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.presentation import outline, running_first
from geoparticipation.consultations.queries import with_figures
from geoparticipation.consultations.reading import light_geojson, with_story
from geoparticipation.contributions.enums import Kind
from geoparticipation.contributions.filters import in_area_of
from geoparticipation.contributions.models import Contribution
from geoparticipation.councils.queries import council_for, members_on
from geoparticipation.councils.rules import acts_for
from geoparticipation.dashboards.queries import figures_of
from geoparticipation.meetings.models import Decision, Meeting
from neighbourhoods.target_words import parts_in_words, parts_to_read

MEETINGS = 5
IN_PAGE = 8


@require_safe
def show_council(request: HttpRequest, slug: str) -> HttpResponse:
    """Area, members, meetings with what they decided, consultations and a local dashboard. Twenty-three queries."""
    council = council_for(request.user, slug)
    prefetch_related_objects([council], parts_to_read("area__parts"))
    now, today = timezone.now(), timezone.localdate()
    members, others = members_on(council, today)
    started = with_figures(Consultation.objects.visible_to(None).filter(started_by_council__council=council))
    meetings = Meeting.objects.public().filter(council=council)
    decisions = Decision.objects.prefetch_related(
        Prefetch("contribution", Contribution.objects.public().only("pk", "code", "title"))
    )
    said = in_area_of(Contribution.objects.public(), [slug]) if council.is_active else Contribution.objects.none()
    asked = QueryDict(mutable=True)
    asked["council"] = slug
    ideas = said.filter(kind=Kind.PROPOSAL).select_related("district", "street").with_thumbnail()
    return render(
        request,
        "dashboards/council.html",
        {
            "council": council,
            "area_words": parts_in_words(council.area.parts.all()),
            "target": light_geojson(council.area.geometry) if council.area.geometry else None,
            "members": members,
            "others": others,
            "consultations": running_first(outline(found) for found in with_story(started)),
            "to_come": meetings.to_come(now)[:MEETINGS],
            "over": meetings.over(now).prefetch_related(Prefetch("decisions", decisions))[:MEETINGS],
            "figures": figures_of(said),
            "latest": ideas[:IN_PAGE],
            "asked": asked.urlencode(),
            "may_edit": request.user.is_authenticated and (request.user.is_agent or acts_for(request.user, council)),
        },
    )
