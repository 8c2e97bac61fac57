"""How allauth behaves here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings

from neighbourhoods.domain.territory import town_name


class AccountAdapter(DefaultAccountAdapter):
    """People are known by their e-mail address; mails are signed with the town's name."""

    def populate_username(self, request: Any, user: Any) -> None:
        """Skip: the model has no user name."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail whose `current_site` is the town and the host of SITE_URL."""
        host = urlsplit(settings.SITE_URL).netloc
        site = {"name": town_name() or host, "domain": host}
        super().send_mail(template_prefix, email, {**context, "current_site": site})
