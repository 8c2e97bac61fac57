"""Forms of the XLSForm documentation (https://xlsform.org), typed off by hand, and what each of their rows becomes."""

from __future__ import annotations

from typing import Any

import pytest

from geoparticipation.surveys.definition import write_definition
from geoparticipation.surveys.xlsform.converting import import_xlsform
from geoparticipation.surveys.xlsform.errors import XlsFormRefused
from geoparticipation.surveys.xlsform.report import Report
from tests.surveys.xlsform.workbooks import Rows, workbook

YES_NO = [("list_name", "name", "label"), ("yes_no", "yes", "Yes"), ("yes_no", "no", "No")]
PIZZA = [
    ("list name", "name", "label"),
    ("yes_no", "yes", "Yes"),
    ("yes_no", "no", "No"),
    ("pizza_toppings", "cheese", "Cheese"),
    ("pizza_toppings", "pepperoni", "Pepperoni"),
    ("pizza_toppings", "sausage", "Sausage"),
]


def imported(survey: Rows, choices: Rows = YES_NO, **sheets: Rows) -> tuple[dict[str, Any], Report]:
    definition, report = import_xlsform(workbook(survey=survey, choices=choices, **sheets), language="en")
    return write_definition(definition), report


def questions(definition: dict[str, Any]) -> list[dict[str, Any]]:
    return [question for section in definition["sections"] for question in section["questions"]]


def told(report: Report) -> list[tuple[int, str, str, str]]:
    return [(remark.row, remark.name, str(remark.outcome), remark.code) for remark in report.sorted()]


def test_relevant_of_the_pizza_questionnaire() -> None:
    definition, report = imported(
        [
            ("type", "name", "label", "relevant"),
            ("select_one yes_no", "likes_pizza", "Do you like pizza?", None),
            ("select_multiple pizza_toppings or_other", "favorite_topping", "Toppings", "${likes_pizza} = 'yes'"),
            ("text", "favorite_cheese", "Type of cheese?", "selected(${favorite_topping}, 'cheese')"),
        ],
        PIZZA,
    )  # fmt: skip

    likes, topping, cheese = questions(definition)
    assert (likes["kind"], [choice["key"] for choice in likes["choices"]]) == ("single", ["yes", "no"])
    assert (topping["kind"], topping["other"], len(topping["choices"])) == ("multiple", True, 3)
    assert topping["show_if"] == {"question": "likes_pizza", "is": "equals", "value": "yes"}
    assert cheese["show_if"] == {"question": "favorite_topping", "is": "includes", "value": "cheese"}
    assert (report.remarks, report.read, report.written) == ([], 3, 3)


def test_the_choice_other_with_a_question_of_its_own() -> None:
    definition, report = imported(
        [
            ("type", "name", "label", "relevant"),
            ("select_multiple pizza_toppings", "favorite_toppings", "What are your favorite pizza toppings?", None),
            ("text", "favorite_toppings_other", "Specify other:", "selected(${favorite_toppings}, 'other')"),
        ],
        [*PIZZA, ("pizza_toppings", "other", "Other")],
    )  # fmt: skip

    toppings, other = questions(definition)
    assert [choice["key"] for choice in toppings["choices"]] == ["cheese", "pepperoni", "sausage", "other"]
    assert other["show_if"] == {"question": "favorite_toppings", "is": "includes", "value": "other"}
    assert not report.remarks


def test_required_constraint_and_languages() -> None:
    definition, report = imported(
        [
            ("type", "name", "label::English", "label::Español", "constraint", "required", "hint::English"),
            ("integer", "age", "How old are you?", "¿Cuántos años tienes?", ". <= 150", "yes", "In years"),
        ],
        settings=[("form_title", "form_id", "default_language"), ("Example Title", "example_id", "Español")],
    )

    (age,) = questions(definition)
    assert definition["languages"] == ["es", "en"]
    assert definition["title"] == {"es": "Example Title"}
    assert age["label"] == {"en": "How old are you?", "es": "¿Cuántos años tienes?"}
    assert (age["kind"], age["step"], age["maximum"], age["required"]) == ("number", 1, 150, True)
    assert age["help"] == {"en": "In years"}
    assert not report.remarks


def test_groups_are_sections_with_their_rules() -> None:
    definition, report = imported(
        [
            ("type", "name", "label", "relevant"),
            ("integer", "age", "How old are you?", None),
            ("begin group", "child", "Child", "${age} <= 5"),
            ("integer", "muac", "Record this child's mid-upper arm circumference.", None),
            ("begin group", "test", "Test", "${muac} > 10"),
            ("select_one yes_no", "mrdt", "Is the child's rapid diagnostic test positive?", None),
            ("end group", None, None, None),
            ("text", "remark", "Remark", None),
            ("end group", None, None, None),
            ("note", "bye", "Thank you", None),
            ("date", "day", "Day", None),
        ]
    )

    young = {"question": "age", "is": "at_most", "value": 5}
    assert [(section["title"], section.get("show_if"), [q["key"] for q in section["questions"]])
            for section in definition["sections"]] == [
        ({}, None, ["age"]),
        ({"en": "Child"}, young, ["muac"]),
        ({"en": "Test"}, {"all": [young, {"question": "muac", "is": "at_least", "value": 11}]}, ["mrdt"]),
        ({"en": "Child"}, young, ["remark"]),
        ({}, None, ["day"]),
    ]  # fmt: skip
    assert definition["sections"][-1]["text"] == {"en": "Thank you"}
    assert not report.remarks


def test_every_kind_that_there_is() -> None:
    definition, report = imported(
        [
            ("type", "name", "label", "appearance", "parameters"),
            ("select_one yes_no", "one", "1", None, "randomize=true"),
            ("rank yes_no", "order", "2", None, None),
            ("range", "scale", "3", None, "start=0 end=10 step=1"),
            ("range", "slider", "4", None, "start=0 end=1000 step=50"),
            ("decimal", "weight", "5", None, None),
            ("text", "line", "6", None, None),
            ("text", "story", "7", "multiline", None),
            ("geopoint", "store_gps", "8", None, None),
            ("geotrace", "way", "9", None, None),
            ("geoshape", "field", "10", None, None),
            ("image", "picture", "11", None, None),
            ("acknowledge", "agree", "12", None, None),
            ("time", "hour", "13", None, None),
            ("dateTime", "moment", "14", None, None),
            ("begin_group", "rate", "15", "table-list", None),
            ("select_one yes_no", "food", "Food", None, None),
            ("select_one yes_no", "music", "Music", None, None),
            ("end_group", None, None, None, None),
        ]
    )

    asked = questions(definition)
    assert [question["kind"] for question in asked] == [
        "single", "ranking", "scale", "number", "number", "short_text", "long_text", "place", "place", "place", "photo",
        "consent", "short_text", "date", "matrix",
    ]  # fmt: skip
    assert asked[0]["random_order"] is True
    assert (asked[2]["minimum"], asked[2]["maximum"]) == (0, 10)
    assert (asked[3]["minimum"], asked[3]["maximum"], asked[3]["step"]) == (0, 1000, 50)
    assert [question["shapes"] for question in asked[7:10]] == [["point"], ["line"], ["area"]]
    assert [row["key"] for row in asked[14]["rows"]] == ["food", "music"]
    assert told(report) == [
        (5, "slider", "changed", "range_as_number"),
        (14, "hour", "changed", "time_as_text"),
        (15, "moment", "changed", "time_left_out"),
    ]


def test_what_is_asked_of_each_of_several_places() -> None:
    definition, report = imported(
        [
            ("type", "name", "label", "repeat_count"),
            ("begin repeat", "dangers", "Dangerous places", 3),
            ("geopoint", "where", "Where is it?", None),
            ("text", "why", "Why?", None),
            ("select_one yes_no", "often", "Often?", None),
            ("end repeat", None, None, None),
        ]
    )

    (danger,) = questions(definition)
    assert (danger["kind"], danger["label"], danger["max_places"]) == ("place", {"en": "Dangerous places"}, 3)
    assert [(part["key"], part["kind"]) for part in danger["follow_up"]] == [("why", "short_text"), ("often", "single")]
    assert told(report) == [(2, "dangers", "changed", "repeat_on_the_map")]
    assert (report.read, report.written) == (3, 3)


def test_each_row_that_is_not_taken_over_is_told() -> None:
    definition, report = imported(
        [
            ("type", "name", "label", "relevant", "constraint", "required", "default", "calculation", "read_only"),
            ("start", "start", None, None, None, None, None, None, None),
            ("select_one fruits", "fruit", "Fruit", None, None, None, None, None, None),
            ("select_one yes_no", "tree", "Tree?", None, None, None, "yes", None, None),
            ("calculate", "tip", None, None, None, None, None, "${amount} * 0.18", None),
            ("note", "display", "Tip: ${tip}", "${tree} = 'yes'", None, None, None, None, None),
            ("audio", "voice", "Say it", None, None, None, None, None, None),
            ("integer", "num", "Patient", None, None, None, 5, None, "yes"),
            ("begin repeat", "child", "Child", None, None, None, None, None, None),
            ("text", "name", "Child's name", None, None, None, None, None, None),
            ("end repeat", None, None, None, None, None, None, None, None),
            ("text", "mail", "Mail", "${fruit} = 'a'", "regex(., '@')", "${tree} = 'no'", None, None, None),
            ("hologram", "future", "Show", None, None, None, None, None, None),
            ("select_one_from_file a.csv", "far", "Far", None, None, None, None, None, None),
            ("begin group", "late", "Late", None, None, None, None, None, None),
            ("text", "end", "End ${tree}", None, None, None, None, None, None),
        ]
    )

    assert [question["key"] for question in questions(definition)] == ["tree", "mail", "end"]
    assert told(report) == [
        (2, "start", "left_out", "metadata"),
        (3, "fruit", "left_out", "choices_missing"),
        (4, "tree", "changed", "default_ignored"),
        (5, "tip", "left_out", "calculation"),
        (6, "display", "left_out", "note_shown_sometimes"),
        (7, "voice", "left_out", "kind_unsupported"),
        (8, "num", "left_out", "read_only"),
        (9, "child", "left_out", "repeat_unsupported"),
        (10, "name", "left_out", "in_repeat"),
        (12, "mail", "changed", "required_sometimes"),
        (12, "mail", "changed", "constraint_unsupported"),
        (12, "mail", "changed", "rule_unsupported"),
        (13, "future", "left_out", "type_unknown"),
        (14, "far", "left_out", "choices_elsewhere"),
        (15, "late", "changed", "group_unbalanced"),
        (16, "end", "changed", "answer_in_text"),
    ]
    assert all(remark.what and remark.advice for remark in report.remarks)
    assert (report.read, report.written) == (9, 3)


def test_a_form_of_which_nothing_can_be_asked_is_refused() -> None:
    with pytest.raises(XlsFormRefused):
        imported([("type", "name", "label"), ("calculate", "a", None)])
    with pytest.raises(XlsFormRefused):
        imported([("kind", "name", "label"), ("text", "a", "A")])
    with pytest.raises(XlsFormRefused):
        import_xlsform(workbook(other=[("type", "name")]), language="en")


def test_names_become_keys_that_the_format_takes() -> None:
    definition, report = imported(
        [
            ("type", "name", "label"),
            ("text", "größe-1.a", "A"),
            ("text", "Grosse_1_A", "B"),
            ("text", "1st", "C"),
            ("text", "x" * 60, "D"),
            ("select_one l", "pick", "E"),
        ],
        [
            ("list_name", "name", "label"),
            *[("l", 1, "One"), ("l", "2 b", "Two"), ("l", "2_b", "Three"), ("l", 1, "Again"), ("l", "q", None)],
        ],
    )  # fmt: skip

    asked = questions(definition)
    assert len({question["key"].lower() for question in asked}) == 5
    assert [choice["key"] for choice in asked[4]["choices"]] == ["1", "2_b", "2_b_2", "q"]
    assert told(report) == [(5, "1", "left_out", "choice_twice"), (6, "q", "changed", "label_missing")]
