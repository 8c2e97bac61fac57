"""Letterbox codes: eight characters and a check character, without look-alikes, that stand for one printed flyer.

The alphabet has 31 characters (no 0, O, 1, I or L), a prime: the check character makes the sum of position times
value a multiple of 31, so every single wrong character and every swap of two different ones is found (the scheme of
ISBN-10, with another prime). There are 31⁸ ≈ 853 thousand million codes.

A code is not stored anywhere. It is worked out from the site's privacy key, the mailing's salt and the flyer's
place in it, and the database keeps a keyed hash of it: a page can be printed again, and whoever has the database alone
learns no code.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from layers.keyed_hash import keyed_hash

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 8
CODES: Final = len(ALPHABET) ** LENGTH
"""How many codes there are: with n of them in use, one guess with a right check character is right n / CODES times."""

_PRIME: Final = len(ALPHABET)
_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHT_OF_CHECK: Final = LENGTH + 1
_INVERSE: Final = pow(_WEIGHT_OF_CHECK, -1, _PRIME)


def check_character(eight: str) -> str:
    """The ninth character of a code."""
    total = sum(weight * _VALUE[character] for weight, character in enumerate(eight, start=1))
    return ALPHABET[-total * _INVERSE % _PRIME]


def derive_code(*, salt: str, letterbox: int, number: int, attempt: int = 0) -> str:
    """The code, with its check character, of the `number`-th flyer of a mailing's letterbox.

    The same for the same arguments and privacy key, and for everybody without the key as good as drawn by lot.
    `attempt` tells codes apart that had to be made anew because another flyer's was the same.
    """
    digest = int(keyed_hash("letterbox code", salt, str(letterbox), str(number), str(attempt)), 16)
    characters = []
    for _position in range(LENGTH):
        digest, value = divmod(digest, _PRIME)
        characters.append(ALPHABET[value])
    eight = "".join(characters)
    return eight + check_character(eight)


def hash_code(code: str) -> str:
    """What the database keeps of a code (64 hexadecimal digits)."""
    return keyed_hash("kept letterbox code", code)


def read_code(text: str) -> str | None:
    """A code as people type it (small letters, spaces, hyphens); None when it cannot be one."""
    code = re.sub(r"[\s.\-–—_]", "", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != LENGTH + 1 or any(character not in _VALUE for character in code):
        return None
    return code if check_character(code[:LENGTH]) == code[LENGTH] else None


def spaced_code(code: str) -> str:
    """As it is printed, in groups that are easy to type: K7QM 2R9X W."""
    return f"{code[:4]} {code[4:8]} {code[8:]}"
