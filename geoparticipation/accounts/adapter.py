"""How allauth behaves here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """People are known by their e-mail address; there is no user name to fill."""

    def populate_username(self, request: Any, user: Any) -> None:
        """Skip: the model has no user name."""
