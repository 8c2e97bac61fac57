"""Text in files that spreadsheets open: what they would run as a formula is written so that they show it."""

from __future__ import annotations

from typing import Final

FORMULA_SIGNS: Final = tuple("=+-@\t\r\n＝＋－＠")
"""What a formula may begin with, by OWASP's "CSV injection", and the full-width forms of it."""


def harmless_cell(value: object) -> str:
    """A cell's text, behind an apostrophe where it begins as a formula does."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
