"""What a person is told about who they are and how often they act."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from layers.errors import Refusal


class TooOften(Refusal):
    """One connection address (or one account) did a thing more often than the limit; `retry_after` is in seconds."""

    code = "too_often"
    status = 429

    def __init__(self, retry_after: int) -> None:
        minutes = max(1, -(-retry_after // 60))
        sentence = ngettext(
            "That was very often in a short time. Please try again in %(minutes)d minute.",
            "That was very often in a short time. Please try again in %(minutes)d minutes.",
            minutes,
        ) % {"minutes": minutes}
        super().__init__(sentence, retry_after=retry_after)
        self.retry_after = retry_after


class NotAllowed(Refusal):
    """The person's role does not allow this."""

    code = "not_allowed"
    status = 403

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or _("Your account does not allow you to do this."))


class UnknownAccount(Refusal):
    """Nobody is registered under this e-mail address."""

    code = "unknown_account"
    status = 404

    def __init__(self, email: str) -> None:
        super().__init__(_("Nobody is registered with the address %(email)s.") % {"email": email}, field="email")
