"""Consultations in Django's admin, to look things up; they are made and changed in the workspace."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from geoparticipation.consultations.models import Consultation, Phase


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


class PhaseInline(_ReadOnly, admin.TabularInline):
    """The consultation's steps."""

    model = Phase


@admin.register(Consultation)
class ConsultationAdmin(_ReadOnly, admin.ModelAdmin):
    """One row for each consultation."""

    list_display = ["title", "state", "identity_level", "created_at"]
    list_filter = ["state"]
    search_fields = ["title", "slug"]
    inlines = [PhaseInline]
