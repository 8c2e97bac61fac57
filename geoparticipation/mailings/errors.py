"""What can be wrong with a mailing or its list."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from layers.errors import Refusal


class OptionMalformed(Refusal):
    """An option of a list that is neither on nor off."""

    code = "mailing_list_option_malformed"


class FormatUnknown(Refusal):
    """A format of file that no list is written as."""

    code = "mailing_list_format_unknown"


class SheetUnknown(Refusal):
    """A sheet of labels that is not known."""

    code = "label_sheet_unknown"


class StartBeyondSheet(Refusal):
    """A first label that the sheet does not have; `extra["limit"]` is its number of labels."""

    code = "label_start_beyond_sheet"


class ListTooLong(Refusal):
    """More letterboxes than a format can hold, which are `extra["limit"]`."""

    code = "mailing_list_too_long"


class MailingNameMissing(Refusal):
    """A mailing without a name, or with one that is too long."""

    code = "mailing_name_missing"

    def __init__(self) -> None:
        super().__init__(_("Give the mailing a name, of 200 characters at the most."), field="name")


class NothingToMail(Refusal):
    """No letterbox is left for a mailing."""

    code = "nothing_to_mail"

    def __init__(self) -> None:
        super().__init__(_("No letterbox is left for this mailing: widen its target."), field="target")


class DeliveredInFuture(Refusal):
    """A day of delivery that is still to come."""

    code = "delivered_in_future"

    def __init__(self) -> None:
        super().__init__(_("Enter the day on which the flyers were delivered: it cannot be after today."), field="day")


class DeliveredBeforeMade(Refusal):
    """A day of delivery before the mailing was made; `extra["made_on"]` says when that was."""

    code = "delivered_before_made"

    def __init__(self, made_on: date) -> None:
        super().__init__(
            _("This mailing was made on %(day)s: it cannot have been delivered before.")
            % {"day": date_format(made_on, "DATE_FORMAT")},
            field="day",
            made_on=made_on.isoformat(),
        )


class UnknownMailing(Refusal):
    """There is no mailing of this number."""

    code = "unknown_mailing"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no mailing of this number."))


class CodeMistyped(Refusal):
    """What was typed cannot be a letterbox code."""

    code = "letterbox_code_mistyped"

    def __init__(self) -> None:
        super().__init__(
            _("There is a slip in this code: compare its nine letters and digits with your flyer."), field="code"
        )


class CodeUnknown(Refusal):
    """No flyer has this code."""

    code = "letterbox_code_unknown"
    status = 404

    def __init__(self) -> None:
        super().__init__(
            _("We do not know this code. Compare it with your flyer, or ask at the help point."), field="code"
        )


class CodeUsedUp(Refusal):
    """All answers that a code stands for were given; `extra["answered_on"]` says when the first was.

    `voices` are those of the letterbox, `of_code` those of this code, where the letterbox has several flyers.
    """

    code = "letterbox_code_used"
    status = 409

    def __init__(self, answered_on: date, *, voices: int, of_code: int) -> None:
        day = date_format(answered_on, "DATE_FORMAT")
        if voices == 1:
            said = _(
                "This letterbox answered on %(day)s, and the answer counts: thank you."
                " Each letterbox has one voice here."
            ) % {"day": day}
        elif of_code < voices:
            said = _(
                "An answer was given with this code on %(day)s, and it counts: thank you."
                " Each dwelling has one voice here."
            ) % {"day": day}
        else:
            said = _(
                "All %(voices)d answers of this letterbox were given, the first on %(day)s, and they count: thank you."
                " Each dwelling has one voice here."
            ) % {"day": day, "voices": voices}
        super().__init__(said, field="code", answered_on=answered_on.isoformat())


class CodeForAnotherConsultation(Refusal):
    """The code is on the flyers of another consultation."""

    code = "letterbox_code_elsewhere"

    def __init__(self) -> None:
        super().__init__(_("This code belongs to another consultation."), field="code")


class FlyerTextTooLong(Refusal):
    """A text of a flyer that does not fit on its template."""

    code = "flyer_text_too_long"

    def __init__(self) -> None:
        super().__init__(
            _("This text does not fit on the flyer: shorten it, or choose a larger template."), field="text"
        )


class AddressedTooSmall(Refusal):
    """Addresses on a flyer that does not go into an envelope with a window."""

    code = "addressed_flyer_too_small"

    def __init__(self) -> None:
        super().__init__(
            _("Only the folded A4 shows its address in the window of an envelope: choose it, or print none."),
            field="addressed",
        )


class ReplyTooSmall(Refusal):
    """A form to answer on a flyer that has no room for it."""

    code = "flyer_reply_too_small"

    def __init__(self) -> None:
        super().__init__(
            _("A postcard has no room for a form to answer: choose a larger template, or leave the form out."),
            field="with_reply",
        )


class FlyerColourUnknown(Refusal):
    """A colour that is not written as #rrggbb."""

    code = "flyer_colour_unknown"

    def __init__(self) -> None:
        super().__init__(_("Write the colour as # and six digits or letters, for example #0b6e69."), field="colour")


class LanguageTwice(Refusal):
    """A second language that is the first one."""

    code = "flyer_language_twice"

    def __init__(self) -> None:
        super().__init__(
            _("The second language is that of the consultation: choose another one."), field="second_language"
        )


class FlyersBeingWritten(Refusal):
    """Somebody else writes the same file."""

    code = "flyers_being_written"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("These flyers are being written already. Wait until that is over."))


class CodesNotReproducible(Refusal):
    """The codes that the site works out are not those that were stored."""

    code = "letterbox_codes_not_reproducible"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("The codes of this mailing cannot be printed: the site’s PRIVACY_KEY has changed since it was made.")
        )


class RoundsMalformed(Refusal):
    """Neither a number of rounds nor a time, or both, or one that is not above zero."""

    code = "rounds_malformed"

    def __init__(self) -> None:
        super().__init__(_("Say how many rounds there are, or how many minutes one takes at the most: one of the two."))


class TooManyRounds(Refusal):
    """More rounds than pieces of streets, which are `extra["limit"]`."""

    code = "too_many_rounds"

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("This mailing can be split into %(limit)d rounds at the most: take fewer.") % {"limit": limit},
            field="rounds",
            limit=limit,
        )


class RoundsTooShort(Refusal):
    """A piece of a street alone takes longer than a round may."""

    code = "rounds_too_short"

    def __init__(self) -> None:
        super().__init__(_("A stretch of a street alone takes longer than this: allow more minutes."), field="minutes")


class NoRounds(Refusal):
    """Rounds of a mailing that was not split."""

    code = "no_rounds"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This mailing has no rounds yet: plan them first."))


class RoundsIncomplete(Refusal):
    """Rounds that do not have every letterbox of the mailing."""

    code = "rounds_incomplete"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Some letterboxes of this mailing are on no round: plan the rounds again."))


class CodeKeptOnAccount(Refusal):
    """The code is somebody's proof of residence, and speaks with that account only."""

    code = "letterbox_code_kept"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            _("This code was kept as proof of residence: sign in with the account that has it to answer."), field="code"
        )


class CodeProvedAlready(Refusal):
    """The code is the proof of residence of another account."""

    code = "letterbox_code_proved"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("This code is kept as proof on another account. Each flyer proves one residence."), field="code"
        )


class RoundsBegun(Refusal):
    """Rounds that would be planned anew while flyers are being delivered."""

    code = "rounds_begun"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Delivery has begun: these rounds stay as they are. For who was not reached, make another mailing.")
        )


class RoundsHandedOut(Refusal):
    """Rounds that would be planned anew while links to them are in people's hands."""

    code = "rounds_handed_out"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _(
                "Links to these rounds were handed out. Planned anew, these links end, and what people noted without a"
                " connection cannot come in any more. Tick the box if that is all right."
            ),
            field="end_links",
        )


class RoundLinkUnknown(Refusal):
    """No round has this secret address."""

    code = "round_link_unknown"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This link opens no round. Ask for a new one at the town hall."))


class RoundLinkOver(Refusal):
    """A link that was withdrawn, or whose time is over."""

    code = "round_link_over"
    status = 410

    def __init__(self) -> None:
        super().__init__(_("This link is no longer valid. Ask for a new one at the town hall."))


class TooManyActs(Refusal):
    """More acts on a round than anybody does."""

    code = "too_many_round_acts"
    status = 413

    def __init__(self) -> None:
        super().__init__(_("That is more than what can be noted on one round. Tell the town hall."))


class AlreadyDecided(Refusal):
    """A correction that another agent decided on."""

    code = "correction_decided"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Somebody has decided on this already."))


class NoteTakenBack(Refusal):
    """A note that somebody on the round took back or replaced while the agent looked at it."""

    code = "note_taken_back"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This note was taken back or replaced meanwhile. Open the page anew to see what holds now."))


class NewPlaceMissing(Refusal):
    """An address that stands elsewhere, without saying where."""

    code = "new_place_missing"

    def __init__(self) -> None:
        super().__init__(_("Say where the letterbox stands, as an address or a street."), field="place")


class AddressGone(Refusal):
    """A letterbox whose address the register no longer has."""

    code = "address_gone"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("The register no longer has this address: there is nothing to correct."))
