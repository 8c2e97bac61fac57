"""Text that people write, made safe to store and to show: without what would deceive or break a reader."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Marks that reverse or embed the direction of what follows: they let a text look like another one.
_DIRECTION_MARKS: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def clean_text(text: str, *, lines: bool) -> str:
    """Normalise (NFC), drop control characters, lone surrogates and direction marks, and trim.

    `lines` keeps line breaks (at most one empty line in a row); otherwise any white space becomes one space.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_DIRECTION_MARKS)
    text = "".join(
        letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cs", "Cn"}
    )
    text = unicodedata.normalize("NFC", text)
    if not lines:
        return " ".join(text.split())
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()
