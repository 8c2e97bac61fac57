"""Show-if rules in words, and built from the answers to earlier questions, a line each.

A rule is simple when it is one comparison, or several of which all, or one at least, must hold; each may be turned
round by "not". What an import brought beyond that is shown in words and kept until it is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.model import OTHER, Text, in_language
from geoparticipation.surveys.editing.question_form import typed_number

Rule = dict[str, Any]

ALWAYS, ALL, ANY, KEEP = "always", "all", "any", "keep"
SPARE_LINES: Final = 2
MOST_LINES: Final = 10
_LISTED: Final = {"multiple": "choices", "ranking": "choices", "places_choice": "places"}


@dataclass(frozen=True)
class Line:
    """One comparison: `what` is the value of an option, `value` a number or text beside it."""

    what: str = ""
    value: str = ""


@dataclass(frozen=True)
class Options:
    """The comparisons that one earlier question offers, as values with their words."""

    label: str
    options: Sequence[tuple[str, str]]


@dataclass
class RuleForm:
    """When something is shown: always, or by `lines`."""

    earlier: list[Mapping[str, Any]]
    language: str
    mode: str = ALWAYS
    lines: list[Line] = field(default_factory=list)
    kept: Rule | None = None
    errors: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, rule: Rule | None, *, earlier: list[Mapping[str, Any]], language: str) -> RuleForm:
        """The form for a rule as it is kept."""
        form = cls(earlier, language, kept=rule)
        if rule is not None:
            form.mode, form.lines = form._simple() or (KEEP, [])
        return form

    def _simple(self) -> tuple[str, list[Line]] | None:
        """The kept rule as a mode and lines of the form; None where lines cannot say it."""
        found = _lines(self.kept) if self.kept is not None else None
        if found is None:
            return None
        known = {value for group in self.groups for value, _words in group.options}
        lines = []
        for line in found[1]:
            question, turned, how, value = line.what.split("|", 3)
            typed = f"{question}|{turned}|{how}|"  # what is compared with stands beside the option
            if line.what not in known and typed not in known:
                return None
            lines.append(line if line.what in known else Line(typed, value))
        return found[0], lines

    def read(self, post: QueryDict) -> Rule | None:
        """The rule that was chosen; None for always. What is wrong is in `errors`."""
        self.mode = post.get("rule.mode", ALWAYS)
        count = sum(1 for name in post if name.startswith("rule.") and name.endswith(".what"))
        lines = [
            Line(post.get(f"rule.{number}.what", ""), post.get(f"rule.{number}.value", "").strip()[:500])
            for number in range(min(count, MOST_LINES))
        ]
        self.lines = [line for line in lines if line.what]
        if self.mode == KEEP:
            return self.kept
        if self.mode == ALWAYS:
            return None
        rules = [rule for line in self.lines if (rule := self._rule(line)) is not None]
        if not rules:
            self.errors.append(_("Choose an answer to an earlier question, or “always”."))
            return None
        return rules[0] if len(rules) == 1 else {"all" if self.mode == ALL else "any": rules}

    def _rule(self, line: Line) -> Rule | None:
        known = {value for group in self.groups for value, _words in group.options}
        if line.what not in known:
            self.errors.append(_("An answer that was chosen is no longer there. Choose another one."))
            return None
        key, turned, how, value = line.what.split("|")
        rule: Rule = {"question": key, "is": how}
        if how != "answered":
            rule["value"] = value or self._typed(key, how, line.value)
        return {"not": rule} if turned else rule

    def _typed(self, key: str, how: str, text: str) -> Any:
        question = next(question for question in self.earlier if question["key"] == key)
        if question["kind"] not in {"number", "scale"}:
            return text
        number = typed_number(text)
        if isinstance(number, str):
            self.errors.append(
                _("Write the number that the answer to “%(question)s” is compared with.")
                % {"question": self._label(question)}
            )
            return 0
        return number

    @property
    def shown_lines(self) -> list[Line]:
        """The lines and some empty ones."""
        return [*self.lines, *[Line()] * SPARE_LINES][:MOST_LINES]

    @property
    def can_keep(self) -> bool:
        """Whether the kept rule is more than lines can say."""
        return self.kept is not None and self._simple() is None

    @property
    def kept_in_words(self) -> str:
        """The kept rule as a sentence."""
        return rule_in_words(self.kept, self.earlier, self.language)

    def _label(self, question: Mapping[str, Any]) -> str:
        return _short(question["label"], self.language)

    @property
    def groups(self) -> list[Options]:
        """What can be chosen of each earlier question."""
        return [Options(self._label(question), list(self._options(question))) for question in self.earlier]

    def _options(self, question: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        key = question["key"]
        yield f"{key}||answered|", _("is answered")
        yield f"{key}|not|answered|", _("is not answered")
        kind = question["kind"]
        if kind == "single" or kind in _LISTED:
            how = "equals" if kind == "single" else "includes"
            said = list(question[_LISTED.get(kind, "choices")])
            if question.get("other"):
                said.append({"key": OTHER, "label": {self.language: _("other")}})
            for choice in said:
                words = {"choice": _short(choice["label"], self.language)}
                yield f"{key}||{how}|{choice['key']}", _("is “%(choice)s”") % words
                yield f"{key}|not|{how}|{choice['key']}", _("is not “%(choice)s”") % words
        elif kind in {"number", "scale"}:
            yield f"{key}||at_least|", _("is at least …")
            yield f"{key}||at_most|", _("is at most …")
            yield f"{key}||equals|", _("is exactly …")
        elif kind in {"short_text", "date"}:
            yield f"{key}||equals|", _("is exactly …")


def _lines(rule: Rule) -> tuple[str, list[Line]] | None:
    """A simple rule as a mode and lines; None for others."""
    for mode, name in ((ALL, "all"), (ANY, "any")):
        if name in rule:
            lines = [_line(part) for part in rule[name]]
            known = [line for line in lines if line is not None]
            return (mode, known) if len(known) == len(lines) <= MOST_LINES else None
    line = _line(rule)
    return (ALL, [line]) if line is not None else None


def _line(rule: Rule) -> Line | None:
    turned = "not" if "not" in rule else ""
    rule = rule.get("not", rule)
    if "question" not in rule:
        return None
    how, value = rule["is"], rule.get("value", "")
    if how == "answered":
        return Line(f"{rule['question']}|{turned}|answered|")
    if how == "includes" or (how == "equals" and isinstance(value, str)):
        return Line(f"{rule['question']}|{turned}|{how}|{value}")
    return Line(f"{rule['question']}||{how}|", str(value)) if not turned else None


def earlier_than(definition: Mapping[str, Any], *, question: str = "", section: str = "") -> list[Mapping[str, Any]]:
    """The questions before a question or section; those beside it in a section of random order are not."""
    found: list[Mapping[str, Any]] = []
    for part in definition["sections"]:
        if part["key"] == section:
            return found
        keys = [one["key"] for one in part["questions"]]
        if question in keys:
            beside = [] if part.get("random_order") else part["questions"][: keys.index(question)]
            return [*found, *beside]
        found += part["questions"]
    return found


def rule_in_words(rule: Rule | None, questions: Sequence[Mapping[str, Any]], language: str) -> str:
    """A rule as a person reads it; empty for always."""
    if rule is None:
        return ""
    by_key = {question["key"]: question for question in questions}

    def words(part: Rule, *, inside: bool) -> str:
        for name, joint in (("all", _(" and ")), ("any", _(" or "))):
            if name in part:
                joined = joint.join(words(one, inside=True) for one in part[name])
                return f"({joined})" if inside and len(part[name]) > 1 else joined
        if "not" in part:
            return _("not: %(rule)s") % {"rule": words(part["not"], inside=True)}
        question = by_key.get(part["question"], {"label": {}, "kind": ""})
        said = {"question": _short(question["label"], language) or part["question"]}
        sentence = {
            "answered": _("“%(question)s” is answered"),
            "equals": _("“%(question)s” is “%(value)s”"),
            "includes": _("“%(question)s” includes “%(value)s”"),
            "at_least": _("“%(question)s” is at least %(value)s"),
            "at_most": _("“%(question)s” is at most %(value)s"),
        }[part["is"]]
        return sentence % {**said, "value": _value_in_words(question, part.get("value"), language)}

    return words(rule, inside=False)


def _value_in_words(question: Mapping[str, Any], value: Any, language: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(number_format(value))
    for choice in [*question.get("choices", []), *question.get("places", [])]:
        if choice["key"] == value:
            return _short(choice["label"], language)
    return _("other") if value == OTHER else str(value or "")


def _short(label: Text, language: str) -> str:
    words = " ".join(in_language(label, language).split())
    return words if len(words) <= 60 else f"{words[:59]}…"
