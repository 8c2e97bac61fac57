"""Why a form is not taken over at all."""

from __future__ import annotations

from layers.errors import Refusal


class XlsFormRefused(Refusal):
    """A workbook that is no XLSForm, or one of which nothing could be taken over."""

    code = "xlsform_refused"
    status = 422

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="file")
