"""Money as one writes it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.utils import formats

NBSP: Final = "\u00a0"
_SIGNS: Final = {"EUR": "€", "GBP": "£", "USD": "$", "PLN": "zł", "CHF": "CHF"}


def money(amount: object, currency: str = "EUR") -> str:
    """40 000 € in French, 40,000 € in English; cents only where there are some. Empty for None and ""."""
    if amount is None or amount == "":
        return ""
    value = Decimal(str(amount))
    places = 0 if value == value.to_integral_value() else 2
    written = formats.number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{written}{NBSP}{_SIGNS.get(currency, currency)}"
