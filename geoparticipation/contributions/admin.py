"""Contributions in Django's admin, to look things up; they are moderated in the workspace."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from geoparticipation.contributions.models import Contribution, StatusChange


class _ReadOnly:
    """Changes go through the domain's functions, which the admin's forms would pass by."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is deleted here."""
        return False


class StatusChangeInline(_ReadOnly, admin.TabularInline):
    """What became of it."""

    model = StatusChange


@admin.register(Contribution)
class ContributionAdmin(_ReadOnly, admin.ModelAdmin):
    """One row for each contribution; neither device nor exact place, which are nobody's business here."""

    list_display = ["__str__", "kind", "status", "consultation", "submitted_at"]
    list_filter = ["kind", "status", "origin"]
    list_select_related = ["consultation"]
    search_fields = ["title", "code"]
    exclude = ["geometry", "public_geometry", "device", "typed_address", "districts"]
    inlines = [StatusChangeInline]
