"""Template tags of the workspace."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from geoparticipation.accounts.access import AGENTS, COUNCILS, MODERATORS, READERS, STAFF
from geoparticipation.contributions.models import Contribution
from geoparticipation.moderation.queries import queue_for

register = template.Library()


@register.inclusion_tag("workspace/nav.html", takes_context=True)
def workspace_nav(context: template.Context) -> dict[str, Any]:
    """The parts of the workspace that this person may open; one query for those who moderate, else none."""
    request = context["request"]
    role = request.user.role
    entries = [
        ("workspace", "clipboard-list", _("Overview"), STAFF, None),
        ("workspace-consultations", "messages-square", _("Consultations"), READERS, None),
        ("workspace-surveys", "clipboard", _("Surveys"), AGENTS, None),
        ("workspace-targets", "crosshair", _("Targets"), READERS, None),
        ("workspace-mailings", "mailbox", _("Mailings"), AGENTS, None),
        ("workspace-queue", "inbox", _("To read"), MODERATORS, queue_for),
        ("workspace-councils", "users", _("Councils"), COUNCILS, None),
        ("workspace-meetings", "calendar-days", _("Meetings"), COUNCILS, None),
        ("workspace-plans", "layers", _("Plans"), AGENTS, None),
        ("workspace-cases", "list-checks", _("Follow-up"), AGENTS, None),
        ("workspace-budgets", "wallet", _("Budgets"), AGENTS, None),
        ("workspace-volunteering", "heart-handshake", _("Volunteering"), AGENTS, None),
        ("workspace-exports", "file-down", _("Exports"), STAFF, None),
        ("workspace-boundaries", "map", _("Boundaries"), AGENTS, None),
        ("workspace-downloads", "download", _("Downloads"), AGENTS, None),
        ("workspace-registers", "table-2", _("Registers"), AGENTS, None),
    ]
    home = reverse("workspace")
    items = []
    for name, icon, words, roles, count in entries:
        if role not in roles:
            continue
        url = reverse(name)
        is_exact = request.path == url
        items.append(
            {
                "url": url,
                "icon": icon,
                "words": words,
                "is_here": is_exact or (url != home and request.path.startswith(url)),
                "is_exact": is_exact,
                "badge": count(request.user).count() if count else None,
            }
        )
    return {"items": items}


@register.filter
def area(area_m2: float) -> str:
    """Write an area as one speaks of it: m² when small, hectares from one on, km² from a hundred hectares on."""
    area_m2 = float(area_m2 or 0)
    if area_m2 < 10_000:
        return f"{number_format(round(area_m2), force_grouping=True)} m²"
    if area_m2 < 1_000_000:
        return f"{number_format(round(area_m2 / 10_000, 1), 1)} ha"
    return f"{number_format(round(area_m2 / 1_000_000, 1), 1)} km²"


@register.filter
def place_in_words(contribution: Contribution) -> str:
    """Say where a contribution is: the address as typed, else street and district. No query when both are selected."""
    street = contribution.street.name if contribution.street else ""
    place = contribution.typed_address or street
    district = contribution.district.name if contribution.district else ""
    return " · ".join(words for words in (place, district) if words) or _("without a street nearby")
