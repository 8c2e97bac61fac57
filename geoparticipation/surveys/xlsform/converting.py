"""From an XLSForm to a survey: what can be asked here is taken over, and every other thing is told row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from geoparticipation.surveys.definition import SurveyDefinition, find_faults, read_definition
from geoparticipation.surveys.definition.model import FOLLOW_UP_KINDS, FORMAT
from geoparticipation.surveys.definition.reading import LONGEST_LABEL, LONGEST_TEXT, LONGEST_TITLE, MAX_QUESTIONS
from geoparticipation.surveys.definition.reading_kinds import MAX_FOLLOW_UP, MAX_PLACES
from geoparticipation.surveys.definition.reading_values import LONGEST_CHOICE
from geoparticipation.surveys.xlsform.asking import MEDIA_COLUMNS, KindOf, kind_of
from geoparticipation.surveys.xlsform.errors import XlsFormRefused
from geoparticipation.surveys.xlsform.expressions import ExpressionUnreadable
from geoparticipation.surveys.xlsform.form import Form, read_form
from geoparticipation.surveys.xlsform.report import Outcome, Remark, Report
from geoparticipation.surveys.xlsform.rules import Asked, NotConvertible, Rule, limits_of, rule_of
from geoparticipation.surveys.xlsform.tree import Node, tree_of
from geoparticipation.surveys.xlsform.types import MEDIA

_REFERENCE: Final = re.compile(r"\$\{[^}]*\}")
_USUAL_PLACES: Final = 10
"""Places that may be marked where a form may be repeated without end."""
_GEOMETRIES: Final = {"point", "line", "area"}


def import_xlsform(content: bytes, *, language: str) -> tuple[SurveyDefinition, Report]:
    """The survey that a workbook asks, and what is not as it was; `language` is that of texts that name none.

    Raises XlsFormRefused where nothing can be taken over, and what `workbook.read_sheets` raises.
    """
    form = read_form(content, language=language)
    converting = _Converting(form)
    converting.take(tree_of(form))
    sections = [section for section in converting.sections if section["questions"]]
    if not sections:
        raise XlsFormRefused(_("None of the rows of this form is a question that can be asked here."))
    definition = converting.definition(sections)
    return definition, form.report


@dataclass(frozen=True)
class _Around:
    """The groups around a row: their last title, and when all of them are shown."""

    title: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    rules: tuple[Rule, ...] = ()


class _Keys:
    """Keys of the format made of names of the form, none twice."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def new(self, name: str, usual: str) -> str:
        base = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:36] or usual
        base = base if base[0].isalpha() else f"{usual}_{base}"[:36]
        key = next(key for key in self._tries(base) if key.lower() not in self.taken)
        self.taken.add(key.lower())
        return key

    @staticmethod
    def _tries(base: str) -> Iterator[str]:
        yield base
        number = 2
        while True:
            yield f"{base}_{number}"
            number += 1


class _Converting:
    """What was taken over up to now."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.asked: dict[str, Asked] = {}
        self.sections: list[dict[str, Any]] = []
        self.section_keys, self.question_keys = _Keys(), _Keys()
        self.around: _Around | None = None
        self.notes: list[dict[str, str]] = []

    # Telling

    def tell(self, node: Node, code: str, what: str, advice: str, *, column: str = "", lost: bool = False) -> None:
        outcome = Outcome.LEFT_OUT if lost else Outcome.CHANGED
        self.form.report.remarks.append(
            Remark("survey", node.row.number, node.name, column, outcome, code, what, advice)
        )

    # Groups

    def take(self, nodes: list[Node], around: _Around | None = None) -> None:
        """Take over rows and what they hold, in order."""
        around = around or _Around()
        for node in nodes:
            if node.type.word != "begin":
                self._take_row(node, around)
            elif node.type.list_name == "repeat":
                self._take_repeat(node, around)
            elif _is_table(node) and self._take_matrix(node, around):
                continue
            else:
                self._take_group(node, around)
        self._place_notes_left()

    def _take_group(self, node: Node, around: _Around) -> None:
        try:
            rule = rule_of(node.cell("relevant"), self.asked) if node.cell("relevant") else None
        except (ExpressionUnreadable, NotConvertible) as error:
            self._tell_rule(node, error)
            rule = None
        self._tell_members(node, ("read_only",))
        self._place_notes_left()
        self.around = None
        rules = (*around.rules, *((rule,) if rule else ()))
        self.take(node.inside, _Around(self.form.text(node.row) or around.title, node.name, rules))
        self._place_notes_left()
        self.around = None

    def _section(self, around: _Around) -> dict[str, Any]:
        """The section that rows with these groups around them belong to; a new one after a group."""
        if self.around != around or not self.sections:
            self.around = around
            section: dict[str, Any] = {
                "key": self.section_keys.new(around.name, f"s{len(self.sections) + 1}"),
                "title": _cut(around.title, LONGEST_TITLE),
                "text": {},
                "questions": [],
            }
            if around.rules:
                section["show_if"] = around.rules[0] if len(around.rules) == 1 else {"all": list(around.rules)}
            self.sections.append(section)
        return self.sections[-1]

    def _add(self, node: Node, around: _Around, question: dict[str, Any], asked: Asked) -> None:
        section = self._section(around)
        notes = self._taken_notes()
        if notes and not section["questions"]:
            section["text"] = _cut(_joined([section["text"], *notes]), LONGEST_TEXT)
        elif notes:
            question["help"] = _cut(_joined([*notes, question["help"]]), LONGEST_TEXT)
        section["questions"].append(question)
        self.form.report.written += len(question.get("rows", "1")) + len(question.get("follow_up", ""))
        if node.name:
            self.asked[node.name] = asked

    # Notes

    def _taken_notes(self) -> list[dict[str, str]]:
        notes, self.notes = self.notes, []
        return notes

    def _place_notes_left(self) -> None:
        """A note after the last question of a group goes to the text of its section."""
        notes = self._taken_notes()
        if notes and self.sections:
            section = self.sections[-1]
            section["text"] = _cut(_joined([section["text"], *notes]), LONGEST_TEXT)

    def _take_note(self, node: Node) -> None:
        if node.cell("relevant"):
            self.tell(
                node, "note_shown_sometimes",
                _("A text that is only shown sometimes cannot be taken over."),
                _("Put it into the help of a question, or into the text of a section with the same rule."),
                lost=True,
            )  # fmt: skip
        elif text := self._words(node):
            self.notes.append(_joined([text, self.form.text(node.row, "hint")]))

    # Questions

    def _words(self, node: Node) -> dict[str, str]:
        words = self.form.text(node.row)
        if any(_REFERENCE.search(said) for said in [*words.values(), *self.form.text(node.row, "hint").values()]):
            self.tell(
                node, "answer_in_text",
                _("The text would show an answer given before; it now stands there as it is written in the form."),
                _("Write the text anew without it."),
                column="label",
            )  # fmt: skip
        return words

    def _take_row(self, node: Node, around: _Around) -> None:
        word = node.type.word
        if word == "note":
            self._take_note(node)
            return
        if word == "metadata":
            self.tell(
                node, "metadata",
                _("“%(type)s” is not collected: it tells about the person's device or time.")
                % {"type": node.cell("type")},
                _("Nothing to do. The day of an answer is kept in any case."),
                lost=True,
            )  # fmt: skip
            return
        if word == "calculated":
            self.tell(
                node, "calculation",
                _("Nothing is calculated while a survey is filled in."),
                _("Calculate it from the exported answers."),
                lost=True,
            )  # fmt: skip
            return
        self.form.report.read += 1
        if len(self.question_keys.taken) >= MAX_QUESTIONS:
            self.tell(
                node, "too_many",
                _("A survey has %(limit)d questions at the most.") % {"limit": MAX_QUESTIONS},
                _("Make two surveys of this form."),
                lost=True,
            )  # fmt: skip
            return
        made = self._question(node)
        if made is not None:
            question, asked = made
            rule = self._show_if(node)
            if rule:
                question["show_if"] = rule
            self._add(node, around, question, asked)

    def _question(self, node: Node, *, follows_up: bool = False) -> tuple[dict[str, Any], Asked] | None:
        """The question of a row, without its rule; nothing (and a remark) where it cannot be asked."""
        if self._cannot_be_asked(node):
            return None
        kind = kind_of(node, self.form, lambda *said, **more: self.tell(node, *said, **more))
        if kind is None:
            return None
        label = self._words(node)
        if not label:
            label = {self.form.languages[0]: node.name or node.cell("type")}
            self.tell(
                node, "label_missing", _("It has no label; its name stands there now."), _("Write what you ask."),
                column="label",
            )  # fmt: skip
        key = self.question_keys.new(node.name, "q") if not follows_up else node.name
        question: dict[str, Any] = {
            "key": key,
            "kind": kind.kind,
            "label": _cut(label, LONGEST_LABEL),
            "help": _cut(self.form.text(node.row, "hint"), LONGEST_TEXT),
            "required": self._required(node),
            **kind.members,
        }
        self._constrain(node, kind, question)
        self._tell_members(
            node, ("default", "choice_filter", "constraint_message", "required_message", "guidance_hint", "media")
        )
        return question, Asked(key, kind.kind, kind.choices, kind.is_whole, bool(kind.members.get("other")))

    def _cannot_be_asked(self, node: Node) -> bool:
        word = node.type.word
        if word == "media":
            self.tell(
                node, "kind_unsupported",
                _("“%(type)s” cannot be asked here.") % {"type": node.cell("type")},
                str(MEDIA[node.type.list_name]),
                lost=True,
            )  # fmt: skip
        elif word == "elsewhere":
            self.tell(
                node, "choices_elsewhere",
                _("Its choices are in another file, which is not part of this form."),
                _("Put the choices into the sheet “choices”, at most 100 of them, or ask for a short text."),
                column="type", lost=True,
            )  # fmt: skip
        elif word == "unknown":
            self.tell(
                node, "type_unknown",
                _("The type “%(type)s” is not known.") % {"type": node.cell("type")[:60]},
                _("Look whether it is written as on xlsform.org, or add the question by hand."),
                column="type", lost=True,
            )  # fmt: skip
        elif node.says("read_only"):
            self.tell(
                node, "read_only",
                _("A question that nobody may answer is left out."),
                _("If people should read it, make a note of it."),
                column="read_only", lost=True,
            )  # fmt: skip
        else:
            return False
        return True

    def _required(self, node: Node) -> bool:
        said = node.cell("required")
        if said and not node.says("required") and said.lower() not in {"no", "false", "false()", "0", "non"}:
            self.tell(
                node, "required_sometimes",
                _("It is required only sometimes; now it never is."),
                _("Make it required, or leave it so."),
                column="required",
            )  # fmt: skip
        return node.says("required")

    def _show_if(self, node: Node) -> Rule | None:
        if not node.cell("relevant"):
            return None
        try:
            return rule_of(node.cell("relevant"), self.asked)
        except (ExpressionUnreadable, NotConvertible) as error:
            self._tell_rule(node, error)
            return None

    def _tell_rule(self, node: Node, error: Exception) -> None:
        self.tell(
            node, "rule_unsupported",
            _("The rule “%(rule)s” could not be taken over: %(why)s. It is now always shown.")
            % {"rule": node.cell("relevant")[:120], "why": str(error).rstrip(".")},
            _("Set when it is shown in the editor, by the answers to earlier questions."),
            column="relevant",
        )  # fmt: skip

    def _constrain(self, node: Node, kind: KindOf, question: dict[str, Any]) -> None:
        if not node.cell("constraint"):
            return
        found = limits_of(node.cell("constraint"), kind=kind.kind, is_whole=kind.is_whole)
        if question["kind"] == "scale":
            found.lost += [_("a scale has its own ends")] if found.members else []
            found.members = {}
        before = {name: question.get(name) for name in found.members}
        question.update(found.members)
        if not found.lost and _has_fault(self.form, question):
            for name, value in before.items():
                question.pop(name) if value is None else question.update({name: value})
            found.lost.append(_("its limits do not fit the question"))
        for what in found.loosened:
            self.tell(
                node, "constraint_loosened", _("The limit is a little wider: %(what)s.") % {"what": what},
                _("Change the limit in the editor if that matters."), column="constraint",
            )  # fmt: skip
        for why in found.lost:
            self.tell(
                node, "constraint_unsupported",
                _("A part of the constraint “%(rule)s” could not be taken over: %(why)s.")
                % {"rule": node.cell("constraint")[:120], "why": why.rstrip(".")},
                _("Say in the help what is expected."),
                column="constraint",
            )  # fmt: skip

    def _tell_members(self, node: Node, columns: tuple[str, ...]) -> None:
        told = {
            "default": (_("No answer is filled in beforehand."), _("Nothing to do, or say it in the help.")),
            "choice_filter": (
                _("All choices are offered, whatever was answered before."),
                _("Make one question for each case, with a rule, if the list is too long."),
            ),
            "constraint_message": (
                _("The site has its own words for an answer that does not fit."),
                _("Say in the help what is expected."),
            ),
            "required_message": (_("The site has its own words for a missing answer."), _("Nothing to do.")),
            "guidance_hint": (
                _("The guidance for interviewers is left out."),
                _("Add it to the help if people need it."),
            ),
            "media": (_("Pictures and sounds in questions are left out."), _("Describe them in the help.")),
            "read_only": (
                _("A group that nobody may answer is taken over as one to answer."),
                _("Remove it if need be."),
            ),
        }  # fmt: skip
        for column in columns:
            said = next((name for name in node.row.cells if _belongs(name, column)), "")
            if said:
                what, advice = told[column]
                self.tell(node, f"{column}_ignored", what, advice, column=said)

    # Groups that are one question here

    def _take_matrix(self, node: Node, around: _Around) -> bool:
        """A table of questions with the same choices is one question here; false where it is not one."""
        inside = [
            row for row in node.inside if "label" not in row.cell("appearance").split()
        ]  # that one heads the table
        rows = [row for row in inside if row.type.word == "single"]
        lists = {row.type.list_name for row in rows}
        if len(rows) < 2 or len(rows) != len(inside) or len(lists) != 1 or any(row.cell("relevant") for row in rows):
            return False
        kind = kind_of(rows[0], self.form, lambda *said, **more: None)
        if kind is None or len(kind.members["choices"]) > 10 or len(rows) > 30:
            return False
        self.form.report.read += len(rows)
        keys = _Keys()
        label = self._words(node) or {self.form.languages[0]: node.name or _("Table")}
        question: dict[str, Any] = {
            "key": self.question_keys.new(node.name, "q"),
            "kind": "matrix",
            "label": _cut(label, LONGEST_LABEL),
            "help": _cut(self.form.text(node.row, "hint"), LONGEST_TEXT),
            "required": all(row.says("required") for row in rows),
            "rows": [
                {
                    "key": keys.new(row.name, "r"),
                    "label": _cut(self._words(row) or {self.form.languages[0]: row.name}, LONGEST_CHOICE),
                }
                for row in rows
            ],
            "choices": kind.members["choices"],
        }
        rule = self._show_if(node)
        if rule:
            question["show_if"] = rule
        if not question["required"] and any(row.says("required") for row in rows):
            self.tell(
                node, "required_sometimes",
                _("Only some rows of the table are required; now none is."),
                _("Make the whole table required, or leave it so."),
                column="required",
            )  # fmt: skip
        self._add(node, around, question, Asked(question["key"], "matrix"))
        return True

    def _take_repeat(self, node: Node, around: _Around) -> None:
        """What is asked again for each of several places is one question on the map with further ones; else nothing."""
        places = [row for row in node.inside if row.type.word in _GEOMETRIES]
        if len(places) != 1 or any(row.type.word == "begin" for row in node.inside):
            self._tell_lost_repeat(node)
            return
        self.form.report.read += 1
        made = self._question(places[0])
        if made is None:
            return
        question, asked = made
        label = self.form.text(node.row)
        if label and label != question["label"]:
            question["help"] = _cut(_joined([question["label"], question["help"]]), LONGEST_TEXT)
            question["label"] = _cut(label, LONGEST_LABEL)
        count = node.cell("repeat_count")
        question["max_places"] = min(int(count), MAX_PLACES) if count.isdigit() and int(count) else _USUAL_PLACES
        question["follow_up"] = [*self._follow_up([row for row in node.inside if row is not places[0]])]
        rule = self._show_if(node)
        if rule:
            question["show_if"] = rule
        self.tell(
            node, "repeat_on_the_map",
            _("What is asked for each place is now one question on the map, with further questions on each place."),
            _("Look at how many places may be marked: now %(count)d.") % {"count": question["max_places"]},
        )  # fmt: skip
        self._add(node, around, question, asked)

    def _follow_up(self, nodes: list[Node]) -> Iterator[dict[str, Any]]:
        keys, count = _Keys(), 0
        for node in nodes:
            if node.type.word in {"note", "metadata", "calculated"}:
                self.tell(
                    node,
                    "not_of_a_place",
                    _("Only questions can follow on a place."),
                    _("Say it in the help."),
                    lost=True,
                )
                continue
            self.form.report.read += 1
            made = self._question(node, follows_up=True)
            if made is None:
                continue
            question, _asked = made
            if question["kind"] not in FOLLOW_UP_KINDS or count >= MAX_FOLLOW_UP:
                self.tell(
                    node, "not_of_a_place",
                    _("This cannot be asked of each place (or there are more than %(limit)d such questions).")
                    % {"limit": MAX_FOLLOW_UP},
                    _("Ask it once, after the question on the map."),
                    lost=True,
                )  # fmt: skip
                continue
            if node.cell("relevant"):
                self._tell_rule(node, NotConvertible(_("questions on a place are always shown")))
            question["key"] = keys.new(node.name, "q")
            count += 1
            yield question

    def _tell_lost_repeat(self, node: Node) -> None:
        self.tell(
            node, "repeat_unsupported",
            _("Questions cannot be asked again and again, unless each time about one place on the map."),
            _("Ask for the number and a text, or make a question on the map with further questions on each place."),
            lost=True,
        )  # fmt: skip
        for row in node.inside:
            if row.type.word == "begin":
                self._tell_lost_repeat(row)
            else:
                self.form.report.read += row.type.word not in {"note", "metadata", "calculated"}
                self.tell(
                    row, "in_repeat", _("It stands in a part that is repeated."), _("Ask it once, by hand."), lost=True
                )

    # The whole

    def definition(self, sections: list[dict[str, Any]]) -> SurveyDefinition:
        """What was taken over, checked as everything else is; a rule that does not fit after all is let go."""
        languages = list(self.form.languages)
        title = self.form.title or _("Survey")
        said = {
            "format": FORMAT,
            "languages": languages,
            "title": {languages[0]: title[:LONGEST_TITLE]},
            "introduction": {},
            "thanks": {},
            "sections": sections,
        }
        for fault in find_faults(said):
            if fault.code.startswith("rule_"):
                self._let_rule_go(sections, fault.question, fault.sentence)
        return read_definition(said)

    def _let_rule_go(self, sections: list[dict[str, Any]], key: str, why: str) -> None:
        for part in [*sections, *(question for section in sections for question in section["questions"])]:
            if part["key"] == key and part.pop("show_if", None):
                self.form.report.remarks.append(
                    Remark(
                        "survey", 0, key, "relevant", Outcome.CHANGED, "rule_unsupported",
                        _("It is now always shown. %(why)s") % {"why": why},
                        _("Set when it is shown in the editor, by the answers to earlier questions."),
                    )
                )  # fmt: skip


def _is_table(group: Node) -> bool:
    """Whether a group is laid out as a table, in one of the two ways that there are."""
    if "table-list" in group.cell("appearance").split():
        return True
    return any("list-nolabel" in row.cell("appearance").split() for row in group.inside)


def _belongs(name: str, column: str) -> bool:
    plain = name.partition(":")[0]
    return plain in MEDIA_COLUMNS if column == "media" else plain == column


def _has_fault(form: Form, question: dict[str, Any]) -> bool:
    """Whether the question could not be asked so."""
    alone = {key: value for key, value in question.items() if key != "show_if"}
    whole = {
        "format": FORMAT,
        "languages": list(form.languages),
        "title": {form.languages[0]: "-"},
        "sections": [{"key": "s1", "questions": [alone]}],
    }
    return bool(find_faults(whole))


def _cut(words: Mapping[str, str], longest: int) -> dict[str, str]:
    return {language: text[:longest] for language, text in words.items()}


def _joined(texts: list[dict[str, str]]) -> dict[str, str]:
    """Texts below one another, in each language."""
    languages = dict.fromkeys(language for text in texts for language in text)
    return {language: "\n\n".join(text[language] for text in texts if text.get(language)) for language in languages}
