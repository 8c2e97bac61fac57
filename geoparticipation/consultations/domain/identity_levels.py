"""Changing how well a consultation knows people, where what they did hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from geoparticipation.consultations.models import Consultation

_KEEPERS: Final[list[Callable[[Consultation], None]]] = []


def register_keeper(keeper: Callable[[Consultation], None]) -> None:
    """Ask this before a level changes; it raises a Refusal where the level has to stay as it is."""
    _KEEPERS.append(keeper)


def require_level_may_change(consultation: Consultation, to_level: int) -> None:
    """Ask all keepers, unless the database has this level; inside a transaction. One query, and what they ask."""
    known = Consultation.objects.filter(pk=consultation.pk).values_list("identity_level", flat=True).first()
    if known is not None and known != to_level:
        for keeper in _KEEPERS:
            keeper(consultation)
