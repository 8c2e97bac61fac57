"""What a `relevant` says as a rule of a survey, and what a `constraint` says as limits of a question.

Only what comes out the same is turned: an expression that means more than a rule can say is refused in words. As in
XPath, a comparison with a question that has no answer does not hold, and its `!=` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.model import OTHER
from geoparticipation.surveys.definition.reading_rules import MAX_DEPTH, MAX_PARTS
from geoparticipation.surveys.xlsform.expressions import (
    Answer,
    Call,
    Expression,
    ExpressionUnreadable,
    Negative,
    Number,
    Operation,
    Text,
    parse_expression,
)

Rule = dict[str, Any]

CHOOSING: Final = {"single", "multiple"}
COUNTING: Final = {"number", "scale"}
WRITING: Final = {"short_text", "long_text"}
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_OPPOSITE: Final = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}


class NotConvertible(ValueError):
    """An expression that is read and cannot be said here; its text says which part, in words."""


@dataclass(frozen=True)
class Asked:
    """A question that came before: its key and kind here, its choices by their names in the form."""

    key: str
    kind: str
    choices: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False
    other: bool = False


def rule_of(text: str, asked: Mapping[str, Asked]) -> Rule | None:
    """The rule that a `relevant` says, None where it always holds.

    Raises ExpressionUnreadable, NotConvertible.
    """
    found = _rule(parse_expression(text), asked)
    if _depth(found) > MAX_DEPTH or _widest(found) > MAX_PARTS:
        raise NotConvertible(_("it has too many parts for a rule here"))
    return None if found == {"all": []} else found


def _within(rule: Rule) -> list[Rule]:
    return [rule["not"]] if "not" in rule else [*rule.get("all", []), *rule.get("any", [])]


def _depth(rule: Rule) -> int:
    return 1 + max(map(_depth, _within(rule)), default=0)


def _widest(rule: Rule) -> int:
    inside = _within(rule)
    return max([len(inside), *map(_widest, inside)])


def _rule(said: Expression, asked: Mapping[str, Asked]) -> Rule:
    match said:
        case Operation("and" | "or" as operator, _left, _right):
            return _joined(operator, [_rule(part, asked) for part in _parts(said, operator)])
        case Operation("=" | "!=" | "<" | "<=" | ">" | ">=", left, right):
            return _comparison(said.operator, left, right, asked)
        case Call("not", (inside,)):
            return _not(_rule(inside, asked))
        case Call("true", ()):
            return {"all": []}
        case Call("selected", (Answer(name), Text(value))):
            return _selected(_known(name, asked), value)
        case Call("selected", (Answer(name), Number(value))):
            return _selected(_known(name, asked), _plain(value))
        case Call("boolean", (Answer(name),)):
            return _answered(_known(name, asked))
        case Call("string-length" | "count-selected", (Answer(name),)):
            return _answered(_known(name, asked))
        case Call(function, _given):
            raise NotConvertible(_("the function %(name)s() is not known here") % {"name": function})
    raise NotConvertible(_("it does not compare the answer to a question with anything"))


def _parts(said: Expression, operator: str) -> list[Expression]:
    """What is joined by the same `and`s or `or`s, in order."""
    found = []
    while isinstance(said, Operation) and said.operator == operator:
        found.append(said.right)
        said = said.left
    return [said, *reversed(found)]


def _joined(operator: str, rules: list[Rule]) -> Rule:
    """Rules joined into one; what stands in parentheses of the same kind is joined with the rest."""
    always: Rule = {"all": []}
    if operator == "or" and always in rules:
        return always
    name = "all" if operator == "and" else "any"
    flat = [part for rule in rules for part in rule.get(name, [rule])]
    return flat[0] if len(flat) == 1 else {name: flat}


def _not(rule: Rule) -> Rule:
    if rule == {"all": []}:
        raise NotConvertible(_("it never holds"))
    return rule["not"] if set(rule) == {"not"} else {"not": rule}


def _known(name: str, asked: Mapping[str, Asked]) -> Asked:
    if not name:
        raise NotConvertible(_("“.” is the question itself, which has no answer before it is shown"))
    if name not in asked:
        raise NotConvertible(_("“%(name)s” is not asked before, or could not be taken over") % {"name": name})
    return asked[name]


def _answered(question: Asked) -> Rule:
    return {"question": question.key, "is": "answered"}


def _plain(number: float) -> str:
    """A number as XPath writes it as text."""
    return str(int(number)) if number == int(number) else repr(number)


def _choice(question: Asked, name: str) -> str:
    if question.other and name == OTHER:
        return OTHER
    if name not in question.choices:
        raise NotConvertible(
            _("“%(choice)s” is not a choice of “%(question)s”") % {"choice": name, "question": question.key}
        )
    return question.choices[name]


def _selected(question: Asked, name: str) -> Rule:
    if question.kind not in CHOOSING:
        raise NotConvertible(_("“%(question)s” has no choices that can be looked at") % {"question": question.key})
    how = "equals" if question.kind == "single" else "includes"
    return {"question": question.key, "is": how, "value": _choice(question, name)}


def _comparison(operator: str, left: Expression, right: Expression, asked: Mapping[str, Asked]) -> Rule:
    if not _is_about_answer(left):
        operator, left, right = _TURNED[operator], right, left
    match left:
        case Answer(name):
            return _compared(operator, _known(name, asked), _fixed(right))
        case Call("string-length" | "count-selected", (Answer(name),)):
            return _counted(operator, _known(name, asked), _fixed(right))
        case Call("number" | "int" | "string", (Answer(name),)):
            return _compared(operator, _known(name, asked), _fixed(right))
    raise NotConvertible(_("it compares with something else than one answer"))


def _is_about_answer(said: Expression) -> bool:
    return isinstance(said, Answer) or (isinstance(said, Call) and any(isinstance(part, Answer) for part in said.given))


def _fixed(said: Expression) -> str | float:
    """A text or a number that does not depend on any answer."""
    match said:
        case Text(value) | Number(value):
            return value
        case Negative(of):
            value = _fixed(of)
            if isinstance(value, float):
                return -value
        case Call("number" | "int" | "date" | "string", (of,)):
            return _fixed(of)
    raise NotConvertible(_("it compares with what is only known while the form is filled in"))


def _counted(operator: str, question: Asked, value: str | float) -> Rule:
    """How long a text is, or how many are chosen: only whether there is something at all."""
    if (operator, value) in {(">", 0), (">=", 1), ("!=", 0)}:
        return _answered(question)
    if (operator, value) in {("=", 0), ("<", 1), ("<=", 0)}:
        return {"not": _answered(question)}
    raise NotConvertible(_("it counts characters or choices"))


def _compared(operator: str, question: Asked, value: str | float) -> Rule:
    if value == "" and operator in {"=", "!="}:
        return _answered(question) if operator == "!=" else {"not": _answered(question)}
    if operator == "!=":
        return {"not": _compared("=", question, value)}
    if question.kind in COUNTING:
        return _number_compared(operator, question, value)
    if operator != "=":
        raise NotConvertible(_("“%(question)s” is not a number") % {"question": question.key})
    if question.kind == "consent" and value == "OK":
        return _answered(question)
    text = value if isinstance(value, str) else _plain(value)
    if question.kind == "single":
        return {"question": question.key, "is": "equals", "value": _choice(question, text)}
    if question.kind == "multiple":
        return _exactly(question, text.split())
    if question.kind in {"short_text", "date"} and isinstance(value, str):
        return {"question": question.key, "is": "equals", "value": text}
    raise NotConvertible(_("an answer to “%(question)s” cannot be compared") % {"question": question.key})


def _exactly(question: Asked, names: list[str]) -> Rule:
    """`=` on several choices holds when they are these and no others."""
    wanted = [_choice(question, name) for name in names]
    every = [*question.choices.values(), *([OTHER] if question.other else [])]
    chosen: list[Rule] = [{"question": question.key, "is": "includes", "value": key} for key in wanted]
    others: list[Rule] = [
        {"not": {"question": question.key, "is": "includes", "value": key}} for key in every if key not in wanted
    ]
    return _joined("and", [*chosen, *others])


def _number_compared(operator: str, question: Asked, value: str | float) -> Rule:
    try:
        number = float(value)
    except ValueError:
        raise NotConvertible(
            _("“%(question)s” is a number, and “%(value)s” is none") % {"question": question.key, "value": value}
        ) from None

    def said(how: str, limit: float) -> Rule:
        return {"question": question.key, "is": how, "value": tidy(limit)}

    if operator == "=":
        return said("equals", number)
    if operator in {">=", "<="}:
        return said("at_least" if operator == ">=" else "at_most", number)
    if question.is_whole:
        return said("at_least", math.floor(number) + 1) if operator == ">" else said("at_most", math.ceil(number) - 1)
    # What is not answered is neither more nor less.
    beyond = said("at_most", number) if operator == ">" else said("at_least", number)
    return {"all": [_answered(question), {"not": beyond}]}


def tidy(number: float) -> float | int:
    """A whole number as such."""
    return int(number) if number == int(number) else number


@dataclass
class Limits:
    """What a `constraint` allows: members of a question of the format, and what could not be taken over, in words."""

    members: dict[str, Any] = field(default_factory=dict)
    loosened: list[str] = field(default_factory=list)
    """What is taken over less strictly."""
    lost: list[str] = field(default_factory=list)


def limits_of(text: str, *, kind: str, is_whole: bool) -> Limits:
    """Read a `constraint` of a question of this kind. Never raises: what is not understood is in `lost`."""
    found = Limits()
    try:
        said = parse_expression(text)
    except ExpressionUnreadable as error:
        found.lost.append(str(error))
        return found
    for part in _parts(said, "and"):
        try:
            _limit(part, kind, is_whole, found)
        except NotConvertible as error:
            found.lost.append(str(error))
    return found


def _limit(said: Expression, kind: str, is_whole: bool, found: Limits) -> None:
    if isinstance(said, Call) and said.function == "not" and len(said.given) == 1:
        inside = said.given[0]
        if isinstance(inside, Operation) and inside.operator in _OPPOSITE:
            said = Operation(_OPPOSITE[inside.operator], inside.left, inside.right)
    if not (isinstance(said, Operation) and said.operator in _TURNED):
        raise NotConvertible(_("only limits to numbers, dates, lengths and numbers of choices can be taken over"))
    operator, left, right = said.operator, said.left, said.right
    if not _is_about_answer(left):
        operator, left, right = _TURNED[operator], right, left
    value = _fixed(right)
    match left:
        case Answer("") if kind in COUNTING:
            _number_limit(operator, float(value) if _is_number(value) else math.nan, is_whole, found)
        case Answer("") if kind == "date" and isinstance(value, str):
            _put(operator, value, ("earliest", "latest"), found)
        case Call("string-length", (Answer(""),)) if kind in WRITING:
            _count_limit(operator, value, (None, "max_length"), found)
        case Call("count-selected", (Answer(""),)) if kind == "multiple":
            _count_limit(operator, value, ("min_choices", "max_choices"), found)
        case _:
            raise NotConvertible(_("only limits to numbers, dates, lengths and numbers of choices can be taken over"))


def _is_number(value: str | float) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def _number_limit(operator: str, value: float, is_whole: bool, found: Limits) -> None:
    if not math.isfinite(value):
        raise NotConvertible(_("a number cannot be compared with a text"))
    if operator in {"<", ">"} and is_whole:
        value = math.floor(value) + 1 if operator == ">" else math.ceil(value) - 1
        operator += "="
    if operator in {"<", ">"}:
        found.loosened.append(_("%(limit)s itself is now allowed, too") % {"limit": _plain(value)})
        operator += "="
    _put(operator, tidy(value), ("minimum", "maximum"), found)


def _count_limit(operator: str, value: str | float, names: tuple[str | None, str], found: Limits) -> None:
    if not _is_number(value):
        raise NotConvertible(_("a number cannot be compared with a text"))
    count = float(value)
    if operator in {"<", ">"}:
        count = math.floor(count) + 1 if operator == ">" else math.ceil(count) - 1
        operator += "="
    count = math.ceil(count) if operator == ">=" else math.floor(count)
    if operator == ">=" and count <= 0:
        return
    _put(operator, int(count), names, found)


def _put(operator: str, value: Any, names: tuple[str | None, str], found: Limits) -> None:
    """Set the lower or the upper limit, or both; the stricter stays."""
    if operator in {"<", ">", "!="}:
        raise NotConvertible(_("a limit cannot leave out single values"))
    lower, upper = names
    stricter: list[tuple[str | None, Callable[..., Any]]] = []
    if operator in {">=", "="}:
        stricter.append((lower, max))
    if operator in {"<=", "="}:
        stricter.append((upper, min))
    for name, pick in stricter:
        if name is None:
            raise NotConvertible(_("a text cannot be required to be long"))
        found.members[name] = pick(found.members[name], value) if name in found.members else value
