"""Contributions in Django's admin, to look things up; they are moderated in the workspace."""

from __future__ import annotations

from django.contrib import admin

from geoparticipation.contributions.models import Contribution, StatusChange
from neighbourhoods.read_only import ReadOnly


class StatusChangeInline(ReadOnly, admin.TabularInline):
    """What became of it."""

    model = StatusChange


@admin.register(Contribution)
class ContributionAdmin(ReadOnly, admin.ModelAdmin):
    """One row for each contribution; neither device nor exact place, which are nobody's business here."""

    list_display = ["__str__", "kind", "status", "consultation", "submitted_at"]
    list_filter = ["kind", "status", "origin"]
    list_select_related = ["consultation"]
    search_fields = ["title", "code"]
    exclude = ["geometry", "public_geometry", "device", "typed_address", "districts"]
    inlines = [StatusChangeInline]
