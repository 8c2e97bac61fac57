"""The printed form of a survey: A4, everything that can be answered on paper, and the map of squares."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from geoparticipation.context import town_name
from geoparticipation.mapping import attribution
from geoparticipation.surveys.definition import in_language
from geoparticipation.surveys.definition.model import (
    Budget,
    Matrix,
    Number,
    PlaceQuestion,
    PlacesChoice,
    Question,
    Scale,
)
from geoparticipation.surveys.definition.writing import write_rule
from geoparticipation.surveys.domain.save_survey import without_words
from geoparticipation.surveys.editing.rule_form import rule_in_words
from geoparticipation.surveys.models import Survey
from geoparticipation.surveys.paper.grid import grid_of
from geoparticipation.surveys.paper.map_drawing import draw_map
from geoparticipation.surveys.paper.typed import MOST_PLACES, numbered, on_paper

_FONT: Final = "vendor/fonts/atkinson-hyperlegible-latin-{}-normal.woff2"


@dataclass(frozen=True)
class Printed:
    """A question as it stands on paper: its number, its words, what is numbered below it, and how many places."""

    number: str
    question: Question
    label: str
    help: str
    rule: str
    choices: list[tuple[int, str]]
    rows: list[str]
    items: list[tuple[str, float, float]]
    ends: tuple[str, str]
    unit: str
    places: range
    follow_up: list[Printed]

    @property
    def kind(self) -> str:
        """The kind, by its word in the format."""
        return self.question.kind


@dataclass(frozen=True)
class PrintedSection:
    """A section on paper."""

    title: str
    text: str
    rule: str
    questions: list[Printed]


def form_mark(survey: Survey) -> str:
    """A short mark of what is asked, printed on each page: another mark, another form, whatever its words."""
    return hashlib.sha256(without_words(survey.definition).encode()).hexdigest()[:6].upper()


def printed_sections(survey: Survey, language: str) -> list[PrintedSection]:
    """Everything that can be answered on paper, numbered through."""
    definition = survey.read
    known = [question for section in survey.definition["sections"] for question in section["questions"]]
    numbers: Iterator[int] = iter(range(1, 1000))

    def rule(of: Any) -> str:
        return rule_in_words(write_rule(of), known, language) if of is not None else ""

    def printed(question: Question, number: str) -> Printed:
        rows = question.rows if isinstance(question, Matrix) else ()
        items = question.items if isinstance(question, Budget) else ()
        follow_up = question.follow_up if isinstance(question, PlaceQuestion) else ()
        ends = (question.minimum_label, question.maximum_label) if isinstance(question, Scale) else ({}, {})
        return Printed(
            number=number,
            question=question,
            label=in_language(question.label, language),
            help=in_language(question.help, language),
            rule=rule(question.show_if),
            choices=[(at, in_language(label, language)) for at, label in numbered(question)],
            rows=[in_language(row.label, language) for row in rows],
            items=[(in_language(item.label, language), item.cost_minimum, item.cost_maximum) for item in items],
            ends=(in_language(ends[0], language), in_language(ends[1], language)),
            unit=in_language(question.unit, language) if isinstance(question, Budget | Number) else "",
            places=range(1, min(question.max_places, MOST_PLACES) + 1 if isinstance(question, PlaceQuestion) else 1),
            follow_up=[printed(part, "") for part in follow_up],
        )

    return [
        PrintedSection(
            in_language(section.title, language),
            in_language(section.text, language),
            rule(section.show_if),
            [printed(question, str(next(numbers))) for question in section.questions if on_paper(question)],
        )
        for section in definition.sections
    ]


def paper_form(survey: Survey, *, language: str) -> bytes:
    """The form as a PDF in one of the survey's languages; the squares of its map are kept from the first time on.

    WeasyPrint may fetch nothing but what the page itself holds. At most eight queries.
    """
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    with override(language):
        asks_places = any(isinstance(question, PlaceQuestion | PlacesChoice) for question in survey.read.questions)
        grid = grid_of(survey) if asks_places else None
        context = {
            "survey": survey,
            "language": language,
            "title": in_language(survey.read.title, language),
            "introduction": in_language(survey.read.introduction, language),
            "sections": printed_sections(survey, language),
            "map": _as_data(draw_map(grid)) if grid is not None else "",
            "attribution": attribution(),
            "mark": form_mark(survey),
            "town_name": town_name(),
            "fonts": _fonts(),
        }
        page = render_to_string("surveys/paper/form.html", context)
    pdf: bytes = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=["data"])).write_pdf()
    return pdf


def _as_data(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


@cache
def _fonts() -> SafeString:
    """The site's own letters, as part of the file."""
    rules = []
    for weight in (400, 700):
        found = finders.find(_FONT.format(weight))
        if not found:
            raise FileNotFoundError(f"{_FONT.format(weight)} is not installed: run make setup")
        data = base64.b64encode(Path(str(found)).read_bytes()).decode()
        rules.append(
            f'@font-face{{font-family:"Atkinson Hyperlegible";font-weight:{weight};'
            f'src:url("data:font/woff2;base64,{data}")}}'
        )
    return mark_safe("".join(rules))  # two files of the font's package
