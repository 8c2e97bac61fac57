"""A survey as those who answer will see it: every section and question at once, with when each is shown in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language, override

from geoparticipation.surveys.definition import SurveyDefinition, in_language, write_definition
from geoparticipation.surveys.definition.model import Section
from geoparticipation.surveys.editing.rule_form import rule_in_words
from geoparticipation.surveys.filling.fields import Field, PageWords


@dataclass(frozen=True)
class QuestionSeen:
    """A question with its field of the filling page; `rule` is empty where it is always asked."""

    field: Field
    rule: str


@dataclass(frozen=True)
class SectionSeen:
    """A section with the questions in it."""

    title: str
    text: str
    rule: str
    questions: list[QuestionSeen]


@dataclass(frozen=True)
class Preview:
    """A survey in one of its languages; `only` is the key of the one question that is shown, empty for all of them."""

    definition: SurveyDefinition
    language: str
    only: str = ""

    @property
    def page_language(self) -> str:
        """The language of what the page itself says: the survey's where the site speaks it."""
        return self.language if self.language in dict(settings.LANGUAGES) else get_language() or ""

    @property
    def title(self) -> str:
        """What the survey is called."""
        return in_language(self.definition.title, self.language)

    @property
    def introduction(self) -> str:
        """What stands before the first question."""
        return in_language(self.definition.introduction, self.language)

    @property
    def thanks(self) -> str:
        """What is read after sending."""
        return in_language(self.definition.thanks, self.language)

    @property
    def sections(self) -> list[SectionSeen]:
        """In the order of the editor; what is shuffled on the filling page is not, so that one finds it again."""
        with override(self.page_language):
            return [section for section in self._all_sections() if section.questions]

    def _all_sections(self) -> Iterator[SectionSeen]:
        written = write_definition(self.definition)["sections"]
        asked = [question for section in written for question in section["questions"]]
        rules = {question["key"]: rule_in_words(question.get("show_if"), asked, self.language) for question in asked}
        words = PageWords(language=self.language, seed=0, answers={}, errors={})
        for section, plain in zip(self.definition.sections, written, strict=True):
            yield SectionSeen(
                title=in_language(section.title, self.language),
                text=in_language(section.text, self.language),
                rule=rule_in_words(plain.get("show_if"), asked, self.language),
                questions=self._questions(section, words, rules),
            )

    def _questions(self, section: Section, words: PageWords, rules: dict[str, str]) -> list[QuestionSeen]:
        return [
            QuestionSeen(Field(question, question.key, None, words), rules[question.key])
            for question in section.questions
            if self.only in {"", question.key}
        ]


def language_of_preview(languages: tuple[str, ...], wanted: str) -> str:
    """The language asked for if the survey is in it, else that of the page, else the survey's first one."""
    return next((one for one in (wanted, get_language() or "") if one in languages), languages[0])
