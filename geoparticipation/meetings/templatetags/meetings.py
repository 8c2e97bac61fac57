"""Meetings beside what they are of, for pages of apps that do not know meetings."""

from __future__ import annotations

from typing import Any

from django import template

from geoparticipation.councils.models import Council
from geoparticipation.meetings.models import Meeting

SHOWN = 10

register = template.Library()


@register.inclusion_tag("meetings/_workspace_of_council.html")
def workspace_meetings_of(council: Council) -> dict[str, Any]:
    """The latest meetings of a council, drafts too, with the way to change them; one query."""
    latest = Meeting.objects.filter(council=council).order_by("-starts_at", "-pk")
    return {"council": council, "meetings": latest[:SHOWN]}
