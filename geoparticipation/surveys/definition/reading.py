"""From JSON to a definition: reads all of it and names every fault, not only the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.faults import DefinitionRefused, Fault
from geoparticipation.surveys.definition.model import FOLLOW_UP_KINDS, FORMAT, Question, Section, SurveyDefinition
from geoparticipation.surveys.definition.reading_kinds import READERS
from geoparticipation.surveys.definition.reading_rules import check_rules, read_rule
from geoparticipation.surveys.definition.reading_values import At, Reading

MAX_SECTIONS: Final = 50
MAX_QUESTIONS: Final = 200
MAX_PHOTO_QUESTIONS: Final = 4
LONGEST_TITLE: Final = 200
LONGEST_TEXT: Final = 5000
LONGEST_LABEL: Final = 1000
_SURVEY_MEMBERS: Final = ("format", "languages", "title", "introduction", "thanks", "sections")
_SECTION_MEMBERS: Final = ("key", "title", "text", "show_if", "random_order", "questions")


def read_definition(mapping: object) -> SurveyDefinition:
    """The definition that this JSON is; raises DefinitionRefused with all its faults."""
    definition, faults = _read(mapping)
    if faults or definition is None:
        raise DefinitionRefused(faults)
    return definition


def find_faults(mapping: object) -> list[Fault]:
    """All that is to be changed in this JSON before it is a survey, in its order; nothing where it is one."""
    return _read(mapping)[1]


def _read(mapping: object) -> tuple[SurveyDefinition | None, list[Fault]]:
    reading = Reading()
    root = At(where="", question="", words=_("The survey"))
    if not isinstance(mapping, Mapping) or mapping.get("format") != FORMAT:
        reading.fault(root, "format_unknown", _("“format” must be “%(format)s”.") % {"format": FORMAT})
        return None, reading.faults
    reading.known_members(mapping, _SURVEY_MEMBERS, root)
    reading.languages = reading.read_languages(mapping, root)
    title = reading.text(mapping, "title", root, longest=LONGEST_TITLE, required=True)
    introduction = reading.text(mapping, "introduction", root, longest=LONGEST_TEXT)
    thanks = reading.text(mapping, "thanks", root, longest=LONGEST_TEXT)
    sections = [
        section
        for number, entry in enumerate(reading.objects(mapping, "sections", root, at_most=MAX_SECTIONS))
        if (section := _section(reading, entry, root.at(f"sections[{number}]"))) is not None
    ]
    definition = SurveyDefinition(
        languages=reading.languages, title=title, introduction=introduction, thanks=thanks, sections=tuple(sections)
    )
    _check_whole(reading, definition, root)
    return definition, reading.faults


def _section(reading: Reading, entry: Mapping[str, Any], place: At) -> Section | None:
    key = reading.key(entry, place)
    at = At(where=place.where, question=key, words=_("Section “%(key)s”") % {"key": key})
    reading.known_members(entry, _SECTION_MEMBERS, at)
    questions = [
        question
        for number, said in enumerate(reading.objects(entry, "questions", at, at_most=MAX_QUESTIONS))
        if (question := read_question(reading, said, at.at(f"questions[{number}]"))) is not None
    ]
    return Section(
        key=key,
        title=reading.text(entry, "title", at, longest=LONGEST_TITLE),
        text=reading.text(entry, "text", at, longest=LONGEST_TEXT),
        show_if=read_rule(reading, entry.get("show_if"), at.at("show_if")),
        random_order=reading.boolean(entry, "random_order", at),
        questions=tuple(questions),
    )


def read_question(
    reading: Reading, entry: Mapping[str, Any], place: At, *, follows_up: bool = False
) -> Question | None:
    """One question; None (and a fault) where its kind is unknown, or none that `follows_up` on a place."""
    kinds = FOLLOW_UP_KINDS if follows_up else tuple(READERS)
    key = reading.key(entry, place)
    at = At(where=place.where, question=key, words=_("Question “%(key)s”") % {"key": key})
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        said = _("there is no kind “%(kind)s” here. Take one of: %(kinds)s.")
        reading.fault(at.at("kind"), "kind_unknown", said % {"kind": str(kind)[:40], "kinds": ", ".join(kinds)})
        return None
    members, read = READERS[kind]
    common = ("key", "kind", "label", "help", "required", *(() if follows_up else ("show_if",)))
    reading.known_members(entry, (*common, *members), at)
    said_of_all = {
        "key": key,
        "label": reading.text(entry, "label", at, longest=LONGEST_LABEL, required=True),
        "help": reading.text(entry, "help", at, longest=LONGEST_TEXT),
        "required": reading.boolean(entry, "required", at),
        "show_if": None if follows_up else read_rule(reading, entry.get("show_if"), at.at("show_if")),
    }
    return read(
        reading, entry, at, lambda said, where: read_question(reading, said, where, follows_up=True), said_of_all
    )


def _check_whole(reading: Reading, definition: SurveyDefinition, root: At) -> None:
    """What only shows when all is read: keys used twice, too much of something, rules that look ahead."""
    questions = list(definition.questions)
    if len(questions) > MAX_QUESTIONS:
        said = _("has %(count)d questions; at most %(limit)d fit. Make two surveys of it.")
        reading.fault(root, "too_many", said % {"count": len(questions), "limit": MAX_QUESTIONS})
    photos = [question for question in questions if question.kind == "photo"]
    if len(photos) > MAX_PHOTO_QUESTIONS:
        said = _("asks for a photo too many: at most %(limit)d questions may ask for one.")
        at = At(where=root.where, question=photos[-1].key, words=_("Question “%(key)s”") % {"key": photos[-1].key})
        reading.fault(at, "too_many", said % {"limit": MAX_PHOTO_QUESTIONS})
    reading.unique([section.key for section in definition.sections], root.at("sections"))
    reading.unique([question.key for question in questions], root.at("sections"))
    check_rules(reading, definition)
