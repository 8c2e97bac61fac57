"""Making and changing accounts from the commune's side."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import User


@transaction.atomic
def save_person(
    *, email: str, role: Role = Role.CITIZEN, name: str = "", password: str | None = None, confirmed: bool = True
) -> User:
    """Create the account of this address, or give it this role and name; a password of None is left as it is.

    `confirmed` marks the address as confirmed, as when the commune itself knows the person: identity level 1.
    """
    user = User.objects.filter(email__iexact=email).first() or User(email=User.objects.normalize_email(email))
    user.role, user.name = role, name
    if password is not None or not user.pk:
        user.set_password(password)
    user.save()
    if confirmed:
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )
    return user
