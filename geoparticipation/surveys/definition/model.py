"""What a survey is, as frozen dataclasses: sections of questions, each with its rules.

A `Text` is one sentence in several languages. `definition.reading` makes these from JSON and checks them,
`definition.writing` gives the same JSON back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

FORMAT: Final = "geoparticipation-survey/1"
OTHER: Final = "other"
"""The key of the choice "other" where a question has one, in rules and in `{"other": "text"}`."""

Text = Mapping[str, str]


def in_language(text: Text, language: str) -> str:
    """The words in this language; else in the first language that has some; else nothing."""
    return text.get(language) or next((words for words in text.values() if words), "")


@dataclass(frozen=True)
class Answered:
    """Holds when the question has an answer."""

    question: str


@dataclass(frozen=True)
class Compared:
    """Holds when the answer compares so with `value`; never without an answer.

    `how` is "equals" (a choice's key, "other", a number, a text, a date, true), "includes" (a key among several),
    "at_least" or "at_most" (numbers).
    """

    question: str
    how: str
    value: str | float | bool


@dataclass(frozen=True)
class Every:
    """Holds when each of its rules holds; also without any."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Some:
    """Holds when at least one of its rules holds."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Opposite:
    """Holds when its rule does not."""

    rule: Rule


Rule = Answered | Compared | Every | Some | Opposite


@dataclass(frozen=True)
class Choice:
    """One thing to choose, a row of a matrix, or a thing to rank."""

    key: str
    label: Text


@dataclass(frozen=True)
class PlaceChoice:
    """One of the places to choose among; `geometry` is GeoJSON in longitude and latitude."""

    key: str
    label: Text
    geometry: Mapping[str, Any]


@dataclass(frozen=True)
class BudgetItem:
    """What money can go to, between two amounts in steps."""

    key: str
    label: Text
    cost_minimum: float
    cost_maximum: float
    step: float


@dataclass(frozen=True, kw_only=True)
class Question:
    """What every question has; `kind` is the word of the format for each class below."""

    kind: ClassVar[str] = ""
    key: str
    label: Text
    help: Text
    required: bool = False
    show_if: Rule | None = None


@dataclass(frozen=True, kw_only=True)
class SingleChoice(Question):
    """One of several; with `other` also one's own words."""

    kind = "single"
    choices: tuple[Choice, ...]
    other: bool = False
    random_order: bool = False


@dataclass(frozen=True, kw_only=True)
class MultipleChoice(Question):
    """Several of several."""

    kind = "multiple"
    choices: tuple[Choice, ...]
    other: bool = False
    random_order: bool = False
    min_choices: int | None = None
    max_choices: int | None = None


@dataclass(frozen=True, kw_only=True)
class Ranking(Question):
    """Put things in order, the first first; `max_ranks` of them at the most."""

    kind = "ranking"
    choices: tuple[Choice, ...]
    max_ranks: int | None = None


@dataclass(frozen=True, kw_only=True)
class Scale(Question):
    """A whole number from `minimum` to `maximum`, with words for the two ends."""

    kind = "scale"
    minimum: int
    maximum: int
    minimum_label: Text
    maximum_label: Text


@dataclass(frozen=True, kw_only=True)
class Matrix(Question):
    """One of the same choices for each row; a required one wants every row."""

    kind = "matrix"
    rows: tuple[Choice, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Number(Question):
    """A number, in steps counted from `minimum` (from 0 without one)."""

    kind = "number"
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: Text


@dataclass(frozen=True, kw_only=True)
class ShortText(Question):
    """A line of text; `max_length` in characters."""

    kind = "short_text"
    max_length: int


@dataclass(frozen=True, kw_only=True)
class LongText(Question):
    """A text with lines; `max_length` in characters."""

    kind = "long_text"
    max_length: int


@dataclass(frozen=True, kw_only=True)
class Day(Question):
    """A date, written YYYY-MM-DD, as are `earliest` and `latest`."""

    kind = "date"
    earliest: str | None = None
    latest: str | None = None


@dataclass(frozen=True, kw_only=True)
class PlaceQuestion(Question):
    """Places on the map, each with its own further questions.

    `shapes` are of "point", "line", "area"; `inside` is "target" or "territory". What is chosen by name (an address, a
    street, a district) is taken whatever its shape and size.
    """

    kind = "place"
    shapes: tuple[str, ...]
    min_places: int | None = None
    max_places: int = 1
    max_area_m2: float | None = None
    max_length_m: float | None = None
    inside: str = "territory"
    follow_up: tuple[Question, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlacesChoice(Question):
    """Choose among these places."""

    kind = "places_choice"
    places: tuple[PlaceChoice, ...]
    max_choices: int | None = None


@dataclass(frozen=True, kw_only=True)
class Photo(Question):
    """One photo; `with_place` asks where it was taken."""

    kind = "photo"
    with_place: bool = False


@dataclass(frozen=True, kw_only=True)
class Budget(Question):
    """Share out at most `total` among items; what is not said of an item is its `cost_minimum`."""

    kind = "budget"
    items: tuple[BudgetItem, ...]
    total: float
    unit: Text


@dataclass(frozen=True, kw_only=True)
class Consent(Question):
    """A box to tick; the label says to what."""

    kind = "consent"


KINDS: Final[Mapping[str, type[Question]]] = {
    question.kind: question
    for question in (
        SingleChoice,
        MultipleChoice,
        Ranking,
        Scale,
        Matrix,
        Number,
        ShortText,
        LongText,
        Day,
        PlaceQuestion,
        PlacesChoice,
        Photo,
        Budget,
        Consent,
    )
}
"""Every kind of question, by its word in the format."""

FOLLOW_UP_KINDS: Final = ("single", "multiple", "scale", "number", "short_text", "long_text")
"""What can be asked of one place."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Questions that are shown together; `random_order` shuffles them, for each respondent in the same way again."""

    key: str
    title: Text
    text: Text
    show_if: Rule | None = None
    random_order: bool = False
    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True)
class SurveyDefinition:
    """All that is asked, in which words."""

    languages: tuple[str, ...]
    title: Text
    introduction: Text
    thanks: Text
    sections: tuple[Section, ...]

    @property
    def questions(self) -> Iterator[Question]:
        """The questions in order, without those that follow up on a place."""
        return (question for section in self.sections for question in section.questions)

    def question(self, key: str) -> Question | None:
        """The question of this key."""
        return next((question for question in self.questions if question.key == key), None)


def questions_named(rule: Rule | None) -> Sequence[str]:
    """The keys of the questions that a rule asks about, in order."""
    match rule:
        case None:
            return []
        case Answered() | Compared():
            return [rule.question]
        case Every() | Some():
            return [key for part in rule.rules for key in questions_named(part)]
        case Opposite():
            return questions_named(rule.rule)
