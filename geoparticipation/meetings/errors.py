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


class NoWorkshop(Refusal):
    """This meeting has no workshop."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This meeting has no online workshop."))


class WorkshopNotOpen(Refusal):
    """The workshop takes nothing now: it is not open yet, or closed."""

    code = "workshop_not_open"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("The workshop is not open at the moment."))


class MapLocked(Refusal):
    """The facilitator locked the map."""

    code = "workshop_locked"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("The map is locked: notes stay as they are. Wait until it is unlocked."))


class VoteNotOpen(Refusal):
    """No vote is open."""

    code = "workshop_vote_not_open"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("No vote is open at the moment."))


class NoDotsLeft(Refusal):
    """All dots are given."""

    code = "workshop_no_dots_left"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("You have given all your dots. Take one back to give it to another note."))


class OnlyRegistered(Refusal):
    """Only who has a place at the meeting takes part."""

    code = "workshop_only_registered"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Only people with a place at the meeting take part. Register on its page, and sign in."))


class UnknownNote(Refusal):
    """There is no such note on the map."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This note is not on the map any more."))


class NotYourNote(Refusal):
    """Somebody else put it there."""

    code = "not_your_note"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Somebody else put this note there. You can change your own notes."))


class NoteIncomplete(Refusal):
    """Something is missing or too long; `field` says what."""

    code = "workshop_note_incomplete"


class NoteKept(Refusal):
    """It has become an idea, and stays as it is."""

    code = "workshop_note_kept"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This note was kept as an idea and stays as it is."))


class TooManyNotes(Refusal):
    """The map is full."""

    code = "workshop_full"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("The map is full: no more notes fit on it."))


class WorkshopMoment(Refusal):
    """What was asked for does not fit what the workshop is doing now."""

    code = "workshop_moment"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This has changed in the meantime. Load the page again."))


class WorkshopWithoutConsultation(Refusal):
    """What is kept needs a consultation to go into."""

    code = "workshop_without_consultation"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Say first which consultation the meeting belongs to: what is kept goes into it."))
