"""What people write, made safe to store and to show: plain text, without what would deceive or break a reader."""

from __future__ import annotations

from typing import Final

from layers.plain_text import clean_text

__all__ = ["ACCENTS", "clean_text", "search_words"]

_ACCENTED: Final = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿšžčćđ"
_PLAIN: Final = "aaaaaaceeeeiiiinoooooouuuuyyszccd"
ACCENTS: Final = (_ACCENTED, _PLAIN)
"""For SQL's `translate` and for `search_words`: the two must agree, since one makes the index and one the query."""


def search_words(query: str) -> list[str]:
    """The words of a search, in the form in which `Contribution.search_text` has them; at most ten."""
    plain = clean_text(query, lines=False).lower().translate(str.maketrans(*ACCENTS))
    return plain.split()[:10]
