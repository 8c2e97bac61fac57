"""Consultations in Django's admin, to look things up; they are made and changed in the workspace."""

from __future__ import annotations

from django.contrib import admin

from geoparticipation.consultations.models import Consultation, Phase
from neighbourhoods.read_only import ReadOnly


class PhaseInline(ReadOnly, admin.TabularInline):
    """The consultation's steps."""

    model = Phase


@admin.register(Consultation)
class ConsultationAdmin(ReadOnly, admin.ModelAdmin):
    """One row for each consultation."""

    list_display = ["title", "state", "identity_level", "created_at"]
    list_filter = ["state"]
    search_fields = ["title", "slug"]
    inlines = [PhaseInline]
