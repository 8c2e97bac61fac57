"""The town's colour stays readable whatever it is."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from geoparticipation.theme import DARK_GROUND, LIGHT_GROUND, contrast, parse_colour, stylesheet


def test_contrast_is_that_of_wcag() -> None:
    # Known values: black on white 21:1, #767676 on white 4.54:1 (WCAG's usual example).
    assert contrast(parse_colour("#000000"), parse_colour("#ffffff")) == pytest.approx(21)
    assert contrast(parse_colour("#767676"), parse_colour("#ffffff")) == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("colour", ["#0b6e69", "#ffff00", "#000000", "#ffffff", "#ff0000", "#7f7f7f", "not a colour"])
def test_every_town_colour_is_readable(colour: str) -> None:
    shades = dict(re.findall(r"--(town-on-\w+):(#\w{6})", stylesheet(colour)))

    assert contrast(parse_colour(shades["town-on-light"]), LIGHT_GROUND) >= 4.5
    assert contrast(parse_colour(shades["town-on-light"]), (1, 1, 1)) >= 4.5
    assert contrast(parse_colour(shades["town-on-dark"]), DARK_GROUND) >= 4.5


def test_stylesheet_is_kept_by_browsers(client: Client) -> None:
    first = client.get("/theme.css")

    assert first["Content-Type"] == "text/css; charset=utf-8"
    assert client.get("/theme.css", headers={"If-None-Match": first["ETag"]}).status_code == 304
