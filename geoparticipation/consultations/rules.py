"""Who may do what with consultations."""

from __future__ import annotations

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User


def may_manage(user: User | None) -> bool:
    """Agents make, change and publish consultations; nobody else does."""
    return user is not None and user.is_active and user.is_agent


def require_may_manage(user: User | None) -> None:
    """Raise NotAllowed unless the person may manage consultations."""
    if not may_manage(user):
        raise NotAllowed
