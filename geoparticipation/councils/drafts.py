"""Members read the drafts of their council, though nobody else but agents does."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from geoparticipation.consultations.models.consultation import register_draft_readers
from geoparticipation.councils.models import CouncilConsultation
from geoparticipation.councils.rules import councils_of


def _drafts_for(user: object) -> QuerySet[Any]:
    return CouncilConsultation.objects.filter(council__in=councils_of(user).values("pk")).values("consultation")


register_draft_readers(_drafts_for)
