"""Layers by name."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured

from layers.registry import LayerNotFound, get_layer, get_layer_for, layers_for, register
from neighbourhoods.layers import ADDRESSES, STREETS

AGENT = SimpleNamespace(is_agent=True, is_authenticated=True)


def test_territory_is_public_but_for_its_letterboxes() -> None:
    public = {layer.name for layer in layers_for(AnonymousUser())}

    assert {"districts", "streets", "ground"} <= public
    assert "addresses" not in public
    assert "addresses" in {layer.name for layer in layers_for(AGENT)}


def test_layer_for_some_does_not_exist_for_others() -> None:
    assert get_layer_for(AGENT, "addresses") is ADDRESSES
    with pytest.raises(LayerNotFound) as hidden:
        get_layer_for(AnonymousUser(), "addresses")
    with pytest.raises(LayerNotFound) as missing:
        get_layer("addresses-of-mars")

    assert str(hidden.value) == str(missing.value).replace("addresses-of-mars", "addresses")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "Streets"},
        {"name": "a/b"},
        {"name": ""},
        {"name": "other", "tile_properties": ("nothing",)},
        {"name": "other", "id_property": "nothing"},
    ],
)
def test_bad_layers_are_not_registered(changes: dict[str, object]) -> None:
    with pytest.raises(ImproperlyConfigured):
        register(replace(STREETS, **changes))  # type: ignore[arg-type]
