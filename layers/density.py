"""Counts in place of pins."""

from __future__ import annotations

from typing import Protocol


class DensitySource(Protocol):
    """Where the counts of a clustered tile come from."""
