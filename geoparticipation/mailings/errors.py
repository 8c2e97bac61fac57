"""What can be wrong with a mailing or its list."""

from __future__ import annotations

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


class UnknownMailing(Refusal):
    """There is no mailing of this number."""

    code = "unknown_mailing"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no mailing of this number."))
