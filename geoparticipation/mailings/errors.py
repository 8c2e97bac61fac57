"""What can be wrong with a mailing list."""

from __future__ import annotations

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
