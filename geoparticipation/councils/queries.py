"""Reads of councils."""

from __future__ import annotations

from datetime import date

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.councils.errors import UnknownCouncil
from geoparticipation.councils.models import Council, CouncilConsultation, CouncilMember
from geoparticipation.councils.models.council import CouncilQuerySet
from geoparticipation.councils.rules import councils_of
from neighbourhoods.models import Target
from neighbourhoods.target_words import parts_to_read


def with_figures(councils: CouncilQuerySet, day: date) -> CouncilQuerySet:
    """Each with its area in words and `seats`, how many sit in it on a day. Two queries."""
    seated = Q(members__since__lte=day) & (Q(members__until__isnull=True) | Q(members__until__gte=day))
    found = councils.select_related("area").defer("area__geometry", "text")
    return found.annotate(seats=Count("members", seated)).prefetch_related(parts_to_read("area__parts"))


def council_for(user: object, slug: str) -> Council:
    """The council at this address as far as this person may see it; raises UnknownCouncil. One query."""
    found = Council.objects.visible_to(user).select_related("area").filter(slug=slug).first()
    if found is None:
        raise UnknownCouncil
    return found


def council_to_work_for(user: User, slug: str) -> Council:
    """The council for an agent, or for one of its own councillors; raises UnknownCouncil. One query."""
    councils = Council.objects.all() if user.is_agent else councils_of(user)
    found = councils.select_related("area").filter(slug=slug).first()
    if found is None:
        raise UnknownCouncil
    return found


def members_on(council: Council, day: date) -> tuple[list[CouncilMember], int]:
    """Who sits in the council on a day and agrees to be shown, those with an office first, and how many others do."""
    seated = list(council.members.seated(day).order_by(Case(When(office="", then=1), default=0), "since", "name", "pk"))
    shown = [member for member in seated if member.is_shown]
    return shown, len(seated) - len(shown)


def started_by(council: Council) -> QuerySet[CouncilConsultation]:
    """What the council started, the latest first, each with `fits`: whether its target still lies in the area."""
    within = Target.objects.filter(
        pk=OuterRef("consultation__target"), geometry__coveredby=OuterRef("council__area__geometry")
    )
    return (
        council.started.select_related("consultation")
        .annotate(fits=Exists(within))
        .order_by("-consultation__created_at", "-pk")
    )


def to_read() -> QuerySet[CouncilConsultation]:
    """Drafts that a council asked the town hall to read, the oldest first. One query."""
    asked = CouncilConsultation.objects.filter(asked_at__isnull=False, consultation__state=ConsultationState.DRAFT)
    return asked.select_related("consultation", "council").order_by("asked_at", "pk")


def started_one(council: Council, slug: str) -> CouncilConsultation:
    """What the council started at this address; raises UnknownCouncil. One query."""
    rows = council.started.select_related("consultation__target", "council__area")
    found = rows.filter(consultation__slug=slug).first()
    if found is None:
        raise UnknownCouncil
    return found
