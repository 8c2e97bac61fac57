"""Expressions are read as XPath reads them; what is none is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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

NAMES = st.from_regex(r"[a-z_][a-z0-9_.\-]{0,8}", fullmatch=True)
LEAVES = st.one_of(
    NAMES.map(Answer),
    st.just(Answer("")),
    st.text(st.characters(exclude_characters="'\"\x00", exclude_categories=["Cs"]), max_size=8).map(Text),
    st.integers(0, 10**6).map(lambda number: Number(number / 8)),
)
OPERATORS = ["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"]
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Operation, st.sampled_from(OPERATORS), inner, inner),
        st.builds(Negative, inner),
        st.builds(Call, st.sampled_from(["selected", "not", "string-length", "jr:choice-name"]), st.tuples(inner)),
        st.builds(Call, st.just("selected"), st.tuples(inner, inner)),
    ),
    max_leaves=8,
)


def written(said: Expression) -> str:
    """An expression with all its parentheses."""
    match said:
        case Answer(name):
            return f"${{{name}}}" if name else "."
        case Text(value):
            return f"'{value}'"
        case Number(value):
            return f"{value:f}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(written, arguments))})"
        case Operation(operator, left, right):
            return f"({written(left)}) {operator} ({written(right)})"
        case Negative(of):
            return f"-({written(of)})"
    raise TypeError(said)


@given(EXPRESSIONS)
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read_again(said: Expression) -> None:
    assert parse_expression(written(said)) == said


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("${a} = 1 or ${b} = 2 and ${c} = 3", "(${a} = 1) or ((${b} = 2) and (${c} = 3))"),
        ("${a} - 1 - 2 = -3", "((${a} - 1) - 2) = (-3)"),
        ("1 + 2 * 3 >= ${a}", "(1 + (2 * 3)) >= ${a}"),
        ("/data/group/a = '1'", "${a} = '1'"),
        ("../a='1'", "${a} = '1'"),
        (" . >= 18 and .<=150 ", "(. >= 18) and (. <= 150)"),
        ("${a} = ‘yes’", "${a} = 'yes'"),
    ],
)
def test_what_binds_first_and_how_it_may_be_written(text: str, meant: str) -> None:
    assert parse_expression(text) == parse_expression(meant)


@pytest.mark.parametrize(
    "text",
    ["", "${a} =", "(1", "1 1", "'never closed", "${a b}", "and", "selected(${a},)", "a", "=", "div(1)", "${}", "\\",
     "(" * 60 + "1" + ")" * 60, "-" * 100 + "1", "1+" * 400 + "1", " " * 5000],
)  # fmt: skip
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionUnreadable) as refused:
        parse_expression(text)

    assert str(refused.value)
