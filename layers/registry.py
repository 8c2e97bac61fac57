"""Every layer by its name. Apps register theirs when Django is ready, so a new one never touches this package."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from layers.cells import CellTable
from layers.errors import Refusal
from layers.layer import Layer, Viewer

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_layers: dict[str, Layer] = {}


class LayerNotFound(Refusal):
    """No such layer, or none for this person: the two look the same from outside."""

    code = "layer_not_found"
    status = 404


def register(layer: Layer) -> Layer:
    """Publish a layer under its name; returns it. Raises ImproperlyConfigured for a bad or taken name."""
    if not _NAME.fullmatch(layer.name):
        raise ImproperlyConfigured(f"“{layer.name}” is no name for a layer: lower-case letters, digits and hyphens.")
    if layer.name in _layers:
        raise ImproperlyConfigured(f"There are two layers called “{layer.name}”.")
    for name in (*layer.names_in_tiles(), layer.id_property):
        if name not in layer.properties:
            raise ImproperlyConfigured(f"Layer “{layer.name}” has no property “{name}”.")
    _layers[layer.name] = layer
    return layer


def unregister(name: str) -> None:
    """Take a layer off the map; nothing happens when there is none of that name."""
    _layers.pop(name, None)


def get_layer(name: str) -> Layer:
    """The layer of this name, whoever asks; raises LayerNotFound."""
    try:
        return _layers[name]
    except KeyError:
        raise LayerNotFound(_("There is no map layer called “%(name)s”.") % {"name": name[:40]}) from None


def get_layer_for(user: Viewer, name: str) -> Layer:
    """The layer of this name as far as this person may ask for it; raises LayerNotFound."""
    layer = get_layer(name)
    if not layer.may_be_seen_by(user):
        raise LayerNotFound(_("There is no map layer called “%(name)s”.") % {"name": name[:40]})
    return layer


def layers_for(user: Viewer) -> Iterator[Layer]:
    """The layers this person may ask for, by name."""
    return (layer for _name, layer in sorted(_layers.items()) if layer.may_be_seen_by(user))


def maintained_cells() -> list[CellTable]:
    """The density cells of all layers, each once."""
    sources = (layer.clustering.source for _name, layer in sorted(_layers.items()) if layer.clustering)
    return list(dict.fromkeys(source.table for source in sources if source is not None))
