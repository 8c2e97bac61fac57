"""Figures in the words of the survey: a table for each question, or for each row, rank and item of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.model import (
    OTHER,
    Budget,
    Day,
    LongText,
    Matrix,
    MultipleChoice,
    Number,
    PlaceQuestion,
    PlacesChoice,
    Question,
    Ranking,
    Scale,
    ShortText,
    SingleChoice,
    SurveyDefinition,
    Text,
    in_language,
)
from geoparticipation.surveys.results.figures import ANSWERED, FOLLOW_UP, HEXAGON, Figures, Tallied
from geoparticipation.surveys.results.ranges import bounds_of

MOST_HEXAGONS: Final = 10
"""Hexagons that the table beside a map names."""


@dataclass(frozen=True)
class Line:
    """One answer; `n` is None where it is not told. `share` is of those who answered, `bar` of the longest bar."""

    label: str
    n: int | None
    share: float | None = None
    bar: float = 0.0
    mean: float | None = None
    more: tuple[str, ...] = ()
    by_district: tuple[int | None, ...] = ()

    @property
    def percent(self) -> float | None:
        """The share in hundredths."""
        return None if self.share is None else 100 * self.share

    @property
    def words(self) -> str:
        """The figure of a bar, written out."""
        if self.mean is not None:
            return number_format(round(self.mean, 2), force_grouping=True)
        if self.n is None:
            return "–"
        said = number_format(self.n, force_grouping=True)
        return said if self.percent is None else f"{said} · {number_format(round(self.percent), 0)} %"


@dataclass(frozen=True)
class Table:
    """The answers to one part of a question. `rest` are people whose answers are told together only.

    `more` heads further columns. `counts` says what is counted: people, places or a mean.
    """

    title: str
    lines: tuple[Line, ...]
    rest: int | None = None
    more: tuple[str, ...] = ()
    counts: str = "people"
    unit: str = ""

    @property
    def has_districts(self) -> bool:
        """Whether anything is told by district."""
        return any(n is not None for line in self.lines for n in line.by_district)


@dataclass(frozen=True)
class QuestionResult:
    """All that is told of one question; `answered` is None where that is not told."""

    key: str
    number: int
    kind: str
    label: str
    answered: int | None
    tables: tuple[Table, ...]
    mean: float | None = None
    places: int | None = None
    unit: str = ""
    has_texts: bool = False
    hexagons: tuple[tuple[str, int], ...] = ()

    @property
    def has_map(self) -> bool:
        """Whether its answers lie on a map."""
        return self.kind == "place" or (self.kind == "photo" and bool(self.hexagons))

    @property
    def is_told(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.answered or self.hexagons or any(table.lines for table in self.tables))


def words(text: Text) -> str:
    """A text of the survey in the language of the page."""
    return in_language(text, get_language() or "")


def results_of(definition: SurveyDefinition, figures: Figures, districts: Sequence[int]) -> tuple[QuestionResult, ...]:
    """The questions of a survey with what was answered, in order; `districts` are the columns of the cross-tables."""
    maker = _Maker(figures, districts)
    return tuple(maker.question(question, number) for number, question in enumerate(definition.questions, start=1))


@dataclass(frozen=True)
class _Maker:
    figures: Figures
    districts: Sequence[int]

    def question(self, question: Question, number: int) -> QuestionResult:
        answered = self.figures.answered(question.key)
        is_number = isinstance(question, Number | Scale)
        return QuestionResult(
            key=question.key,
            number=number,
            kind=question.kind,
            label=words(question.label),
            answered=answered.n if answered is not None else None,
            tables=tuple(self._tables(question)),
            mean=answered.amount / answered.n if is_number and answered and answered.n and answered.amount else None,
            places=int(answered.amount) if isinstance(question, PlaceQuestion) and answered is not None else None,
            unit=words(question.unit) if isinstance(question, Number | Budget) else "",
            has_texts=has_texts(question),
            hexagons=self._hexagons(question.key),
        )

    def _hexagons(self, key: str) -> tuple[tuple[str, int], ...]:
        counted = self.figures.part(key, HEXAGON)
        most = sorted(counted.items(), key=lambda item: (-item[1].n, item[0]))[:MOST_HEXAGONS]
        return tuple((name, tallied.n) for name, tallied in most)

    def _tables(self, question: Question) -> Iterator[Table]:
        key = question.key
        match question:
            case SingleChoice() | MultipleChoice() | Scale() | Number() | Day() | PlacesChoice():
                yield self._table(key, "", labels_of(question) or self._found(question), words(question.label))
            case Matrix():
                labels = {choice.key: words(choice.label) for choice in question.choices}
                for row in question.rows:
                    yield self._table(key, row.key, labels, words(row.label))
            case Ranking():
                yield self._ranking(question)
            case Budget():
                yield self._budget(question)
            case PlaceQuestion() if not self.figures.is_told:
                for further in question.follow_up:
                    if isinstance(further, ShortText | LongText):
                        continue
                    part = f"{FOLLOW_UP}{further.key}"
                    labels = labels_of(further) or {
                        value: value for value in sorted(self.figures.part(key, part), key=float)
                    }
                    yield self._table(key, part, labels, words(further.label), counts="places")

    def _found(self, question: Question) -> dict[str, str]:
        """Labels of the ranges or months that there are."""
        values = self.figures.part(question.key)
        if isinstance(question, Day):
            return {
                value: date_format(date.fromisoformat(f"{value}-01"), "YEAR_MONTH_FORMAT") for value in sorted(values)
            }
        return {value: range_words(value) for value in sorted(values, key=bounds_of)}

    def _table(self, key: str, part: str, labels: Mapping[str, str], title: str, *, counts: str = "people") -> Table:
        counted = self.figures.part(key, part)
        told = self.figures.parts.get((key, part), {}).get(ANSWERED)
        whole = self.figures.answered(key) if counts == "people" else told
        base = whole.n if whole is not None else 0
        most = max((tallied.n for tallied in counted.values()), default=0)
        lines = tuple(self._line(label, counted.get(value), base, most) for value, label in labels.items())
        return Table(title, lines, rest=self.figures.rest.get((key, part)), counts=counts)

    def _line(self, label: str, tallied: Tallied | None, base: int, most: int) -> Line:
        if tallied is None:
            if self.figures.is_told:
                return Line(label, None, by_district=(None,) * len(self.districts))
            tallied = Tallied()
        told = [tallied.by_district.get(district, None if self.figures.is_told else 0) for district in self.districts]
        share = tallied.n / base if base else None
        return Line(label, tallied.n, share, tallied.n / most if most else 0.0, by_district=tuple(told))

    def _ranking(self, question: Ranking) -> Table:
        first = self._table(
            question.key, "1", {one.key: words(one.label) for one in question.choices}, words(question.label)
        )
        if self.figures.is_told:
            return first
        lines = []
        for choice, line in zip(question.choices, first.lines, strict=True):
            ranks = [
                (place, self.figures.part(question.key, str(place)).get(choice.key, Tallied()).n)
                for place in range(1, len(question.choices) + 1)
            ]
            ranked = sum(n for _place, n in ranks)
            mean = sum(place * n for place, n in ranks) / ranked if ranked else None
            more = (number_format(ranked, force_grouping=True), "–" if mean is None else number_format(round(mean, 1)))
            lines.append(Line(line.label, line.n, line.share, line.bar, more=more, by_district=line.by_district))
        return Table(first.title, tuple(lines), more=(_("Put in order by"), _("Average place")))

    def _budget(self, question: Budget) -> Table:
        means: list[tuple[str, float | None]] = []
        for item in question.items:
            counted = self.figures.parts.get((question.key, item.key), {}).values()
            people = sum(tallied.n for tallied in counted)
            means.append((words(item.label), sum(one.amount for one in counted) / people if people else None))
        most = max((mean for _label, mean in means if mean is not None), default=0)
        lines = tuple(Line(label, None, None, (mean or 0) / most if most else 0.0, mean) for label, mean in means)
        return Table(words(question.label), lines, counts="mean", unit=words(question.unit))


def has_texts(question: Question) -> bool:
    """Whether people may answer it in their own words."""
    is_choice = isinstance(question, SingleChoice | MultipleChoice)
    return isinstance(question, ShortText | LongText) or (is_choice and question.other)


def labels_of(question: Question) -> dict[str, str]:
    """The values of a question with a fixed list of them, and what each is called; nothing for others."""
    match question:
        case SingleChoice() | MultipleChoice():
            labels = {choice.key: words(choice.label) for choice in question.choices}
            return labels | ({OTHER: _("Something else")} if question.other else {})
        case PlacesChoice():
            return {place.key: words(place.label) for place in question.places}
        case Scale():
            ends = {question.minimum: question.minimum_label, question.maximum: question.maximum_label}
            return {
                str(value): f"{value} – {words(ends[value])}" if words(ends.get(value, {})) else str(value)
                for value in range(question.minimum, question.maximum + 1)
            }
    return {}


def range_words(name: str) -> str:
    """A range of numbers in words."""
    low, high = bounds_of(name)
    if low == high:
        return _number(low)
    return _("%(low)s to less than %(high)s") % {"low": _number(low), "high": _number(high)}


def _number(number: float) -> str:
    return number_format(int(number) if number == int(number) else number, force_grouping=True)
