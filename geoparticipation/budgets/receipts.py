"""Receipts: what a voter finds the own ballot by. Drawn at random, so that they say nothing about anybody."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 10
"""31¹⁰ ≈ 820 million million receipts: nobody finds another one's by trying."""


def draw_receipt() -> str:
    """A new receipt."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_receipt(text: str) -> str:
    """A receipt as people type it (small letters, spaces, hyphens), or "" when it cannot be one."""
    receipt = re.sub(r"[\s.\-–—_]", "", unicodedata.normalize("NFKC", text[:60])).upper()
    return receipt if len(receipt) == LENGTH and set(receipt) <= set(ALPHABET) else ""


def spaced_receipt(receipt: str) -> str:
    """As it is shown: K7QM2-R9XWA."""
    return f"{receipt[:5]}-{receipt[5:]}"
