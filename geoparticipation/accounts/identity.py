"""Who is acting: a signed-in person, a device, or both; and how well we know that one voice is one person.

A device is a browser with the cookie `gp_device`, a random key of which only the keyed hash is stored. Connection
addresses are never stored: what counts them is a keyed hash whose salt changes every day (see `domain.rates`).
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.models import Device, User
from layers.keyed_hash import keyed_hash

DEVICE_COOKIE: Final = "gp_device"
DEVICE_COOKIE_AGE_S: Final = 400 * 24 * 3600
"""As long as browsers keep any cookie."""

_SAFE_METHODS: Final = {"GET", "HEAD", "OPTIONS", "TRACE"}
_DEVICE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Actor:
    """Who acts. `device` may be unsaved: `domain.devices.keep_device` stores it together with what the device did.

    `source` is the keyed hash of the connection address, for counting; empty for commands and tasks, which are not
    counted.
    """

    user: User | None = None
    device: Device | None = None
    level: IdentityLevel = IdentityLevel.DEVICE
    source: str = ""

    @property
    def is_moderator(self) -> bool:
        """Acts for the commune, and may publish and hide."""
        return self.user is not None and self.user.is_moderator


def connection_address(request: HttpRequest) -> str:
    """Address the request came from, IPv6 as its /64 (one household). Empty when unknown.

    Of X-Forwarded-For only the entry written by the outermost of `settings.TRUSTED_PROXIES` proxies is believed.
    """
    return address_behind_proxies(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def address_behind_proxies(remote: str, forwarded_for: str) -> str:
    """As above, from the address of the connection and the header X-Forwarded-For."""
    address, hops = remote, settings.TRUSTED_PROXIES
    if hops:
        forwarded = [part.strip() for part in forwarded_for.split(",") if part.strip()]
        if len(forwarded) >= hops:
            address = forwarded[-hops]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def source_of(request: HttpRequest, day: date | None = None) -> str:
    """Keyed hash that stands for the connection address on one day (UTC); another one tomorrow."""
    day = day or datetime.now(UTC).date()
    return keyed_hash("address", day.isoformat(), connection_address(request))


def identity_level(user: User | None) -> IdentityLevel:
    """How well we know this person. One query for a citizen, none for visitors and municipal staff.

    Staff are known to the commune, which gave them their role; a citizen has level 1 once the e-mail address that
    the account is known by is confirmed.
    """
    if user is None:
        return IdentityLevel.DEVICE
    if user.has_workspace:
        return IdentityLevel.EMAIL
    confirmed = EmailAddress.objects.filter(user=user, verified=True).exists()
    return IdentityLevel.EMAIL if confirmed else IdentityLevel.DEVICE


def _device_for(request: HttpRequest) -> Device | None:
    key = request.COOKIES.get(DEVICE_COOKIE, "")
    if _DEVICE_KEY.fullmatch(key):
        key_hash = keyed_hash("device", key)
        known = Device.objects.filter(key_hash=key_hash).first()
        if known:
            return known
    elif request.method in _SAFE_METHODS:
        return None
    else:
        key = secrets.token_urlsafe(32)
        key_hash = keyed_hash("device", key)
        request.new_device_key = key  # type: ignore[attr-defined]
    return Device(key_hash=key_hash)


def actor_for(request: HttpRequest) -> Actor:
    """Who makes this request; the same object for the whole request. At most two queries.

    Nothing is stored. A browser without the device cookie gets an unsaved device when it acts (POST, PUT, PATCH,
    DELETE) and none when it reads; `DeviceCookieMiddleware` sets the cookie once the device was kept.
    """
    user = request.user if request.user.is_authenticated else None
    kept: tuple[User | None, Actor] | None = getattr(request, "_participation_actor", None)
    if kept is not None and kept[0] == user:
        return kept[1]
    actor = Actor(user=user, device=_device_for(request), level=identity_level(user), source=source_of(request))
    request._participation_actor = (user, actor)  # type: ignore[attr-defined]
    return actor
