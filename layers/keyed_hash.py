"""What stands for a secret or a person's mark in the database."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


def keyed_hash(*parts: str) -> str:
    """HMAC-SHA256 (hex) of the parts with the site's privacy key; parts cannot run into one another."""
    message = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hmac.new(settings.PRIVACY_KEY.encode(), message, hashlib.sha256).hexdigest()
