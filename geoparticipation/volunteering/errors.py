"""What a person is told about an offer, a mission, an association or an agreement that is not taken."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.errors import Refusal


class OfferIncomplete(Refusal):
    """Something of an offer, a mission or an association is missing or wrong; `field` says what."""

    code = "offer_incomplete"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class UnknownAssociation(Refusal):
    """There is no such association, or this person may not see it."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This association does not exist, or is not public yet."))


class NotAMember(Refusal):
    """Only who acts for the association may do this."""

    code = "not_a_member"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Only people who act for this association may do this."))


class AssociationNotChecked(Refusal):
    """An association that no agent has checked asks nobody for help."""

    code = "association_not_checked"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("The town hall checks this association first. We will write to you."), field="association")


class LastMember(Refusal):
    """Somebody must act for an association."""

    code = "last_member"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("You are the last one who acts for this association. Add somebody else first."))


class InvitationNotValid(Refusal):
    """The invitation is too old, is for somebody else or for another association, or never was one."""

    code = "invitation_not_valid"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This invitation does not hold any more, or is for another account. Ask for a new one."))


class UnknownAgreement(Refusal):
    """There is no such agreement, or it is between others."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This agreement does not exist, or is between others."))


class AgreementChangeNotAllowed(Refusal):
    """The table of changes does not have this one, or not for this side."""

    code = "agreement_change_not_allowed"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This cannot be done any more. Load the page again to see how it stands."))


class AlreadyAgreed(Refusal):
    """The two are in contact about this mission; `extra["agreement"]` is its code."""

    code = "already_in_contact"
    status = 409

    def __init__(self, code: str) -> None:
        super().__init__(_("You are already in contact about this mission."), agreement=code)


class MissionFull(Refusal):
    """As many people have agreed as are wanted."""

    code = "mission_full"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This mission has all the people it wants."))


class NotAsked(Refusal):
    """The offer or the mission is not online, or does not suit: nobody may be written to about it."""

    code = "no_match"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This offer does not suit this mission, or one of them is no longer online."))
