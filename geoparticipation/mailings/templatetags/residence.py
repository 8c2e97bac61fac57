"""Template tags of proofs of residence: the question after a scan, and what an account has."""

from __future__ import annotations

from typing import Any

from django import template

from geoparticipation.mailings.letterbox import offered_code
from geoparticipation.mailings.models import Residence

register = template.Library()


@register.inclusion_tag("mailings/_residence_offer.html", takes_context=True)
def residence_offer(context: template.Context) -> dict[str, Any]:
    """Ask a signed-in person who came with a flyer whether to keep its code. No query for anybody else."""
    request = context.get("request")
    offered = offered_code(request) if request is not None and hasattr(request, "session") else None
    return {"offered": offered, "request": request, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("mailings/_residences.html", takes_context=True)
def residences(context: template.Context) -> dict[str, Any]:
    """The proofs that the person's account has; one query."""
    kept = Residence.objects.filter(user=context["request"].user).select_related("target").defer("target__geometry")
    return {"residences": kept}
