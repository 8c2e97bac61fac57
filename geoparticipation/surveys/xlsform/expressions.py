"""The expressions of XLSForm: what is used of XPath 1.0 in `relevant` and `constraint`, read into a tree.

The grammar is that of XPath 1.0 (https://www.w3.org/TR/1999/REC-xpath-19991116/, chapter 3) without node sets, with
`${name}` for the answer to a question (https://docs.getodk.org/form-logic/). Nothing is ever run: other parts look at
the tree and turn what they know into rules of a survey.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.utils.translation import gettext as _

LONGEST: Final = 4000
"""Characters of an expression."""
MOST_TOKENS: Final = 500
"""Names, texts, numbers and signs of an expression."""
DEEPEST: Final = 50
"""How far parentheses, calls and signs may be nested."""


class ExpressionUnreadable(ValueError):
    """Not an expression of the grammar; its text says where, in words."""


@dataclass(frozen=True)
class Answer:
    """What was answered to a question; the name is empty for the question itself (`.`)."""

    name: str


@dataclass(frozen=True)
class Text:
    """A text in quotation marks."""

    value: str


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Call:
    """A function with what it is given."""

    function: str
    given: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Operation:
    """Two things and what is between them: one of OPERATORS."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Negative:
    """A minus sign before something."""

    of: Expression


Expression = Answer | Text | Number | Call | Operation | Negative

OPERATORS: Final = (("or",), ("and",), ("=", "!="), ("<=", "<", ">=", ">"), ("+", "-"), ("*", "div", "mod"))
"""From the one that binds least to the one that binds most."""

_NAME: Final = r"[^\W\d][\w.\-]*"
# The curved quotation marks are those that word processors make of straight ones.
_TOKEN: Final = re.compile(
    rf"""\s*(?:
      (?P<question>\$\{{\s*(?P<asked>{_NAME})\s*\}})
    | (?P<text>'[^']*'|"[^"]*"|‘[^’]*’|“[^”]*”)
    | (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<path>(?:/|\.\./)(?:(?:\.\.|{_NAME})/)*(?P<last>{_NAME}))
    | (?P<name>{_NAME}(?::{_NAME})?)
    | (?P<sign><=|>=|!=|[=<>+\-*(),.])
    )""",
    re.VERBOSE,
)
_WORDS: Final = {"or", "and", "div", "mod"}


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str
    at: int


def parse_expression(text: str) -> Expression:
    """Read an expression. Raises ExpressionUnreadable."""
    if len(text) > LONGEST:
        raise ExpressionUnreadable(_("It is longer than %(limit)d characters.") % {"limit": LONGEST})
    tokens = list(islice(_tokens(text), MOST_TOKENS + 1))
    if len(tokens) > MOST_TOKENS:
        raise ExpressionUnreadable(_("It has more than %(limit)d parts.") % {"limit": MOST_TOKENS})
    reader = _Reader(tokens)
    found = reader.operation(0, 0)
    if reader.here.kind != "end":
        raise reader.unexpected()
    return found


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            rest = text[at:].strip()
            if rest[:1] in {"'", '"', "‘", "“"}:
                raise ExpressionUnreadable(
                    _("The quotation mark before “%(rest)s” never closes.") % {"rest": rest[1:20]}
                )
            raise ExpressionUnreadable(_("“%(rest)s” cannot be read.") % {"rest": rest[:20]})
        start = match.end() - len(match[0].lstrip())
        if match["question"]:
            yield _Token("question", match["asked"], start)
        elif match["path"]:
            yield _Token("question", match["last"], start)
        elif match["text"]:
            yield _Token("text", match["text"][1:-1], start)
        elif match["number"]:
            yield _Token("number", match["number"], start)
        elif match["name"]:
            yield _Token("name", match["name"], start)
        else:
            yield _Token("sign", match["sign"], start)
        at = match.end()
    yield _Token("end", "", end)


class _Reader:
    """A reader by descent: one step for each level of OPERATORS."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.at]

    def unexpected(self) -> ExpressionUnreadable:
        if self.here.kind == "end":
            return ExpressionUnreadable(_("It ends too early."))
        return ExpressionUnreadable(
            _("“%(what)s” is not expected at character %(at)d.") % {"what": self.here.value, "at": self.here.at + 1}
        )

    def take(self, sign: str) -> bool:
        """Step over this sign, if it is here."""
        if self.here.kind == "sign" and self.here.value == sign:
            self.at += 1
            return True
        return False

    def operation(self, level: int, depth: int) -> Expression:
        if depth > DEEPEST:
            raise ExpressionUnreadable(_("It is nested too deeply."))
        if level == len(OPERATORS):
            return self.signed(depth)
        left = self.operation(level + 1, depth)
        while self.here.kind in {"sign", "name"} and self.here.value in OPERATORS[level]:
            operator = self.here.value
            self.at += 1
            left = Operation(operator, left, self.operation(level + 1, depth))
        return left

    def signed(self, depth: int) -> Expression:
        if self.take("-"):
            if depth > DEEPEST:
                raise ExpressionUnreadable(_("It is nested too deeply."))
            return Negative(self.signed(depth + 1))
        return self.single(depth)

    def single(self, depth: int) -> Expression:
        token = self.here
        if self.take("("):
            inside = self.operation(0, depth + 1)
            if not self.take(")"):
                raise self.unexpected()
            return inside
        if self.take("."):
            return Answer("")
        self.at += 1
        if token.kind == "question":
            return Answer(token.value)
        if token.kind == "text":
            return Text(token.value)
        if token.kind == "number":
            return Number(float(token.value))
        if token.kind == "name" and token.value not in _WORDS and self.take("("):
            return Call(token.value, self.given(depth + 1))
        self.at -= 1
        raise self.unexpected()

    def given(self, depth: int) -> tuple[Expression, ...]:
        """What stands between the parentheses of a call, the first of which is behind."""
        if self.take(")"):
            return ()
        found = [self.operation(0, depth)]
        while self.take(","):
            found.append(self.operation(0, depth))
        if not self.take(")"):
            raise self.unexpected()
        return tuple(found)
