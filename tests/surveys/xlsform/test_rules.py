"""Rules mean what the expression means to an XPath engine; what they cannot say is refused, never guessed."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import elementpath
import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from geoparticipation.surveys.answers import holds
from geoparticipation.surveys.definition.reading_rules import read_rule
from geoparticipation.surveys.definition.reading_values import At, Reading
from geoparticipation.surveys.xlsform.rules import Asked, NotConvertible, limits_of, rule_of

ASKED = {
    "one": Asked("one", "single", {"a": "a", "b": "b"}),
    "some": Asked("some", "multiple", {"a": "a", "b": "b", "c": "c"}),
    "whole": Asked("whole", "number", is_whole=True),
    "any": Asked("any", "number"),
    "word": Asked("word", "short_text"),
}
LIMITS = st.integers(-4, 4).map(lambda number: str(number / 2))
SIMPLE = st.one_of(
    st.builds("${{one}} {} '{}'".format, st.sampled_from(["=", "!="]), st.sampled_from("ab")),
    st.builds("selected(${{one}}, '{}')".format, st.sampled_from("ab")),
    st.builds("selected(${{some}}, '{}')".format, st.sampled_from("abc")),
    st.builds("${{some}} {} '{}'".format, st.sampled_from(["=", "!="]), st.sampled_from(["a", "b", "c"])),
    st.builds(
        "${{{}}} {} {}".format,
        st.sampled_from(["whole", "any"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        LIMITS,
    ),
    st.builds(
        "{} {} ${{{}}}".format, LIMITS, st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from(["whole", "any"])
    ),
    st.builds("${{{}}} {} ''".format, st.sampled_from(list(ASKED)), st.sampled_from(["=", "!="])),
    st.sampled_from(["${word} = 'x'", "${word} != 'x'", "string-length(${word}) > 0", "count-selected(${some}) >= 1"]),
)
RULES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not({})".format, inner),
    ),
    max_leaves=4,
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "one": st.sampled_from("ab"),
        "some": st.lists(st.sampled_from("abc"), min_size=1, max_size=1).map(sorted),
        "whole": st.integers(-3, 3),
        "any": st.integers(-6, 6).map(lambda number: number / 4),
        "word": st.sampled_from(["x", "y"]),
    },
)


def as_xpath(text: str) -> str:
    """The expression with the functions that OpenRosa adds to XPath written out, as its specification words them."""
    text = re.sub(r"count-selected\((\$\{\w+\})\)", r"(string-length(normalize-space(\1)) > 0)", text)
    text = re.sub(r"selected\((\$\{\w+\}), '(\w)'\)", r"contains(concat(' ', \1, ' '), ' \2 ')", text)
    # This engine will not make a number of an empty element by itself, as XPath says (it is none).
    text = re.sub(r"\$\{(whole|any)\} (\S+) (-?\d)", r"number(/data/\1) \2 \3", text)
    text = re.sub(r"(-?\d\S*) (\S+) \$\{(whole|any)\}", r"\1 \2 number(/data/\3)", text)
    return re.sub(r"\$\{(\w+)\}", r"/data/\1", text)


def form_of(answers: dict[str, Any]) -> ET.Element:
    """The answers as a form's instance: what is not answered is an empty element."""
    root = ET.Element("data")
    for name in ASKED:
        value = answers.get(name, "")
        ET.SubElement(root, name).text = " ".join(value) if isinstance(value, list) else str(value)
    return root


@given(RULES, st.lists(ANSWERS, min_size=3, max_size=6))
@settings(max_examples=50, deadline=None)
def test_rules_hold_as_xpath_says(text: str, cases: list[dict[str, Any]]) -> None:
    # count-selected() of nothing is 0 and of something 1 or more: only that is compared.
    expression = as_xpath(text).replace("> 0) >= 1", "> 0)")
    try:
        with override("en"):
            rule = rule_of(text, ASKED)
    except NotConvertible as refused:
        if "too many parts" not in str(refused):  # nested deeper than rules may be
            raise
        return
    reading = Reading()
    read = read_rule(reading, rule, At("", "", ""))

    assert not reading.faults
    for answers in cases:
        meant = elementpath.select(form_of(answers), f"boolean({expression})", parser=elementpath.XPath1Parser)
        assert holds(read, answers) is meant, (text, rule, answers)


def test_several_choices_equal_to_one_are_that_one_alone() -> None:
    rule = rule_of("${some} = 'a'", ASKED)

    read = read_rule(Reading(), rule, At("", "", ""))
    assert [holds(read, {"some": some}) for some in (["a"], ["a", "b"], ["b"])] == [True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "${later} = 'a'",
        "${one} = 'z'",
        "selected(${whole}, 'a')",
        "${one} > 1",
        "${whole} > ${any}",
        "${whole} + 1 > 2",
        "regex(${word}, 'x')",
        "count-selected(${some}) > 1",
        "${one}",
        ". > 1",
        "false()",
        "not(true())",
        "${word} = 5",
        "${whole} > 'much'",
        "pulldata('a', 'b', 'c', ${one}) = 'a'",
        " or ".join(f"${{whole}} = {number}" for number in range(30)),
    ],
)
def test_what_a_rule_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(NotConvertible):
        rule_of(text, ASKED)


def test_what_always_holds_needs_no_rule() -> None:
    assert rule_of("true()", ASKED) is None
    assert rule_of("${whole} > 1 or true()", ASKED) is None


@pytest.mark.parametrize(
    ("text", "kind", "is_whole", "members", "told"),
    [
        (". <= 150", "number", True, {"maximum": 150}, (0, 0)),
        (". >= 18 and . < 65", "number", True, {"minimum": 18, "maximum": 64}, (0, 0)),
        (". > 10.51 and . < 18.39", "number", False, {"minimum": 10.51, "maximum": 18.39}, (2, 0)),
        ("150 >= .", "number", True, {"maximum": 150}, (0, 0)),
        ("not(. > 3)", "number", True, {"maximum": 3}, (0, 0)),
        (". >= '2020-01-01'", "date", False, {"earliest": "2020-01-01"}, (0, 0)),
        (". <= date('2026-12-31')", "date", False, {"latest": "2026-12-31"}, (0, 0)),
        (". >= today()", "date", False, {}, (0, 1)),
        ("string-length(.) < 11", "short_text", False, {"max_length": 10}, (0, 0)),
        ("count-selected(.) >= 1", "multiple", False, {"min_choices": 1}, (0, 0)),
        ("count-selected(.) < 4", "multiple", False, {"max_choices": 3}, (0, 0)),
        ("not(selected(., 'c') and selected(., 'd'))", "multiple", False, {}, (0, 1)),
        ("regex(., '^[0-9]+$')", "short_text", False, {}, (0, 1)),
        (". != 5 and . > 1 and . > 3", "number", True, {"minimum": 4}, (0, 1)),
        (". > ", "number", True, {}, (0, 1)),
    ],
)  # fmt: skip
def test_limits_of_a_constraint(
    text: str, kind: str, is_whole: bool, members: dict[str, Any], told: tuple[int, int]
) -> None:
    found = limits_of(text, kind=kind, is_whole=is_whole)

    assert found.members == members
    assert (len(found.loosened), len(found.lost)) == told
