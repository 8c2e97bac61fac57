"""Who may do what with councils."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.consultations.rules import may_manage
from geoparticipation.councils.models import Council, CouncilMember
from geoparticipation.councils.models.council import CouncilQuerySet


def councils_of(user: object, day: date | None = None) -> CouncilQuerySet:
    """The active councils for which this person may act on a day (today in the town): councillors with a seat then.

    Only the role and the seat together open anything: a seat alone is a name on a page, the role alone has no area.
    """
    if not isinstance(user, User) or not user.is_active or user.role != Role.COUNCILLOR:
        return Council.objects.none()
    seats = CouncilMember.objects.seated(day or timezone.localdate()).filter(user=user)
    return Council.objects.active().filter(pk__in=seats.values("council"))


def acts_for(user: object, council: Council, day: date | None = None) -> bool:
    """Whether the person may start consultations and hold meetings for this council; agents not by this rule."""
    return councils_of(user, day).filter(pk=council.pk).exists()


def may_hold_meetings(user: User | None, council: Council | None) -> bool:
    """Agents make and edit every meeting; a council's own councillors those of their council."""
    return may_manage(user) or (council is not None and acts_for(user, council))


def require_may_hold_meetings(user: User | None, council: Council | None) -> None:
    """Raise NotAllowed unless the person may make and edit meetings of this council, or of none."""
    if not may_hold_meetings(user, council):
        raise NotAllowed


def require_acts_for(user: User | None, council: Council) -> None:
    """Raise NotAllowed unless the person is a councillor of this council."""
    if not acts_for(user, council):
        raise NotAllowed
