"""What can be wrong with a meeting."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.errors import Refusal


class MeetingIncomplete(Refusal):
    """Something is missing or makes no sense; `field` says what."""

    code = "meeting_incomplete"


class MeetingNotOpen(Refusal):
    """One cannot register: it is over, cancelled, or nobody registers for it."""

    code = "meeting_not_open"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("One cannot register for this meeting."))


class NotAnnounced(Refusal):
    """What is a draft, cancelled or over is not announced or cancelled."""

    code = "meeting_state"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This has changed in the meantime. Load the page again."))


class SignInToRegister(Refusal):
    """Registering needs an account with a confirmed address, to send the reminder to."""

    code = "sign_in_to_register"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Sign in with a confirmed e-mail address to register: we write to you if anything changes."))
