"""What can be wrong with an export."""

from __future__ import annotations

from layers.errors import Refusal


class ExportTooLarge(Refusal):
    """More than the format can hold."""

    code = "export_too_large"
    status = 409
