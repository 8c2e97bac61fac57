"""Who may know who lives where."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


def is_agent(user: Any) -> bool:
    """Whether somebody, signed in or not, is an agent; asks the person, whose model this app does not know."""
    return bool(getattr(user, "is_agent", False))


class IsAgent(BasePermission):
    """Agents only: targets and letterboxes say who lives where. Nobody signed in: 401; another role: 403."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Let agents through."""
        return is_agent(request.user)
