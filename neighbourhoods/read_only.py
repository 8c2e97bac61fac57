"""Rows that Django's admin shows and never changes."""

from __future__ import annotations

from django.http import HttpRequest


class ReadOnly:
    """To mix into an admin or an inline: changes go through domain or importers, which its forms would pass by."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is deleted here."""
        return False
