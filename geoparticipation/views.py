"""Pages of words: about the data, rules of good conduct, privacy, accessibility; and the pages of errors."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.views.decorators.http import require_safe

from geoparticipation.mapping import attribution
from geoparticipation.problems import is_passing, unavailable


@require_safe
def about_data(request: HttpRequest) -> HttpResponse:
    """Say where the maps and registers come from, and how to get what the site publishes."""
    return render(request, "pages/about_data.html", {"from_osm": bool(attribution())})


@require_safe
def charter(request: HttpRequest) -> HttpResponse:
    """Say what is asked of everybody who takes part."""
    return render(request, "pages/charter.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept of a person, why and for how long."""
    return render(request, "pages/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say how the site is used without a mouse, without the map and without sight."""
    return render(request, "pages/accessibility.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was too old and how to send it again."""
    return render(request, "403_csrf.html", status=403)


def show_failure(request: HttpRequest) -> HttpResponse:
    """The page of what is nobody's fault but ours: 503 with a time to come back when it passes by itself, else 500.

    Without the database, the session and the site's own styles, any of which may be what fails.
    """
    if is_passing(sys.exc_info()[1]):
        return unavailable(request.path)
    return HttpResponse(get_template("500.html").render(), status=500)
