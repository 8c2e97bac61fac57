"""The form of a question and of a rule: what is shown and sent back unchanged changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import QueryDict
from django.utils.translation import override

from geoparticipation.surveys.definition import find_faults, read_definition, write_definition
from geoparticipation.surveys.editing import changes
from geoparticipation.surveys.editing.fields import ITEM_NUMBERS
from geoparticipation.surveys.editing.question_form import QuestionForm, typed_number
from geoparticipation.surveys.editing.rule_form import RuleForm, earlier_than, rule_in_words
from tests.fixtures.survey import DEFINITION
from tests.fixtures.tiny_town import TinyTown

WRITTEN: dict[str, Any] = write_definition(read_definition(DEFINITION))
QUESTIONS = [question for section in WRITTEN["sections"] for question in section["questions"]]


def sent(form: QuestionForm, **changed: str | list[str] | None) -> QueryDict:
    """What a browser sends of the form, with some boxes changed; None leaves one out."""
    post = QueryDict(mutable=True)
    for shown in form.fields:
        name, value = shown.field.name, shown.value
        match shown.field.widget:
            case "words" | "lines":
                post.update({f"{name}.{language}": (value or {}).get(language, "") for language in form.languages})
            case "yes":
                if value:
                    post[name] = "on"
            case "shapes":
                post.setlist(name, value or ["point"])
            case "choices" | "places" | "items":
                rows = [*(value or []), {}, {}]
                post[f"{name}.count"] = str(len(rows))
                for at, row in enumerate(rows):
                    post[f"{name}.{at}.key"] = row.get("key", "")
                    for language in form.languages:
                        post[f"{name}.{at}.label.{language}"] = row.get("label", {}).get(language, "")
                    if row.get("geometry"):
                        post[f"{name}.{at}.geometry"] = json.dumps(row["geometry"])
                    if shown.field.widget == "items":
                        post.update({f"{name}.{at}.{number}": str(row.get(number, "")) for number, _l in ITEM_NUMBERS})
            case _:
                post[name] = "" if value is None else str(value)
    for name, value in changed.items():
        post.setlist(name, value if isinstance(value, list) else [value] if value is not None else [])
    return post


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["kind"])
def test_a_form_sent_back_as_it_is_changes_nothing(question: dict[str, Any]) -> None:
    shown = QuestionForm(question, languages=["fr", "en"])

    form = QuestionForm(question, languages=["fr", "en"], post=sent(shown))
    changed = changes.replace_question(WRITTEN, path=question["key"], question=form.said)

    assert form.judge(changed, question["key"]), (form.errors, form.general)
    assert read_definition(changed) == read_definition(WRITTEN)


def question(key: str) -> dict[str, Any]:
    return next(one for one in QUESTIONS if one["key"] == key)


def test_rows_are_added_moved_and_taken_out_in_the_form_alone() -> None:
    reasons = question("reasons")
    post = sent(QuestionForm(reasons, languages=["fr", "en"]), **{"choices.3.label.fr": "Agréable et sûr"})
    form = QuestionForm(reasons, languages=["fr", "en"], post=post)

    assert form.act("choices.up.3")
    assert form.act("choices.remove.0")
    assert form.act("choices.down.99")
    assert [choice["key"] for choice in form.said["choices"]] == ["cheap", "agreable_et_sur", "healthy"]
    assert not form.act("save")


def test_faults_stand_at_their_fields_in_words() -> None:
    reasons = question("reasons")
    post = sent(
        QuestionForm(reasons, languages=["fr", "en"]), **{"label.fr": "", "label.en": "", "max_choices": "many"}
    )
    with override("en"):
        form = QuestionForm(reasons, languages=["fr", "en"], post=post)
        assert not form.judge(changes.replace_question(WRITTEN, path="reasons", question=form.said), "reasons")

    assert set(form.errors) == {"label", "max_choices"}
    assert form.errors["label"] == ["“Question” is missing. Write it in one language at least."]
    assert form.errors["max_choices"] == ["“At most so many” must be a whole number between 1 and 3."]
    assert not form.general


def test_a_choice_that_a_later_rule_asks_about_cannot_go() -> None:
    mode = question("mode")
    post = sent(QuestionForm(mode, languages=["fr", "en"]), **{"choices.2.label.fr": "", "choices.2.label.en": ""})
    form = QuestionForm(mode, languages=["fr", "en"], post=post)

    assert not form.judge(changes.replace_question(WRITTEN, path="mode", question=form.said), "mode")
    assert len(form.general) == 1
    assert "cars" in form.general[0]


@pytest.mark.django_db
def test_places_are_found_by_their_names(tiny_town: TinyTown) -> None:
    spots = question("spots")
    post = sent(
        QuestionForm(spots, languages=["fr", "en"]),
        **{"places.0.where": "Rue Haute", "places.2.label.fr": "Là", "places.2.where": "Nulle Part 99"},
    )
    form = QuestionForm(spots, languages=["fr", "en"], post=post)

    assert form.said["places"][0]["geometry"]["type"].endswith("LineString")
    assert form.said["places"][1]["geometry"] == question("spots")["places"][1]["geometry"]
    assert "Nulle Part 99" in form.errors["places"][0]


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("1,5", 1.5), ("10\u202f000", 10000), ("-2.0", -2), ("x", "x"), ("inf", "inf"), ("nan", "nan")],
)  # fmt: skip
def test_numbers_as_one_types_them(text: str, number: Any) -> None:
    assert typed_number(text) == number


def test_whole_numbers_stay_text_where_they_are_none() -> None:
    assert typed_number("1,5", whole=True) == "1,5"


RULES: list[dict[str, Any] | None] = [
    None,
    {"question": "mode", "is": "equals", "value": "car"},
    {"question": "mode", "is": "equals", "value": "other"},
    {"not": {"question": "mode", "is": "answered"}},
    {
        "all": [
            {"question": "reasons", "is": "includes", "value": "fast"},
            {"not": {"question": "order", "is": "includes", "value": "a"}},
        ]
    },
    {"any": [{"question": "cars", "is": "at_least", "value": 2}, {"question": "safe", "is": "at_most", "value": 3}]},
    {"question": "cars", "is": "equals", "value": 1.5},
    {"question": "word", "is": "equals", "value": "a|b"},
    {
        "not": {
            "any": [
                {"question": "cars", "is": "at_least", "value": 2},
                {"not": {"question": "safe", "is": "answered"}},
            ]
        }
    },
]


def rule_sent(form: RuleForm) -> QueryDict:
    post = QueryDict(mutable=True)
    post["rule.mode"] = form.mode
    for at, line in enumerate(form.shown_lines):
        post[f"rule.{at}.what"], post[f"rule.{at}.value"] = line.what, line.value
    return post


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_sent_back_as_it_is_stays(rule: dict[str, Any] | None) -> None:
    earlier = earlier_than(WRITTEN, question="agree")
    form = RuleForm.of(rule, earlier=earlier, language="en")

    read = RuleForm.of(rule, earlier=earlier, language="en").read(rule_sent(form))

    assert read == rule
    assert form.can_keep is (rule == RULES[-1])


def test_rules_in_words() -> None:
    with override("en"):
        words = rule_in_words(RULES[4], QUESTIONS, "en")
    assert words == "“Why?” includes “Fast” and not: “What comes first?” includes “A”"
    with override("fr"):
        assert rule_in_words(RULES[5], QUESTIONS, "fr") == (
            "«\xa0How many cars has your home? (fr)\xa0» est au moins 2 "
            "ou «\xa0How safe do you feel? (fr)\xa0» est au plus 3"
        )


def test_a_line_without_its_number_is_told() -> None:
    form = RuleForm.of(None, earlier=earlier_than(WRITTEN, question="agree"), language="en")
    post = QueryDict("rule.mode=all&rule.0.what=cars||at_least|&rule.0.value=lots")

    with override("en"):
        form.read(post)

    assert form.errors == ["Write the number that the answer to “How many cars has your home?” is compared with."]


def test_only_earlier_questions_are_offered() -> None:
    assert [one["key"] for one in earlier_than(WRITTEN, question="cars")] == ["mode", "reasons"]
    assert [one["key"] for one in earlier_than(WRITTEN, section="places")][-1] == "times"
    shuffled = changes.replace_section(WRITTEN, key="habits", random_order=True)
    assert earlier_than(shuffled, question="cars") == []


def test_every_rule_of_the_form_could_be_kept() -> None:
    for rule in RULES[1:]:
        agree = {**question("agree"), "show_if": rule}
        assert not find_faults(changes.replace_question(WRITTEN, path="agree", question=agree)), rule
