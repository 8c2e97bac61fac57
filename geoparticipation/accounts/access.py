"""Who may open a page of the workspace."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from geoparticipation.accounts.enums import Role

STAFF = frozenset({Role.AGENT, Role.MODERATOR, Role.PLANNER, Role.COUNCILLOR})
"""Everybody who has a workspace."""
READERS = frozenset({Role.AGENT, Role.PLANNER, Role.COUNCILLOR})
"""Who may read consultations and targets; a moderator's workspace is the queue."""
MODERATORS = frozenset({Role.AGENT, Role.MODERATOR})
COUNCILS = frozenset({Role.AGENT, Role.COUNCILLOR})
"""Who may open what is about neighbourhood councils; a councillor further only that of their own council."""
AGENTS = frozenset({Role.AGENT})

View = Callable[..., HttpResponseBase]


def only_for(roles: frozenset[Role]) -> Callable[[View], View]:
    """Open the view to these roles: a visitor is sent to the sign-in page and back, another role gets a 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if request.user.role not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
