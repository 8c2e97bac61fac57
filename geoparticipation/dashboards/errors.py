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
