"""Keys for other programs that act as a person."""

from __future__ import annotations

from rest_framework.authtoken.models import Token

from geoparticipation.accounts.errors import UnknownAccount
from geoparticipation.accounts.models import User


def issue_token(*, email: str) -> str:
    """Return the person's API token, made on first use; the same one ever after. Raises UnknownAccount."""
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise UnknownAccount(email)
    token: str = Token.objects.get_or_create(user=user)[0].key
    return token
