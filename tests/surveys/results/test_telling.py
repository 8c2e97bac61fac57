"""No figure that everybody reads is about one to four people, nor can such a figure be worked out."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geoparticipation.surveys.definition import read_definition
from geoparticipation.surveys.results.cells import cells_to_tell
from geoparticipation.surveys.results.figures import ANSWERED, Figures, Row, figures_from
from geoparticipation.surveys.results.telling import figures_to_tell, rounded_down

WISHES = ("lane", "stand", "pump", "map")
COMMUTE = {"fr": "Comment venez-vous ?"}


def _choices(*keys: str) -> list[dict[str, Any]]:
    return [{"key": key, "label": {"fr": key}} for key in keys]


def _survey(most_wishes: int, fewest_wishes: int = 1, choices: int = 3) -> Any:
    return read_definition(
        {
            "format": "geoparticipation-survey/1",
            "languages": ["fr"],
            "title": {"fr": "Vélo"},
            "sections": [
                {
                    "key": "s",
                    "title": {"fr": "Vous"},
                    "questions": [
                        {"key": "how", "kind": "single", "label": COMMUTE, "choices": _choices("bike", "foot", "car")},
                        {
                            "key": "often",
                            "kind": "single",
                            "label": COMMUTE,
                            "choices": _choices("daily", "rarely"),
                            "show_if": {"question": "how", "is": "equals", "value": "bike"},
                        },
                        {
                            "key": "wish",
                            "kind": "multiple",
                            "label": COMMUTE,
                            "choices": _choices(*WISHES[:choices]),
                            "min_choices": fewest_wishes,
                            "max_choices": most_wishes,
                        },
                    ],
                }
            ],
        }
    )


class Person(NamedTuple):
    """Somebody, as the survey sees them; None where nothing was said."""

    district: int
    how: str | None
    often: str | None
    wish: frozenset[str]


def _possible(most_wishes: int, fewest_wishes: int, choices: int) -> list[Person]:
    """Everybody that there could be."""
    wishes = [
        frozenset(some)
        for size in (0, *range(fewest_wishes, most_wishes + 1))
        for some in itertools.combinations(WISHES[:choices], size)
    ]
    return [
        Person(district, how, often, wish)
        for district in (1, 2, 3)
        for how in (None, "bike", "foot", "car")
        for often in ((None, "daily", "rarely") if how == "bike" else (None,))
        for wish in wishes
    ]


def _counted(people: list[Person]) -> Figures:
    counts: Counter[tuple[str, str, str, int]] = Counter()
    for person in people:
        counts["", "", "", person.district] += 1
        for key, said in (("how", [person.how]), ("often", [person.often]), ("wish", sorted(person.wish))):
            values = [value for value in said if value is not None]
            for value in [*values, *([ANSWERED] if values else [])]:
                counts[key, "", value, person.district] += 1
    rows: list[Row] = [(*key, n, 0.0) for key, n in counts.items()]
    return figures_from(rows)


def _has(person: Person, question: str, value: str) -> bool:
    said = {"how": {person.how}, "often": {person.often}, "wish": person.wish}[question] - {None}
    return bool(said) if value == ANSWERED else value in said


def _read(told: Figures, possible: list[Person]) -> Iterator[tuple[np.ndarray, int]]:
    """Every number that is told, with whom of all possible people it counts."""

    def who(test: Any) -> np.ndarray:
        return np.array([test(person) for person in possible], dtype=float)

    if told.responses.n:
        yield who(lambda _person: True), told.responses.n
    for district, n in told.responses.by_district.items():
        yield who(lambda person, at=district: person.district == at), n
    for (question, part), answers in told.parts.items():
        assert part == ""
        for value, tallied in answers.items():
            yield who(lambda person, q=question, v=value: _has(person, q, v)), tallied.n
            for district, n in tallied.by_district.items():
                yield (
                    who(lambda person, q=question, v=value, at=district: person.district == at and _has(person, q, v)),
                    n,
                )
    for (question, part), n in told.rest.items():
        shown = [value for value in told.parts[question, part] if value != ANSWERED]
        if ANSWERED in told.parts[question, part]:
            yield (
                who(
                    lambda person, q=question, s=shown: (
                        _has(person, q, ANSWERED) and not any(_has(person, q, value) for value in s)
                    )
                ),
                n,
            )


def _groups(possible: list[Person]) -> Iterator[np.ndarray]:
    """Groups that somebody may want to know about: an answer, several, none, how many, in any districts."""
    some = [set(part) for size in (1, 2, 3) for part in itertools.combinations((1, 2, 3), size)]
    tests: list[Any] = [lambda person: True]
    said = (None, "bike", "foot", "car")
    tests += [
        lambda person, a=answers: person.how in a
        for size in (1, 2, 3)
        for answers in itertools.combinations(said, size)
    ]
    tests += [
        lambda person, a=answers: person.how == "bike" and person.often in a
        for answers in ((None,), ("daily",), ("rarely",), (None, "daily"), (None, "rarely"), ("daily", "rarely"))
    ]
    for wish in WISHES:
        tests += [
            lambda person, w=wish: w in person.wish,
            lambda person, w=wish: w not in person.wish,
            lambda person, w=wish: bool(person.wish) and w not in person.wish,
        ]
    tests += [lambda person, k=size: len(person.wish) == k for size in (0, 1, 2, 3, 4)]
    for districts in some:
        for test in tests:
            yield np.array([person.district in districts and test(person) for person in possible], dtype=float)


def _people(seed: int, possible: list[Person]) -> list[Person]:
    """A town of few or many, in which answers are lopsided: what is left over is often small."""
    dice = random.Random(seed)
    weights = [dice.choice((0, 0, 1, 3)) * dice.choice((0.2, 1, 6)) + 0.01 for _person in possible]
    weights = [weight * (1, 1, 0.3)[person.district - 1] for weight, person in zip(weights, possible, strict=True)]
    return dice.choices(possible, weights, k=dice.choice((4, 9, 20, 45, 90, 200)))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    wishes=st.sampled_from(
        (
            (1, 1, 3),
            (1, 2, 3),
            (2, 2, 3),
            (1, 3, 3),
            (2, 3, 3),
            (1, 2, 4),
            (2, 2, 4),
            (2, 3, 4),
            (2, 4, 4),
            (1, 4, 4),
            (1, 2, 2),
        )
    ),
)
@example(seed=90, wishes=(1, 1, 3))
@example(seed=762, wishes=(2, 3, 3))
def test_no_small_group_can_be_worked_out(seed: int, wishes: tuple[int, int, int]) -> None:
    fewest_wishes, most_wishes, choices = wishes
    possible = _possible(most_wishes, fewest_wishes, choices)
    people = _people(seed, possible)
    told = figures_to_tell(_survey(most_wishes, fewest_wishes, choices), _counted(people))

    read = list(_read(told, possible))

    assert all(n >= 5 for _who, n in read)
    lived = np.array([people.count(person) for person in possible])
    for who, n in read:
        assert who @ lived == n
    if not read:
        return
    known = np.array([who for who, _n in read])
    # A group can be worked out where its members, among all possible people, are a sum of what is read.
    _left, sizes, directions = np.linalg.svd(known, full_matrices=False)
    span = directions[sizes > 1e-9]
    for group in _groups(possible):
        if 0 < group @ lived < 5:
            assert np.abs(group - span.T @ (span @ group)).max() > 1e-6
    signs = np.array(list(itertools.product((-1, 0, 1), repeat=3)))
    for three in itertools.combinations(range(len(known)), min(3, len(known))):
        groups = signs[:, : len(three)] @ known[list(three)]
        groups = groups[((groups == 0) | (groups == 1)).all(axis=1)]
        assert not ((groups @ lived > 0) & (groups @ lived < 5)).any()


def test_much_is_told_of_many() -> None:
    people = [
        Person(1 + at % 3, ("bike", "foot", "car")[at // 3 % 3], "daily" if at // 3 % 3 == 0 else None, frozenset())
        for at in range(180)
    ]

    told = figures_to_tell(_survey(3), _counted(people))

    assert told.responses.n == 180
    assert told.responses.by_district == {1: 60, 2: 60, 3: 60}
    assert {value: tallied.n for value, tallied in told.part("how").items()} == {"bike": 60, "foot": 60, "car": 60}
    assert told.parts["how", ""]["bike"].by_district == {1: 20, 2: 20, 3: 20}
    assert told.part("often")["daily"].n == 60
    assert told.rest == {}


def test_what_few_said_is_told_with_the_next() -> None:
    people = [Person(1, how, None, frozenset()) for how in ["bike"] * 30 + ["foot"] * 8 + ["car"] * 2]

    told = figures_to_tell(_survey(3), _counted(people))

    assert {value: tallied.n for value, tallied in told.part("how").items()} == {"bike": 30}
    assert told.rest == {("how", ""): 10}


def test_nothing_is_told_of_four() -> None:
    told = figures_to_tell(_survey(3), _counted([Person(1, "bike", None, frozenset())] * 4))

    assert list(told.rows()) == [("", "", "", -1, 0, 0.0)]


def test_a_district_of_few_hides_one_more() -> None:
    people = [Person(district, "bike", None, frozenset()) for district in [1] * 30 + [2] * 9 + [3] * 3]

    told = figures_to_tell(_survey(3), _counted(people))

    assert told.responses.by_district == {1: 30}
    assert told.parts["how", ""]["bike"].by_district == {1: 30}


def test_a_cell_is_hidden_beside_a_small_one() -> None:
    # b in 2 is 3 people: told by the sums of column and row unless one more is hidden in each.
    counts = {("a", 1): 20, ("b", 1): 9, ("a", 2): 8, ("b", 2): 3, ("a", 3): 30, ("b", 3): 40}
    told = cells_to_tell(counts, ["a", "b"], [1, 2, 3], {cell for cell, n in counts.items() if n >= 5}, least=5)

    assert ("b", 2) not in told
    assert ("a", 2) not in told
    assert {("a", 1), ("a", 3)} - told
    assert {("b", 1), ("b", 3)} - told


@pytest.mark.parametrize(("n", "shown"), [(5, 5), (9, 5), (14, 10)])
def test_what_still_grows_is_told_in_fives(n: int, shown: int) -> None:
    told = rounded_down(figures_to_tell(_survey(3), _counted([Person(1, "bike", None, frozenset())] * n)))

    assert told.responses.n == shown
    assert told.part("how")["bike"].n == shown
    assert told.part("how")["bike"].by_district == {1: shown}


def test_how_many_chose_two_cannot_be_worked_out() -> None:
    wishes = [{"lane"}] * 12 + [{"stand"}] * 10 + [{"pump"}] * 8 + [{"lane", "stand"}] * 2
    people = [Person(1, "bike", None, frozenset(wish)) for wish in wishes]

    told = figures_to_tell(_survey(2), _counted(people))

    # 14 + 12 + 8 less the 32 who answered would be the two.
    assert {value: tallied.n for value, tallied in told.part("wish").items()} == {"lane": 14, "stand": 12}
    assert told.answered("wish") is not None
