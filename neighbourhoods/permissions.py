"""Who may use the territory's part of the API."""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class IsAgent(BasePermission):
    """Agents only: targets and letterboxes say who lives where. Nobody signed in: 401; another role: 403."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Ask the person, whose model this app does not know."""
        return bool(request.user and request.user.is_authenticated and getattr(request.user, "is_agent", False))
