"""What agents do for the exchange: checking associations, keeping the list of skills, reading the figures."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geoparticipation.accounts.access import AGENTS, only_for
from geoparticipation.volunteering.domain.associations import check_association
from geoparticipation.volunteering.domain.skills import save_skill
from geoparticipation.volunteering.enums import AssociationState
from geoparticipation.volunteering.models import Association, Skill
from geoparticipation.volunteering.queries import figures_of_associations, volunteers_by_district
from layers.errors import Refusal
from layers.paging import BoundedPaginator

PAGE = 50


@require_GET
@only_for(AGENTS)
def overview(request: HttpRequest) -> HttpResponse:
    """Associations to check, volunteers by district on the map, what came of each association. Six queries."""
    waiting = Association.objects.filter(state=AssociationState.WAITING).select_related("district", "street")
    others = Association.objects.exclude(state=AssociationState.WAITING)
    page = BoundedPaginator(others, PAGE).get_page(request.GET.get("page"))
    keys = [association.pk for association in page.object_list]
    context = {
        "waiting": waiting.order_by("created_at")[:PAGE],
        "page": page,
        "districts": volunteers_by_district(),
        "figures": figures_of_associations(Association.objects.filter(pk__in=keys)),
    }
    return render(request, "volunteering/workspace/overview.html", context)


@require_POST
@only_for(AGENTS)
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Put an association online, or refuse it with a reason."""
    association = get_object_or_404(Association, slug=slug)
    accepted = request.POST.get("act") == "accept"
    try:
        check_association(
            user=request.user,  # type: ignore[arg-type]
            association=association,
            accepted=accepted,
            reason=request.POST.get("reason", "")[:2000],
        )
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        done = _("%(name)s is online.") if accepted else _("%(name)s is refused. Its members are told why.")
        messages.success(request, done % {"name": association.name})
    return redirect("workspace-volunteering")


@require_http_methods(["GET", "HEAD", "POST"])
@only_for(AGENTS)
def skills(request: HttpRequest) -> HttpResponse:
    """The list of skills: add one, rename one, or offer it no longer."""
    refusal: Refusal | None = None
    languages = [(code, name) for code, name in settings.LANGUAGES]
    if request.method == "POST":
        slug = request.POST.get("skill", "")
        skill = get_object_or_404(Skill, slug=slug) if slug else None
        try:
            save_skill(
                user=request.user,  # type: ignore[arg-type]
                names={code: request.POST.get(f"name_{code}", "")[:500] for code, _name in languages},
                skill=skill,
                is_offered=bool(request.POST.get("is_offered")) or skill is None,
            )
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, _("The list is saved."))
            return redirect("workspace-skills")
    rows = [
        (skill, [(code, name, skill.names.get(code, "")) for code, name in languages]) for skill in Skill.objects.all()
    ]
    context = {"rows": rows, "languages": languages, "refusal": refusal}
    return render(request, "volunteering/workspace/skills.html", context, status=422 if refusal else 200)
