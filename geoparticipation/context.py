"""What every template may use."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from geoparticipation.mapping import TERRITORY_KEPT_S, map_settings
from geoparticipation.theme import stylesheet_version
from neighbourhoods.domain import territory

THEMES = ("light", "dark")


def town_name() -> str:
    """The name that was set, else what the territory is called, kept for a minute; at most one query."""
    if settings.TOWN_NAME:
        return settings.TOWN_NAME
    kept: str | None = cache.get("town-name")
    if kept is None:
        kept = territory.town_name()
        cache.set("town-name", kept, TERRITORY_KEPT_S)
    return kept or _("Our town")


def site(request: HttpRequest) -> dict[str, Any]:
    """Name and theme of the town, whether this is a demo, and the map's settings (worked out when first used)."""
    theme = request.COOKIES.get("gp_theme", "")
    return {
        "town_name": SimpleLazyObject(town_name),
        "theme": theme if theme in THEMES else "",
        "theme_version": stylesheet_version(settings.TOWN_COLOUR),
        "is_demo": settings.DEMO,
        "languages": settings.LANGUAGES,
        "map_settings": partial(map_settings, request),
    }
