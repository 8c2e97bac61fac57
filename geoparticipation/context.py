"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Name and colour of the town, and whether this is a demo."""
    return {
        "town_name": settings.TOWN_NAME,
        "town_colour": settings.TOWN_COLOUR,
        "is_demo": settings.DEMO,
        "languages": settings.LANGUAGES,
    }
