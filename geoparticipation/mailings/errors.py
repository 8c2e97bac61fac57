"""What can be wrong with a mailing list."""

from __future__ import annotations

from layers.errors import Refusal


class OptionMalformed(Refusal):
    """An option of a list that is neither on nor off."""

    code = "mailing_list_option_malformed"
