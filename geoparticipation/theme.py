"""The town's one colour, made readable: a small stylesheet of custom properties, served as `/theme.css`.

Contrast follows WCAG 2.2 (relative luminance, section 1.4.3): whatever colour a town sets, the shades used for text
and buttons keep 4.5:1 against what they stand on, in the light and in the dark theme.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe

Colour = tuple[float, float, float]

FALLBACK = "#0b6e69"
LIGHT_GROUND: Colour = (250 / 255, 247 / 255, 242 / 255)
DARK_GROUND: Colour = (24 / 255, 22 / 255, 20 / 255)
WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0)


def parse_colour(text: str) -> Colour:
    """Red, green, blue from 0 to 1 of `#rrggbb`; the platform's own teal for anything else."""
    value = text if re.fullmatch(r"#[0-9a-fA-F]{6}", text) else FALLBACK
    return (int(value[1:3], 16) / 255, int(value[3:5], 16) / 255, int(value[5:7], 16) / 255)


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG), 0 for black to 1 for white."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # sRGB to linear
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio (WCAG), 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """`colour` with `share` (0 to 1) of `other` in it."""
    red, green, blue = (one * (1 - share) + two * share for one, two in zip(colour, other, strict=True))
    return (red, green, blue)


def readable(colour: Colour, ground: Colour, towards: Colour, ratio: float) -> Colour:
    """The shade nearest to `colour`, going `towards` black or white, with at least `ratio` against `ground`."""
    for step in range(101):
        shade = mixed(colour, towards, step / 100)
        if contrast(shade, ground) >= ratio:
            return shade
    return towards


def as_hex(colour: Colour) -> str:
    """`#rrggbb`."""
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


@cache
def stylesheet(town_colour: str) -> str:
    """The custom properties that `tokens.css` builds its tints from."""
    colour = parse_colour(town_colour)
    on_light = readable(colour, LIGHT_GROUND, BLACK, 5.2)
    on_dark = readable(colour, DARK_GROUND, WHITE, 7.5)
    return (
        ":root{"
        f"--town-on-light:{as_hex(on_light)};"
        f"--town-on-light-strong:{as_hex(mixed(on_light, BLACK, 0.25))};"
        f"--town-on-dark:{as_hex(on_dark)};"
        f"--town-on-dark-strong:{as_hex(mixed(on_dark, WHITE, 0.3))};"
        "}\n"
    )


def stylesheet_version(town_colour: str) -> str:
    """Changes whenever the stylesheet does; part of its address and its ETag."""
    return hashlib.sha256(stylesheet(town_colour).encode()).hexdigest()[:12]


def _etag(request: HttpRequest) -> str:
    return f'"{stylesheet_version(settings.TOWN_COLOUR)}"'


@require_safe
@condition(etag_func=_etag)
def theme(request: HttpRequest) -> HttpResponse:
    """Serve the stylesheet; for good when asked for by its version. No query."""
    response = HttpResponse(stylesheet(settings.TOWN_COLOUR), content_type="text/css; charset=utf-8")
    if request.GET.get("v") == stylesheet_version(settings.TOWN_COLOUR):
        patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=300)
    return response
