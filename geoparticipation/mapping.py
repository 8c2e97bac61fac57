"""What every map on a page needs to know: where its tiles are, how far the town reaches, its words."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from neighbourhoods.domain.territory import territory_extent
from neighbourhoods.layers import OSM_ATTRIBUTION
from neighbourhoods.models import Street

TERRITORY_KEPT_S = 60
_WORLD = (-10.0, 35.0, 25.0, 60.0)


def town_extent() -> tuple[float, float, float, float]:
    """West, south, east, north of the town in degrees (WGS 84), kept for a minute; at most one query."""
    kept: tuple[float, float, float, float] | None = cache.get("town-extent")
    if kept is not None:
        return kept
    found = territory_extent() or _WORLD
    cache.set("town-extent", found, TERRITORY_KEPT_S)
    return found


def attribution() -> str:
    """Who made the data of the map; OpenStreetMap wherever the town was imported from it. Kept for a minute."""
    kept: str | None = cache.get("town-attribution")
    if kept is None:
        kept = OSM_ATTRIBUTION if Street.objects.filter(source="osm").exists() else ""
        cache.set("town-attribution", kept, TERRITORY_KEPT_S)
    return kept


def map_settings(request: HttpRequest) -> dict[str, Any]:
    """Settings of `<gp-map>`, for a JSON block in the page."""
    return {
        "worker": static("vendor/maplibre-gl/maplibre-gl-worker.mjs"),
        "stylesheet": static("vendor/maplibre-gl/maplibre-gl.css"),
        "basemap": settings.BASEMAP_STYLE_URL,
        "tiles": f"{request.scheme}://{request.get_host()}/tiles/{{layer}}/{{z}}/{{x}}/{{y}}.mvt",
        "extent": town_extent(),
        "language": get_language(),
        "contribution": reverse("contribution", args=[uuid.UUID(int=0)]),
        "meeting": reverse("meeting", args=[uuid.UUID(int=0)]),
        "attribution": attribution(),
        "words": {
            "map": _("Map of the town"),
            "zoom_in": _("Zoom in"),
            "zoom_out": _("Zoom out"),
            "compass": _("Turn the map to north"),
            "whole_town": _("Whole town"),
            "attribution": _("About the data"),
            "items": _("Contributions in view"),
            "items_help": _("Tab goes through them, Escape goes back to the list."),
            "proposal": _("idea"),
            "comment": _("comment"),
            "offer": _("offer of help"),
            "mission": _("help wanted"),
            "meeting": _("meeting"),
            "plan": _("place of a plan"),
            "measure_done": _("measure realised"),
            "measure_under_way": _("measure under way"),
            "group": _("{count} contributions here: zoom in"),
            "read": _("Read it"),
            "several": _("several together"),
            "close": _("Close"),
            "legend": _("Legend"),
            "target": _("Area concerned"),
            "failed": _("The map cannot be shown. Everything on it is also in the list."),
            "loading": _("The map is loading…"),
        },
    }
