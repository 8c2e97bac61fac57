"""The form of one question: from its JSON to fields and back; rows can be added and moved without a script."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from geoparticipation.contributions.locating import PlaceAmbiguous, locate
from geoparticipation.surveys.definition import Fault, find_faults
from geoparticipation.surveys.editing.fields import INSIDE, ITEM_NUMBERS, SHAPES, Field, fields_of
from layers.errors import Refusal

SPARE_ROWS: Final = 2
MOST_ROWS: Final = 120
_ROWS: Final = {"choices", "places", "items"}
_INDEX: Final = re.compile(r"\[(\d+)\]")


@dataclass
class Shown:
    """A field with what stands in it: `value` is as in the JSON, or as typed where that is no such value."""

    field: Field
    value: Any
    errors: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Of the first element, for the links of the list of errors."""
        return f"f-{self.field.name.replace('.', '-')}"


class QuestionForm:
    """What an agent says about a question.

    `said` is the question as JSON, with what was typed; `act` on a row ("choices.up.2", "choices.more") changes only
    the form. Faults of the definition stand beside the fields they are about.
    """

    def __init__(self, question: Mapping[str, Any], *, languages: Sequence[str], post: QueryDict | None = None) -> None:
        self.kind: str = question["kind"]
        self.languages = languages
        self.spare = {shown.name: SPARE_ROWS for shown in fields_of(self.kind) if shown.widget in _ROWS}
        self.general: list[str] = []
        self.errors: dict[str, list[str]] = {}
        self.said: dict[str, Any] = dict(question)
        if post is not None:
            self.said = self._read(question, post)

    @property
    def fields(self) -> list[Shown]:
        """Every field, with its value and its errors."""
        return [Shown(one, _member(self.said, one.name), self.errors.get(one.name, [])) for one in fields_of(self.kind)]

    # Reading

    def _read(self, question: Mapping[str, Any], post: QueryDict) -> dict[str, Any]:
        said: dict[str, Any] = {"key": question["key"], "kind": self.kind}
        for kept in ("show_if", "follow_up"):
            if kept in question:
                said[kept] = question[kept]
        for one in fields_of(self.kind):
            value = self._value(one, post)
            if value is None:
                continue
            if "." in one.name:
                outer, inner = one.name.split(".")
                said.setdefault(outer, {})[inner] = value
            else:
                said[one.name] = value
        return said

    def _value(self, one: Field, post: QueryDict) -> Any:
        match one.widget:
            case "words" | "lines":
                return self._words(one.name, post)
            case "yes":
                return one.name in post
            case "shapes":
                return [shape for shape, _label in SHAPES if shape in post.getlist(one.name)]
            case "inside":
                return post.get(one.name) or INSIDE[0][0]
            case "choices" | "places" | "items":
                return self._rows(one, post)
        text = post.get(one.name, "").strip()
        if not text:
            return None
        return text if one.widget == "day" else typed_number(text, whole=one.widget == "whole")

    def _words(self, name: str, post: QueryDict) -> dict[str, str]:
        typed = {language: post.get(f"{name}.{language}", "").strip() for language in self.languages}
        return {language: words for language, words in typed.items() if words}

    def _rows(self, one: Field, post: QueryDict) -> list[dict[str, Any]]:
        count = int(text) if (text := post.get(f"{one.name}.count", "0")).isdecimal() and len(text) < 4 else 0
        rows = []
        taken: set[str] = {"other"}
        for number in range(min(count, MOST_ROWS)):
            prefix = f"{one.name}.{number}"
            words = self._words(f"{prefix}.label", post)
            if not words:
                continue
            key = post.get(f"{prefix}.key", "") or new_key(words, taken)
            taken.add(key.lower())
            row: dict[str, Any] = {"key": key, "label": words}
            if one.widget == "places":
                row["geometry"] = self._geometry(one, prefix, words, post)
            if one.widget == "items":
                for name, _label in ITEM_NUMBERS:
                    if text := post.get(f"{prefix}.{name}", "").strip():
                        row[name] = typed_number(text)
            rows.append(row)
        return rows

    def _geometry(self, one: Field, prefix: str, words: Mapping[str, str], post: QueryDict) -> Any:
        """What was typed (an address, a street, a district, GeoJSON), else what stands there."""
        kept: Any = None
        try:
            kept = json.loads(post.get(f"{prefix}.geometry", "")[:200_000] or "null")
        except ValueError:
            self._tell(one.name, _("The place of a row could not be read. Type its address or street again."))
        text = " ".join(post.get(f"{prefix}.where", "").split())[:20_000]
        if not text:
            return kept
        try:
            return _located(text)
        except Refusal as refusal:
            name = next(iter(words.values()))
            self._tell(one.name, _("“%(place)s”: %(why)s") % {"place": name, "why": refusal.detail})
            return kept

    def _tell(self, name: str, sentence: str) -> None:
        self.errors.setdefault(name, []).append(sentence)

    # Acting on rows

    def act(self, act: str) -> bool:
        """Change rows as a button says; false where it says nothing of the kind."""
        name, _dot, rest = act.partition(".")
        if name not in self.spare:
            return False
        rows: list[Any] = self.said.setdefault(name, [])
        if rest == "more":
            self.spare[name] = min(SPARE_ROWS + 5, MOST_ROWS - len(rows))
            return True
        what, _dot, number = rest.partition(".")
        at = int(number) if number.isdecimal() and len(number) < 4 else -1
        if not 0 <= at < len(rows):
            return True
        to = {"up": at - 1, "down": at + 1}.get(what, at)
        if what == "remove":
            del rows[at]
        elif 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
        return True

    # Judging

    def judge(self, definition: Mapping[str, Any], path: str) -> bool:
        """Whether the survey with this question in it could be opened; if not, each fault stands at its field."""
        parent, slash, _key = path.rpartition("/")
        for fault in find_faults(definition):
            inside = _inside(fault, self.said["key"], parent if slash else "")
            if inside is None:
                self.general.append(fault.sentence)
                continue
            sentence = self._in_words(fault)
            names = [one.name for one in fields_of(self.kind)]
            name = next((name for name in names if inside == name or inside.startswith((f"{name}[", f"{name}."))), "")
            if name:
                self._tell(name, sentence)
            else:
                self.general.append(sentence)
        return not (self.general or self.errors)

    def _in_words(self, fault: Fault) -> str:
        """The sentence without the question's key, with the names of the form in place of those of the format."""
        who = _("Question “%(key)s”") % {"key": fault.question}
        sentence = fault.sentence.removeprefix(_("%(who)s: %(what)s") % {"who": who, "what": ""})
        for one in fields_of(self.kind):
            name = re.escape(one.name.rpartition(".")[2])
            sentence = re.sub(rf"([“«]\s?){name}(\s?[”»])", rf"\g<1>{one.label}\g<2>", sentence)
        return sentence[:1].upper() + sentence[1:]


def _inside(fault: Fault, key: str, parent: str) -> str | None:
    """The member of this question that a fault is about; None for faults elsewhere."""
    depth = 3 if parent else 2
    parts = fault.where.split(".")
    if fault.question != key or len(parts) < depth:
        return None
    return ".".join(parts[depth:])


def _member(said: Mapping[str, Any], name: str) -> Any:
    outer, dot, inner = name.partition(".")
    return said.get(outer, {}).get(inner, {}) if dot else said.get(outer)


def typed_number(text: str, *, whole: bool = False) -> Any:
    """The number that was typed, with a comma or a point, blanks between thousands; else the text as it is."""
    plain = re.sub(r"[\s\u00a0\u202f']", "", text).replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        return text
    if not abs(number) < 1e15:
        return text
    return int(number) if number == int(number) else text if whole else number


def new_key(words: Mapping[str, str], taken: set[str]) -> str:
    """A key that reads like the words: letters, digits and _."""
    first = next(iter(words.values()))
    plain = unicodedata.normalize("NFKD", first).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:24].strip("_") or "c"
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key


def _located(text: str) -> Mapping[str, Any]:
    """The GeoJSON of an address, a street, a district, or of GeoJSON; raises a Refusal."""
    drawn = json.loads(text) if text.startswith("{") and _is_json(text) else None
    try:
        located = locate({"geometry": drawn, "place_text": text[:200]})
    except PlaceAmbiguous as refusal:
        names = ", ".join(
            f"{found.label} ({found.detail})" if found.detail else found.label for found in refusal.choices
        )
        raise PlaceNamed(_("Several places are called so: %(names)s. Type more of it.") % {"names": names}) from None
    if located is None:
        raise PlaceNamed(_("Say where it is."))
    named = located.street or located.district
    geometry = named.geometry if named is not None else located.geometry
    found: Mapping[str, Any] = json.loads(geometry.json)
    return found


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


class PlaceNamed(Refusal):
    """What was typed for a place does not say which one is meant."""

    code = "place_named"
