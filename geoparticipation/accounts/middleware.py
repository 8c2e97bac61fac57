"""Sets the device cookie once a device took part."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from geoparticipation.accounts.identity import DEVICE_COOKIE, DEVICE_COOKIE_AGE_S


class DeviceCookieMiddleware:
    """Sends the cookie with the first response after a device was stored; a mere visit never sets one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then set the cookie where `actor_for` made a key and the domain kept its device."""
        response = self.get_response(request)
        key = getattr(request, "new_device_key", None)
        kept = getattr(request, "_participation_actor", None)
        if key and kept and kept[1].device is not None and kept[1].device.pk:
            response.set_cookie(
                DEVICE_COOKIE,
                key,
                max_age=DEVICE_COOKIE_AGE_S,
                httponly=True,
                samesite="Lax",
                secure=settings.HTTPS,
            )
        return response
