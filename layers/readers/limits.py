"""How much of a file is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileLimits:
    """The default is for registers that an agent imports by command."""

    max_bytes: int = 2_000_000_000
    max_features: int = 5_000_000
    max_vertices: int = 100_000_000
    memory_bytes: int = 4_000_000_000
    cpu_seconds: int = 1800
    max_expanded_bytes: int = 8_000_000_000
    """What may come out of an archive."""
    max_members: int = 10_000
    """How many members an archive may have."""
    max_ratio: int = 300
    """How many times larger a member may be than in its archive, once it is larger than 20 MB."""


UPLOAD_LIMITS = FileLimits(
    max_bytes=20_000_000,
    max_features=20_000,
    max_vertices=500_000,
    memory_bytes=2_000_000_000,
    cpu_seconds=30,
    max_expanded_bytes=200_000_000,
    max_members=1000,
)
