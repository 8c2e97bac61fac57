"""What a dBASE table cannot hold."""

from __future__ import annotations

import pytest

from layers.exports.shapefile import cut_text, short_names


def test_names_are_cut_to_ten_characters_and_stay_apart() -> None:
    names = ["code", "support_count", "support_code", "Support_Count_2", "submitted_at"]

    assert short_names(names) == {
        "code": "code",
        "support_count": "support_co",
        "support_code": "support_c2",
        "Support_Count_2": "Support_C3",
        "submitted_at": "submitted_",
    }


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a" * 254, "a" * 254), ("a" * 255, "a" * 254), ("é" * 128, "é" * 127), ("🌳" * 64, "🌳" * 63), ("", "")],
)
def test_texts_are_cut_between_characters(text: str, kept: str) -> None:
    assert cut_text(text) == kept
