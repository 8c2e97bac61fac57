"""Who may do what with associations and agreements. Who may offer help, and when, is for `contributions.rules`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.volunteering.enums import AgreementState, Side
from geoparticipation.volunteering.errors import NotAMember
from geoparticipation.volunteering.models import Agreement, Association, AssociationMember

ASKED_SIDE: Final = "asked"
ASKING_SIDE: Final = "asking"

AGREEMENT_CHANGES: Final[Mapping[tuple[AgreementState, AgreementState], frozenset[str]]] = MappingProxyType(
    {
        (AgreementState.ASKED, AgreementState.ACCEPTED): frozenset({ASKED_SIDE}),
        (AgreementState.ASKED, AgreementState.DECLINED): frozenset({ASKED_SIDE}),
        (AgreementState.ASKED, AgreementState.CANCELLED): frozenset({ASKING_SIDE}),
        (AgreementState.ACCEPTED, AgreementState.CANCELLED): frozenset({Side.VOLUNTEER, Side.ASSOCIATION}),
        (AgreementState.ACCEPTED, AgreementState.DONE): frozenset({Side.ASSOCIATION}),
    }
)
"""Every allowed change of an agreement, and which side may make it. Nothing leads out of the other three states."""


def is_member(user: User | None, association: Association) -> bool:
    """Whether this person may act for the association. One query."""
    return (
        user is not None
        and user.is_active
        and AssociationMember.objects.filter(user=user, association=association).exists()
    )


def require_member(user: User | None, association: Association) -> User:
    """Give the person back. Raises NotAMember."""
    if user is None or not is_member(user, association):
        raise NotAMember
    return user


def require_agent(user: User | None) -> User:
    """Give the person back. Raises NotAllowed unless it is an agent."""
    if user is None or not user.is_active or not user.is_agent:
        raise NotAllowed
    return user


def side_of(user: User | None, agreement: Agreement) -> Side | None:
    """On which side of an agreement somebody stands; None is neither. At most one query.

    A volunteer who also acts for the association stands on the volunteer's side.
    """
    if user is None or not user.is_active:
        return None
    if agreement.volunteer_id == user.pk:
        return Side.VOLUNTEER
    return Side.ASSOCIATION if is_member(user, agreement.mission.association) else None


def may_change(agreement: Agreement, to_state: str, side: Side | None) -> bool:
    """Whether the table allows this change to this side. No query."""
    if side is None:
        return False
    allowed = AGREEMENT_CHANGES.get((AgreementState(agreement.state), AgreementState(to_state)), frozenset())
    return side in allowed or (ASKING_SIDE if side == agreement.asked_by else ASKED_SIDE) in allowed
