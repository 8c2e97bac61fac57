"""Where a flyer leads: from its code to the consultation, seen from that letterbox."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geoparticipation.accounts.identity import actor_for
from geoparticipation.consultations.enums import Feature
from geoparticipation.consultations.phases import open_phase
from geoparticipation.mailings.domain.letterbox_codes import open_code, used_up
from geoparticipation.mailings.letterbox import remember_letterbox
from layers.errors import Refusal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_letterbox(request: HttpRequest, code: str = "") -> HttpResponse:
    """Open the consultation from the letterbox of a scanned (`/l/CODE`) or typed code; ask for it where it is wrong.

    The browser keeps the code in its session, and no page after this one has it in its address. Four queries.
    """
    text = request.POST.get("code", "") if request.method == "POST" else code
    refusal: Refusal | None = None
    if text:
        try:
            found = open_code(text=text[:40], actor=actor_for(request))
        except Refusal as refused:
            refusal = refused
        else:
            remember_letterbox(request, found)
            consultation = found.letterbox.mailing.consultation
            takes_ideas = open_phase(consultation, Feature.PROPOSE, timezone.now()) is not None
            if found.is_used_up:
                messages.info(request, used_up(found).detail)
            here = "contribute" if takes_ideas and not found.is_used_up else "consultation"
            return _private(redirect(here, slug=consultation.slug))
    page = render(
        request,
        "mailings/letterbox.html",
        {"refusal": refusal, "text": text[:40]},
        status=max(refusal.status, 400) if refusal else 200,
    )
    return _private(page)


def _private(response: HttpResponse) -> HttpResponse:
    """No other site learns the code from the address, and no search engine keeps it."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
