"""What can be wrong with a report."""

from __future__ import annotations

from django.utils.translation import gettext as _

from layers.errors import Refusal


class ReportsBusy(Refusal):
    """As many reports as may be at once are being made."""

    code = "reports_busy"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _("Several reports are being made at the moment. Please try again in a minute."), retry_after=60
        )


class NotAPeriod(Refusal):
    """What was asked for is no period, or one that is too long."""

    code = "not_a_period"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            _("Give a period as 2026, 2026-q1 or 2026-03, or its first and its last month, at most ten years apart.")
        )
