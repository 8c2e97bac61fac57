"""What can be wrong with the follow-up of an idea."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.errors import Refusal


class NoCommitment(Refusal):
    """The commune has not said yet what it promises."""

    code = "no_commitment"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Say first what the commune promises: number of supports, days for study and answer."))


class CommitmentInPast(Refusal):
    """A rule cannot begin before today: what was promised then stays promised."""

    code = "commitment_in_past"

    def __init__(self) -> None:
        super().__init__(
            _("A rule begins today or later: what was promised before stays promised."), field="in_force_from"
        )


class CommitmentInUse(Refusal):
    """Ideas were taken up under this rule: what they cite stays what it was."""

    code = "commitment_in_use"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Ideas have been taken up under this rule already. Let the next one begin tomorrow."),
            field="in_force_from",
        )


class CommitmentMalformed(Refusal):
    """Numbers of a rule that make no sense."""

    code = "commitment_malformed"


class CannotBeTakenUp(Refusal):
    """Only ideas that are online are studied."""

    code = "cannot_be_taken_up"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Only an idea that is online can be taken up."))


class UnknownIdea(Refusal):
    """There is no such idea, or the agent may not see it."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such idea."))


class NotOnline(Refusal):
    """Nothing is published about an idea that was hidden or taken back."""

    code = "idea_not_online"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This idea is not online any more: nothing can be published about it."))


class AlreadyAnswered(Refusal):
    """The answer is published; it stays what it is."""

    code = "already_answered"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("The commune has answered this idea already. Its answer stays."))


class NotAnswered(Refusal):
    """Nothing is made of an idea before it was accepted."""

    code = "not_accepted"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Progress is noted once the answer accepts the idea, wholly or in part, or it has won a budget’s vote.")
        )


class SayMore(Refusal):
    """A text or a choice is missing, too long, or not one of those asked for."""

    code = "follow_up_incomplete"


class DayMissing(Refusal):
    """What is done was done on a day."""

    code = "day_missing"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or _("Say on which day it was done, today at the latest."), field="done_on")


class DescriptionMissing(Refusal):
    """A photo that somebody who cannot see it would learn nothing of."""

    code = "photo_not_described"

    def __init__(self) -> None:
        super().__init__(_("Describe each photo in a few words, for those who cannot see it."), field="photos")


class PlaceWithoutShape(Refusal):
    """A street known by its letterboxes only."""

    code = "place_without_shape"

    def __init__(self) -> None:
        super().__init__(_("Give an address: this street has no course on the map."), field="place_text")
