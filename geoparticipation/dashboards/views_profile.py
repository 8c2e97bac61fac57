"""« Mon profil »: all that a person put in, in one place."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from geoparticipation.accounts.identity import actor_for
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.models import Contribution, Support
from geoparticipation.scenarios.models import Plan, Preference
from geoparticipation.volunteering.models import Association
from geoparticipation.volunteering.queries import agreements_of

SHOWN: Final = 50
HEADINGS: Final = (
    (Kind.PROPOSAL, _("My ideas"), "lightbulb", _("You have put in no idea yet.")),
    (Kind.COMMENT, _("My comments"), "message-circle", _("You have commented on nothing yet.")),
    (Kind.RESPONSE, _("My answers to surveys"), "list-checks", _("You have answered no survey yet.")),
    (Kind.OFFER, _("Help that I offer"), "hand-heart", _("You offer no help at the moment.")),
)


@never_cache
@login_required
@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    """Ideas, comments, answers and offers of a person, what they support and prefer, their associations. Eight queries.

    The latest SHOWN of each; what was taken back is left out.
    """
    actor = actor_for(request)
    own = (
        Contribution.objects.filter(author=actor.user)
        .exclude(status__in=[Status.WITHDRAWN, Status.DRAFT])
        .select_related("consultation", "district", "street", "parent")
        .defer("geometry", "public_geometry")
        .order_by("-submitted_at", "-pk")
    )
    kinds = [kind for kind, *_words in HEADINGS]
    rows = list(own.filter(kind__in=kinds)[: SHOWN * len(kinds)])
    by_kind = {kind: [row for row in rows if row.kind == kind][:SHOWN] for kind in kinds}
    supports = (
        Support.objects.filter(user=actor.user, contribution__in=Contribution.objects.public().order_by())
        .select_related("contribution__consultation", "contribution__district", "contribution__street")
        .order_by("-pk")[:SHOWN]
    )
    context = {
        "sections": [(kind.value, title, icon, empty, by_kind[kind]) for kind, title, icon, empty in HEADINGS],
        "supported": [support.contribution for support in supports],
        "preferences": Preference.objects.filter(user=actor.user, plan__in=Plan.objects.public())
        .select_related("place", "plan__consultation", "variant")
        .order_by("-plan", "place__position")[: 2 * SHOWN],
        "associations": Association.objects.of(request.user),
        "agreements": agreements_of(actor)[:SHOWN],
    }
    return render(request, "dashboards/profile.html", context)
