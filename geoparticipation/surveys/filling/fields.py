"""What a page shows of a question: its words in one language, what is filled in, and what is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from geoparticipation.contributions.models import HeldPhoto
from geoparticipation.surveys.answers.values import is_other
from geoparticipation.surveys.definition import in_language
from geoparticipation.surveys.definition.model import (
    Choice,
    PlaceChoice,
    PlaceQuestion,
    Question,
    Section,
)
from geoparticipation.surveys.filling.names import name_of
from geoparticipation.surveys.filling.reading import OTHER_CHOSEN


@dataclass(frozen=True)
class PageWords:
    """What all fields of a page share."""

    language: str
    seed: int
    answers: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]]
    """Sentences by path."""
    place_choices: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Places that one may have meant, by the path of the place."""
    held: Mapping[str, HeldPhoto] = field(default_factory=dict)
    """Photos that are kept for the form, by code."""


@dataclass(frozen=True)
class Option:
    """One thing to choose."""

    value: str
    label: str
    is_chosen: bool
    id: str


@dataclass(frozen=True)
class Row:
    """A row of a matrix, with its own choices."""

    label: str
    name: str
    options: list[Option]
    errors: Sequence[str]


@dataclass(frozen=True)
class Item:
    """What a budget can go to."""

    item: Any
    label: str
    name: str
    value: Any
    errors: Sequence[str]


@dataclass(frozen=True)
class PlaceField:
    """One place that is asked for, with its further questions; `number` counts from 1."""

    number: int
    name: str
    errors: Sequence[str]
    text: str
    chosen: str
    geometry: str
    choices: Sequence[Any]
    follow_up: list[Field]


@dataclass(frozen=True)
class Field:
    """One question on a page. `path` leads to its answer in the verdict; `name` is its name and id in the form."""

    question: Question
    path: str
    value: Any
    page: PageWords
    depends: bool = False
    """Whether an answer on the same page decides if it is asked."""

    @property
    def name(self) -> str:
        """Its name and id in the form."""
        return name_of(self.path)

    @property
    def template(self) -> str:
        """The template that shows this kind."""
        return f"surveys/fields/{self.question.kind}.html"

    @property
    def label(self) -> str:
        """The question."""
        return in_language(self.question.label, self.page.language)

    @property
    def help(self) -> str:
        """What helps to answer it."""
        return in_language(self.question.help, self.page.language)

    @property
    def errors(self) -> Sequence[str]:
        """What is wrong with it."""
        return self.page.errors.get(self.path, ())

    def words(self, member: str) -> str:
        """Words that this kind of question has of its own."""
        return in_language(getattr(self.question, member), self.page.language)

    @property
    def unit(self) -> str:
        """What its numbers count."""
        return self.words("unit")

    @property
    def minimum_label(self) -> str:
        """Words for the lower end of a scale."""
        return self.words("minimum_label")

    @property
    def maximum_label(self) -> str:
        """Words for the upper end of a scale."""
        return self.words("maximum_label")

    @property
    def text(self) -> str:
        """A text, a date or a number as it was typed."""
        return "" if self.value is None or isinstance(self.value, dict | list | bool) else str(self.value)

    @cached_property
    def _chosen(self) -> list[str]:
        values = self.value if isinstance(self.value, list) else [self.value]
        return [OTHER_CHOSEN if is_other(value) else value for value in values if value is not None]

    @property
    def options(self) -> list[Option]:
        """The choices, in this respondent's order; "other" stays last and is not among them."""
        choices: Sequence[Choice | PlaceChoice] = getattr(
            self.question, "choices", getattr(self.question, "places", ())
        )
        if getattr(self.question, "random_order", False):
            choices = shuffled(choices, self.page.seed, self.question.key)
        return [self._option(choice.key, in_language(choice.label, self.page.language)) for choice in choices]

    def _option(self, key: str, label: str) -> Option:
        return Option(key, label, key in self._chosen, f"{self.name}={key}")

    @property
    def is_other_chosen(self) -> bool:
        """Whether one chose to say it in one's own words."""
        return OTHER_CHOSEN in self._chosen

    @property
    def other_text(self) -> str:
        """One's own words."""
        values = self.value if isinstance(self.value, list) else [self.value]
        return next((value["other"] for value in values if is_other(value)), "")

    @property
    def other_name(self) -> str:
        """The field of one's own words."""
        return name_of(f"{self.path}.other")

    @property
    def other_errors(self) -> Sequence[str]:
        """What is wrong with one's own words."""
        return self.page.errors.get(f"{self.path}.other", ())

    @property
    def steps(self) -> list[Option]:
        """The numbers of a scale."""
        question: Any = self.question
        numbers = range(question.minimum, question.maximum + 1)
        return [Option(str(n), str(n), self.value == n, f"{self.name}={n}") for n in numbers]

    @property
    def rows(self) -> list[Row]:
        """The rows of a matrix."""
        question: Any = self.question
        given = self.value if isinstance(self.value, dict) else {}
        language = self.page.language
        rows = []
        for row in question.rows:
            path = f"{self.path}.{row.key}"
            name = name_of(path)
            options = [
                Option(
                    choice.key,
                    in_language(choice.label, language),
                    given.get(row.key) == choice.key,
                    f"{name}={choice.key}",
                )
                for choice in question.choices
            ]
            rows.append(Row(in_language(row.label, language), name, options, self.page.errors.get(path, ())))
        return rows

    @property
    def ranks(self) -> list[tuple[int, str, list[Option]]]:
        """Number, name and choices of each rank."""
        question: Any = self.question
        given = self.value if isinstance(self.value, list) else []
        count = question.max_ranks or len(question.choices)
        return [
            (
                rank,
                name_of(f"{self.path}.{rank}"),
                [
                    Option(
                        choice.key,
                        in_language(choice.label, self.page.language),
                        rank <= len(given) and given[rank - 1] == choice.key,
                        "",
                    )
                    for choice in question.choices
                ],
            )
            for rank in range(1, count + 1)
        ]

    @property
    def items(self) -> list[Item]:
        """The items of a budget, each at its least amount where nothing is said of it yet."""
        question: Any = self.question
        given = self.value if isinstance(self.value, dict) else {}
        return [
            Item(
                item,
                in_language(item.label, self.page.language),
                name_of(f"{self.path}.{item.key}"),
                given.get(item.key, ""),
                self.page.errors.get(f"{self.path}.{item.key}", ()),
            )
            for item in question.items
        ]

    @property
    def places(self) -> list[PlaceField]:
        """The places given, and an empty one where there is none."""
        question: Any = self.question
        entries = [entry for entry in self.value if isinstance(entry, dict)] if isinstance(self.value, list) else []
        return [self._place(question, number, entry) for number, entry in enumerate(entries or [{}])]

    @property
    def photo_place(self) -> PlaceField:
        """Where a photo was taken."""
        place = self.value.get("place") if isinstance(self.value, dict) else None
        return self._place(self.question, 0, place if isinstance(place, dict) else {})

    def _place(self, question: Any, number: int, entry: Mapping[str, Any]) -> PlaceField:
        path = f"{self.path}[{number}]"
        said = entry.get("follow_up") or {}
        drawn = entry.get("geometry")
        follow_up = question.follow_up if isinstance(question, PlaceQuestion) else ()
        return PlaceField(
            number=number + 1,
            name=name_of(path),
            errors=self.page.errors.get(path, ()),
            text=str(entry.get("text", "")),
            chosen=str(entry.get("chosen", "")),
            geometry=json.dumps(drawn) if drawn is not None else "",
            choices=self.page.place_choices.get(path, ()),
            follow_up=[Field(asked, f"{path}.{asked.key}", said.get(asked.key), self.page) for asked in follow_up],
        )

    @property
    def can_add_place(self) -> bool:
        """Whether another place may be given."""
        question: Any = self.question
        return len(self.places) < question.max_places

    @property
    def photo(self) -> HeldPhoto | None:
        """The photo that is kept for this question."""
        code = self.value.get("code") if isinstance(self.value, dict) else None
        return self.page.held.get(str(code))

    @property
    def photo_description(self) -> str:
        """The words for who cannot see the photo."""
        return str(self.value.get("description", "")) if isinstance(self.value, dict) else ""


def fields_of(section: Section, shown: Sequence[str], depending: Sequence[str], page: PageWords) -> list[Field]:
    """The questions of a section that may be asked: those shown, and those that an answer beside them may show."""
    questions: Sequence[Question] = section.questions
    if section.random_order:
        questions = shuffled(questions, page.seed, section.key)
    return [
        Field(question, question.key, page.answers.get(question.key), page, depends=question.key in depending)
        for question in questions
        if question.key in shown or question.key in depending
    ]


def shuffled(things: Sequence[Any], seed: int, key: str) -> list[Any]:
    """In an order that looks random and is the same for the same respondent, whatever else changes in the survey."""

    def rank(thing: Any) -> bytes:
        return hashlib.sha256(f"{seed} {key} {thing.key}".encode()).digest()

    return sorted(things, key=rank)
