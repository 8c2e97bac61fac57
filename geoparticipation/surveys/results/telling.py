"""Which figures of a survey everybody may read, so that none is about a few people, nor any difference of them.

A question divides those who were asked it into groups by their answers; the districts divide the same people. Groups
of too few are told together; where what is left would still be too small, the smallest told group is left out, too.
Numbers of people who did not answer, or did not choose a thing, are groups like others. Questions have nothing to do
with one another but where a rule shows one only after an answer to another: then those asked are a told group of that
other question, or nothing is told. `docs/adr` has the reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from geoparticipation.mailings.domain.small_groups import parts_to_tell
from geoparticipation.surveys.answers.showing import holds
from geoparticipation.surveys.definition.model import (
    OTHER,
    Answered,
    Budget,
    Compared,
    Day,
    Matrix,
    MultipleChoice,
    Number,
    Photo,
    PlaceQuestion,
    PlacesChoice,
    Question,
    Ranking,
    Rule,
    Scale,
    SingleChoice,
    SurveyDefinition,
    questions_named,
)
from geoparticipation.surveys.results.cells import cells_to_tell, enough
from geoparticipation.surveys.results.figures import ANSWERED, ELSEWHERE, HEXAGON, LEAST, MORE, Figures, Part, Tallied

LEAST_TOLD: Final = 5
"""No figure that everybody sees is about fewer people."""
NOT_ANSWERED: Final = "\0not answered"
_OTHERS: Final = "\0others"
_NOT_CHOSEN: Final = "\0not chosen"


@dataclass(frozen=True)
class _Asked:
    """Those who were asked a question: how many, and where, as far as that is told (the others are ELSEWHERE)."""

    total: int
    by_row: Mapping[int, int]

    @property
    def rows(self) -> list[int]:
        """The districts that are told of them, and elsewhere."""
        return list(self.by_row)


@dataclass(frozen=True)
class _Outcome:
    """What is told of one part of a question: its values, and who gave the others."""

    told: Part
    everybody_else: int
    """People asked whose answer is not told, or who did not answer and of whom that is not told."""
    knows_not_answered: bool
    not_answered: int


def figures_to_tell(definition: SurveyDefinition, figures: Figures, *, least: int = LEAST_TOLD) -> Figures:
    """What may be told of the figures; nothing at all where there are too few responses."""
    return _Teller(definition, figures, least).all()


def rounded_down(figures: Figures, step: int = LEAST_TOLD) -> Figures:
    """The same with every number of people a multiple of `step`, and without amounts: for figures that still grow."""

    def down(tallied: Tallied) -> Tallied:
        by_district = Counter({district: n // step * step for district, n in tallied.by_district.items()})
        return Tallied(tallied.n // step * step, 0.0, by_district)

    parts = {
        key: {value: down(tallied) for value, tallied in part.items() if not tallied.amount}
        for key, part in figures.parts.items()
    }
    rest = {key: n // step * step for key, n in figures.rest.items()}
    return Figures(down(figures.responses), parts, rest, is_told=True)


class _Teller:
    def __init__(self, definition: SurveyDefinition, figures: Figures, least: int) -> None:
        self.definition, self.figures, self.least = definition, figures, least
        self.parts: dict[tuple[str, str], dict[str, Tallied]] = {}
        self.rest: dict[tuple[str, str], int] = {}
        self.asked: dict[str, _Asked] = {}
        self.outcomes: dict[str, _Outcome] = {}
        self.rules: dict[str, list[Rule]] = {}

    def all(self) -> Figures:
        responses = self.figures.responses
        if responses.n < self.least:
            return Figures(Tallied(), {}, is_told=True)
        districts = sorted(parts_to_tell(+Counter(responses.by_district), self.least))
        by_row = {district: responses.by_district[district] for district in districts}
        everybody = _Asked(responses.n, by_row | {ELSEWHERE: responses.n - sum(by_row.values())})
        for section in self.definition.sections:
            for question in section.questions:
                rules = [rule for rule in (section.show_if, question.show_if) if rule is not None]
                self.rules[question.key] = rules
                asked = self._asked(rules, everybody)
                if asked is not None and asked.total >= self.least:
                    self.asked[question.key] = asked
                    self._tell(question, asked)
        told = Tallied(responses.n, 0.0, Counter(by_row))
        return Figures(told, self.parts, self.rest, is_told=True)

    # --- Who was asked ------------------------------------------------------------------------------------------------

    def _asked(self, rules: list[Rule], everybody: _Asked) -> _Asked | None:
        """Those whom the rules show a question, where that is a told group; None where it is not."""
        if not rules:
            return everybody
        named = set(chain.from_iterable(questions_named(rule) for rule in rules))
        # What a question that is asked about needs itself, it needs for both.
        needed = [rule for key in named for rule in self.rules.get(key, [])]
        named = set(chain.from_iterable(questions_named(rule) for rule in rules if rule not in needed))
        if len(named) != 1:
            return None
        key = named.pop()
        asked_first, question = self.asked.get(key), self.definition.question(key)
        if asked_first is None or question is None:
            return None
        own = [rule for rule in rules if rule not in needed]
        if isinstance(question, MultipleChoice | PlacesChoice):
            group = self._chosen(question, own)
        else:
            group = self._having_answered(question, own, may_be_silent=not self.rules[key])
        if group is None:
            return None
        total = sum(tallied.n for tallied in group)
        by_row = {
            row: sum(tallied.by_district[row] for tallied in group)
            for row in asked_first.rows
            if row != ELSEWHERE and all(row in tallied.by_district for tallied in group)
        }
        return _Asked(total, by_row | {ELSEWHERE: total - sum(by_row.values())})

    def _chosen(self, question: Question, rules: list[Rule]) -> list[Tallied] | None:
        """Those who chose the one thing that the rule names, if that is told."""
        match rules:
            case [Compared(how="includes", value=value)]:
                told = self.parts.get((question.key, ""), {}).get(str(value))
                return [told] if told is not None else None
            case [Answered()]:
                told = self.parts.get((question.key, ""), {}).get(ANSWERED)
                return [Tallied(told.n)] if told is not None else None
        return None

    def _having_answered(self, question: Question, rules: list[Rule], *, may_be_silent: bool) -> list[Tallied] | None:
        """Those whose answer meets the rules, where each such answer is told, or nobody gave it."""
        answered = self.parts.get((question.key, ""), {}).get(ANSWERED)
        if rules == [Answered(question.key)]:
            return [Tallied(answered.n)] if answered is not None else None
        samples: dict[str, object]
        match question:
            case SingleChoice():
                samples = {choice.key: choice.key for choice in question.choices}
                samples |= {OTHER: {OTHER: "…"}} if question.other else {}
            case Scale():
                samples = {str(value): value for value in range(question.minimum, question.maximum + 1)}
            case _:
                return None
        outcome = self.outcomes[question.key]
        counted = self.figures.part(question.key)
        group = []
        for value, sample in samples.items():
            if all(holds(rule, {question.key: sample}) for rule in rules):
                if value in outcome.told:
                    group.append(outcome.told[value])
                elif value in counted and counted[value].n:
                    return None
        if all(holds(rule, {}) for rule in rules):
            if not may_be_silent or not outcome.knows_not_answered:
                return None
            group.append(Tallied(outcome.not_answered))
        return group

    # --- What they answered -------------------------------------------------------------------------------------------

    def _tell(self, question: Question, asked: _Asked) -> None:
        key = question.key
        answered = self.figures.answered(key) or Tallied()
        not_answered = asked.total - answered.n
        tells_answered = answered.n >= self.least and enough(not_answered, self.least)
        match question:
            case SingleChoice() | Scale() | Number() | Day():
                self.outcomes[key] = self._one_of(key, "", asked)
                tells_answered = self.outcomes[key].knows_not_answered and answered.n >= self.least
            case Matrix():
                for row in question.rows:
                    self._one_of(key, row.key, asked, shows_answered=False)
                tells_answered = False
            case Ranking():
                first = self._one_of(key, "1", asked)
                tells_answered = first.knows_not_answered and answered.n >= self.least
            case MultipleChoice():
                choices = len(question.choices) + question.other
                least, most = question.min_choices or 1, min(question.max_choices or choices, choices)
                tells_answered = self._several_of(
                    key, "", asked, answered, tells_answered=tells_answered, sizes=(least, most, choices)
                )
            case PlacesChoice():
                choices = len(question.places)
                most = min(question.max_choices or choices, choices)
                tells_answered = self._several_of(
                    key, "", asked, answered, tells_answered=tells_answered, sizes=(1, most, choices)
                )
            case Budget() if tells_answered:
                for item in question.items:
                    self._mean(key, item.key, answered)
        places = question.max_places if isinstance(question, PlaceQuestion) else int(isinstance(question, Photo))
        if places:
            if places == 1:
                outcome = self._one_of(key, HEXAGON, _Asked(asked.total, {ELSEWHERE: asked.total}))
                tells_answered = tells_answered and outcome.knows_not_answered
            elif tells_answered:
                nowhere = _Asked(asked.total, {ELSEWHERE: asked.total})
                # There are always hexagons that are not told, so their sizes say nothing.
                self._several_of(
                    key, HEXAGON, nowhere, answered, tells_answered=True, sizes=(1, places + 2, places + 9)
                )
        if tells_answered:
            self.parts.setdefault((key, ""), {})[ANSWERED] = Tallied(answered.n)

    def _one_of(self, key: str, part: str, asked: _Asked, *, shows_answered: bool = True) -> _Outcome:
        """Tell the answers to a question that has one; `shows_answered`: also how many answered if that is told."""
        counted = self.figures.part(key, part)
        given = sum(tallied.n for tallied in counted.values())
        sizes = {value: tallied.n for value, tallied in counted.items()} | {NOT_ANSWERED: asked.total - given}
        told = parts_to_tell(+Counter(sizes), self.least)  # an answer that nobody gave hides nobody and needs no hiding
        values = sorted(told - {NOT_ANSWERED})
        cells = {(value, row): counted[value].by_district[row] for value in values for row in asked.rows}
        for value in values:
            cells[value, ELSEWHERE] = counted[value].n - sum(
                cells[value, row] for row in asked.rows if row != ELSEWHERE
            )
        for row in asked.rows:
            cells[_OTHERS, row] = asked.by_row[row] - sum(cells[value, row] for value in values)
        found = self._cells(cells, [*values, _OTHERS], asked, values)
        outcome = {
            value: Tallied(counted[value].n, 0.0, Counter({row: cells[at, row] for at, row in found if at == value}))
            for value in values
        }
        everybody_else = asked.total - sum(tallied.n for tallied in outcome.values())
        knows = NOT_ANSWERED in told or sizes[NOT_ANSWERED] == 0
        if outcome:
            self.parts[key, part] = outcome
            rest = everybody_else - sizes[NOT_ANSWERED] if knows and shows_answered else everybody_else
            if rest:
                self.rest[key, part] = rest
        return _Outcome(dict(outcome), everybody_else, knows, sizes[NOT_ANSWERED])

    def _several_of(
        self,
        key: str,
        part: str,
        asked: _Asked,
        answered: Tallied,
        *,
        tells_answered: bool,
        sizes: tuple[int, int, int],
    ) -> bool:
        """Tell the answers to a question that has several: for each, who gave it and who did not.

        `sizes` are how few and how many choices are an answer, of how many there are. Returns whether it may be told
        how many answered.
        """
        counted = self.figures.part(key, part)
        fewest, most, choices = sizes
        if most == 1:
            return self._one_of(key, part, asked).knows_not_answered and answered.n >= self.least
        told = {
            value
            for value, tallied in counted.items()
            if tallied.n >= self.least
            and enough(answered.n - tallied.n, self.least)
            and enough(asked.total - tallied.n, self.least)
        }
        # Who leaves out one choice at the most has answered what is left out: one figure says enough.
        if told and fewest >= choices - 1:
            told = {max(told, key=lambda value: (counted[value].n, value))}
        # Where an answer has so many choices or one more, all of them together say how many chose more. Where it has
        # exactly so many, all together say how many answered, and all but one what is missing; and so in a district.
        is_fixed = most == fewest
        says_sizes = most - fewest == 1 and len(told) == choices
        says_answered = is_fixed and len(told) == choices and not tells_answered
        says_missing = is_fixed and len(told) == choices - 1
        if told and (says_sizes or says_answered or says_missing):
            told.remove(min(told, key=lambda value: (counted[value].n, value)))
        if is_fixed:
            asked = _Asked(asked.total, {ELSEWHERE: asked.total})
        for value in sorted(told):
            chosen, others = counted[value], _NOT_CHOSEN
            cells = {(value, row): chosen.by_district[row] for row in asked.rows}
            cells[value, ELSEWHERE] = chosen.n - sum(cells[value, row] for row in asked.rows if row != ELSEWHERE)
            columns = [value, others]
            if tells_answered:
                columns.append(NOT_ANSWERED)
                for row in asked.rows:
                    cells[NOT_ANSWERED, row] = asked.by_row[row] - answered.by_district[row]
                cells[NOT_ANSWERED, ELSEWHERE] = (asked.total - answered.n) - sum(
                    cells[NOT_ANSWERED, row] for row in asked.rows if row != ELSEWHERE
                )
            for row in asked.rows:
                cells[others, row] = asked.by_row[row] - cells[value, row] - cells.get((NOT_ANSWERED, row), 0)
            found = self._cells(cells, columns, asked, [value])
            self.parts.setdefault((key, part), {})[value] = Tallied(
                chosen.n, 0.0, Counter({row: cells[at, row] for at, row in found})
            )
        return tells_answered

    def _cells(
        self, counts: Mapping[tuple[str, int], int], columns: list[str], asked: _Asked, values: Iterable[str]
    ) -> frozenset[tuple[str, int]]:
        tellable = {
            (value, row)
            for value in values
            for row in asked.rows
            if row != ELSEWHERE and counts[value, row] >= self.least
        }
        return cells_to_tell(counts, columns, asked.rows, tellable, least=self.least)

    def _mean(self, key: str, item: str, answered: Tallied) -> None:
        """Tell what people gave to one thing on average, unless only a few gave it more, or only a few did not."""
        counted = self.figures.part(key, item)
        sizes = [counted[value].n if value in counted else 0 for value in (LEAST, MORE)]
        if all(enough(size, self.least) for size in sizes):
            self.parts[key, item] = {ANSWERED: Tallied(answered.n, sum(one.amount for one in counted.values()))}
