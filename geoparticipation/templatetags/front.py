"""Template tags of the front end: the import map, icons, the map's settings, small words about time and place."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.views_exports import format_choices

register = template.Library()

STATIC_FOLDER: Path = settings.BASE_DIR / "static"
VENDOR_MODULES = {
    "htmx": "vendor/htmx/htmx.esm.min.js",
    "maplibre-gl": "vendor/maplibre-gl/maplibre-gl.mjs",
    "terra-draw": "vendor/terra-draw/terra-draw.modern.js",
    "terra-draw-maplibre-gl-adapter": (
        "vendor/terra-draw-maplibre-gl-adapter/terra-draw-maplibre-gl-adapter.modern.js"
    ),
}


def own_modules() -> dict[str, str]:
    """Import name to static path of each of our modules: `gp/map` is `js/map.js`."""
    return {f"gp/{path.stem}": f"js/{path.name}" for path in sorted((STATIC_FOLDER / "js").glob("*.js"))}


@cache
def _import_map() -> str:
    modules = {name: static(path) for name, path in {**own_modules(), **VENDOR_MODULES}.items()}
    return json.dumps({"imports": modules}, separators=(",", ":")).replace("<", "\\u003c")


@register.simple_tag(takes_context=True)
def import_map(context: template.Context) -> SafeString:
    """The page's import map, with the request's nonce: bare names to the hashed addresses of the modules."""
    if settings.DEBUG:
        _import_map.cache_clear()
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>',
        str(context["request"].csp_nonce),
        mark_safe(_import_map()),  # our own names and addresses, with < escaped
    )


@cache
def _icon_body(name: str) -> str:
    """What is inside the `<svg>` of one icon; empty when the icons are not installed."""
    path = STATIC_FOLDER / "vendor" / "lucide" / f"{name:s}.svg"
    try:
        source = path.read_text()
    except FileNotFoundError:
        return ""
    found = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
    return re.sub(r">\s+<", "><", found.group(1)).strip() if found else ""


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """Inline one Lucide icon as decoration (hidden from screen readers): put words beside it."""
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        css_class,
        mark_safe(_icon_body(name)),  # a file of the Lucide package
    )


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """The present query with some fields replaced (an empty value takes the field away), from `?` on."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.filter
def place_words(contribution: Contribution) -> str:
    """Where it is, in words: street and district. No query when both are selected with it."""
    street = contribution.street.name if contribution.street else ""
    district = contribution.district.name if contribution.district else ""
    return " · ".join(part for part in (street, district) if part) or _("in town")


@register.simple_tag(takes_context=True)
def query_with_out(context: template.Context, name: str) -> str:
    """The present query without one field and from the first page on, with `?`."""
    return query_with(context, **{name: "", "page": ""})


@register.filter
def grouped(number: int | None) -> str:
    """Write a count with its thousands apart, as the language does: 12 483."""
    return number_format(number or 0, force_grouping=True)


@register.inclusion_tag("includes/download_menu.html")
def download_menu(query: str) -> dict[str, Any]:
    """A menu of the formats in which the contributions of a list can be had; `query` are its filters as the API's."""
    return {"query": query, "formats": format_choices()}
