"""Tags (ETag) of answers about a layer, from the version of its data."""

from __future__ import annotations

import hashlib

from layers.layer import Layer
from layers.versions import code_fingerprint


def etag_by_version(layer: Layer, *parts: str) -> str | None:
    """A tag that is known without making the answer; None for a layer without versions, or that looks at the viewer.

    It changes with the data, with the platform's code, and with `parts`: what else the answer depends on. One query.
    """
    if layer.version is None or layer.looks_at_viewer:
        return None
    # Read before the data are: an answer may be newer than its tag, never older.
    return etag_of(layer.version(), code_fingerprint(), *parts)


def etag_of(*parts: str) -> str:
    """A weak tag of what these parts tell."""
    # Weak, because the compressed and the plain tile share it.
    return f'W/"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]}"'
