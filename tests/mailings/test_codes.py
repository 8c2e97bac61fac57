"""Codes: what can be typed wrong is found, none is guessed, and the database alone gives none away."""

from __future__ import annotations

import hashlib
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoparticipation.mailings.codes import (
    ALPHABET,
    CODES,
    check_character,
    derive_code,
    hash_code,
    read_code,
    spaced_code,
)

EIGHT = st.text(alphabet=ALPHABET, min_size=8, max_size=8)


def test_alphabet_has_no_look_alikes_and_a_prime_number_of_characters() -> None:
    assert set("0O1IL").isdisjoint(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert CODES == 852_891_037_441  # 31 to the eighth


@pytest.mark.parametrize(
    # by hand: 1×0 + 2×1 + … of the characters' places in the alphabet, and the ninth that makes it a multiple of 31
    ("eight", "check"),
    [("22222222", "2"), ("32222222", "T"), ("23222222", "K")],
)
def test_check_character_by_hand(eight: str, check: str) -> None:
    weights = range(1, 10)

    assert check_character(eight) == check
    assert sum(w * ALPHABET.index(c) for w, c in zip(weights, eight + check, strict=True)) % 31 == 0


@given(eight=EIGHT, position=st.integers(0, 8), other=st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(eight: str, position: int, other: str) -> None:
    code = eight + check_character(eight)
    wrong = code[:position] + other + code[position + 1 :]

    assert read_code(wrong) == (code if wrong == code else None)


@given(eight=EIGHT, position=st.integers(0, 7))
def test_every_swap_of_neighbours_is_found(eight: str, position: int) -> None:
    code = eight + check_character(eight)
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]

    assert read_code(swapped) == (code if swapped == code else None)


@given(eight=EIGHT)
def test_a_code_is_read_as_people_type_it(eight: str) -> None:
    code = eight + check_character(eight)

    assert read_code(spaced_code(code)) == code
    assert read_code(f" {code[:4].lower()}-{code[4:8]}.{code[8]} ") == code


@given(text=st.text())
def test_anything_may_be_typed(text: str) -> None:
    assert read_code(text) is None or set(read_code(text) or "") <= set(ALPHABET)


def test_codes_of_a_mailing_differ_and_come_out_the_same_again() -> None:
    codes = [derive_code(salt="a", letterbox=letterbox, number=1) for letterbox in range(20_000)]

    # 20,000 of 8.5 × 10¹¹: two are the same once in 4,000 such mailings, and these are always the same 20,000
    assert len(set(codes)) == 20_000
    assert codes[7] == derive_code(salt="a", letterbox=7, number=1)
    assert all(read_code(code) == code for code in codes[:100])


def test_other_salt_number_attempt_or_key_gives_another_code(settings: Any) -> None:
    first = derive_code(salt="a", letterbox=1, number=1)
    others = {
        derive_code(salt="b", letterbox=1, number=1),
        derive_code(salt="a", letterbox=2, number=1),
        derive_code(salt="a", letterbox=1, number=2),
        derive_code(salt="a", letterbox=1, number=1, attempt=1),
        derive_code(salt="a1", letterbox=1, number=1),
    }
    settings.PRIVACY_KEY = "another key"
    others.add(derive_code(salt="a", letterbox=1, number=1))

    assert len(others) == 6
    assert first not in others


def test_characters_are_used_evenly() -> None:
    """A bias would make guessing easier: chi-square of 160,000 characters, 30 degrees of freedom."""
    text = "".join(derive_code(salt="s", letterbox=letterbox, number=1)[:8] for letterbox in range(20_000))
    expected = len(text) / 31

    chi_square = sum((text.count(character) - expected) ** 2 / expected for character in ALPHABET)

    assert chi_square < 59.7  # exceeded once in a thousand samples of an even lot


def test_guessing_takes_longer_than_a_life(settings: Any) -> None:
    """As docs/adr/0017 says: with 50,000 codes in use a connection tries for a century until one is right."""
    tries_for_a_hit = CODES / 50_000
    hours = tries_for_a_hit / settings.RATE_LIMITS["code"]

    assert tries_for_a_hit > 17_000_000
    assert hours / 24 / 365 > 90


def test_what_is_kept_is_no_plain_hash_of_the_code(settings: Any) -> None:
    """Whoever has the database tries all codes against a plain hash; with a key it takes the key."""
    code = derive_code(salt="a", letterbox=1, number=1)
    kept = hash_code(code)

    assert len(kept) == 64
    assert set(kept) <= set(string.hexdigits)
    plain = (hashlib.new(name, code.encode()).hexdigest() for name in ("md5", "sha1", "sha256"))
    assert kept not in set(plain)
    settings.PRIVACY_KEY = "another key"
    assert hash_code(code) != kept
