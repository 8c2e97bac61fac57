"""Who may follow up what was said."""

from __future__ import annotations

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User


def may_follow_up(user: User | None) -> bool:
    """Agents take up, study, answer and note progress; nobody else does."""
    return user is not None and user.is_active and user.is_agent


def require_may_follow_up(user: User | None) -> None:
    """Raise NotAllowed unless the person may follow up."""
    if not may_follow_up(user):
        raise NotAllowed
