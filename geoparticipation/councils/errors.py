"""What a person is told about councils."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.errors import Refusal


class CouncilIncomplete(Refusal):
    """Something is missing or wrong in what was said of a council or a member; `field` says where."""

    code = "council_incomplete"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class AlreadySeated(Refusal):
    """The person has a seat in this council in these days."""

    code = "already_seated"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("This person already sits in the council in these days. Change that term, or choose other days."),
            field="since",
        )


class BeyondArea(Refusal):
    """What was aimed at reaches beyond the council's area."""

    code = "beyond_area"
    status = 422

    def __init__(self, council: str) -> None:
        super().__init__(
            _("This reaches beyond the area of “%(council)s”. Take away what lies outside, or aim at its whole area.")
            % {"council": council},
            field="target",
        )


class ReadFirst(Refusal):
    """The town hall puts the council's consultations online."""

    code = "read_first"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            _("The town hall reads the consultations of this council first. Ask it to put this one online.")
        )


class NoLongerYours(Refusal):
    """The consultation is online or closed, and the council may not change it any more."""

    code = "no_longer_a_draft"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("This consultation is no longer a draft. Ask the town hall, which changes what was put online.")
        )


class UnknownCouncil(Refusal):
    """There is no such council, or this person may not see it."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no council at this address."))
