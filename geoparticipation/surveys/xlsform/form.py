"""A form as it stands in its sheets `survey`, `choices` and `settings`: usual names of columns, texts by language.

The names are those of https://xlsform.org/en/ref-table/ and the older ones that it still lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _

from geoparticipation.surveys.xlsform.errors import XlsFormRefused
from geoparticipation.surveys.xlsform.report import Outcome, Remark, Report
from geoparticipation.surveys.xlsform.workbook import Row, Sheet, read_sheets

SHEETS: Final = ("survey", "choices", "settings")
TRANSLATED: Final = ("label", "hint")
_COLUMNS: Final = {
    "command": "type",
    "tag": "name",
    "value": "name",
    "caption": "label",
    "relevance": "relevant",
    "bind:relevant": "relevant",
    "bind::relevant": "relevant",
    "bind:constraint": "constraint",
    "bind::constraint": "constraint",
    "constraint_msg": "constraint_message",
    "bind:jr:constraintmsg": "constraint_message",
    "bind:required": "required",
    "bind::required": "required",
    "bind:readonly": "read_only",
    "bind::readonly": "read_only",
    "readonly": "read_only",
    "requiredmsg": "required_message",
    "control:appearance": "appearance",
    "control::appearance": "appearance",
    "body::appearance": "appearance",
    "list": "list_name",
    "title": "form_title",
}
_LANGUAGE_IN_BRACKETS: Final = re.compile(r"\(\s*([a-z]{2,3}(?:-[a-z0-9]{2,8})?)\s*\)$", re.IGNORECASE)
_MARKUP: Final = re.compile(r"</?(?:span|b|i|u|em|strong|p|br|font|h[1-6]|div|big|small)\b[^<>]*>", re.IGNORECASE)


@dataclass
class Form:
    """The rows of a form, each with its cells by usual column; texts are under "label::fr" and "hint::fr"."""

    survey: list[Row]
    choices: dict[str, list[Row]]
    title: str
    languages: tuple[str, ...]
    report: Report = field(default_factory=Report)

    def text(self, row: Row, column: str = "label") -> dict[str, str]:
        """The words of a row by language, without markup; a language without words is left out."""
        said = {language: row.cells.get(f"{column}::{language}", "") for language in self.languages}
        return {language: _MARKUP.sub("", words).strip() for language, words in said.items() if words.strip()}


def read_form(content: bytes, *, language: str) -> Form:
    """Read a workbook; `language` is that of texts whose column names none.

    Raises XlsFormRefused where there is nothing to ask, and what `read_sheets` raises.
    """
    sheets = read_sheets(content, names=SHEETS)
    survey = sheets.get("survey")
    if survey is None or not survey.rows:
        raise XlsFormRefused(_("This workbook has no sheet “survey” with rows. It is no XLSForm."))
    if "type" not in {_column(heading)[0] for heading in survey.headings}:
        raise XlsFormRefused(_("The sheet “survey” has no column “type” in its first row. It is no XLSForm."))
    report = Report()
    choices = sheets.get("choices", Sheet((), ()))
    settings = next(iter(sheets.get("settings", Sheet((), ())).rows), Row(0, {}))
    said = {_column(heading)[0]: value for heading, value in settings.cells.items()}
    usual = language_code(said.get("default_language", "")) or language
    columns = _Columns(usual, report)
    survey_rows = columns.renamed("survey", survey)
    choice_rows = columns.renamed("choices", choices)
    lists: dict[str, list[Row]] = {}
    for row in choice_rows:
        lists.setdefault(row.cells.get("list_name", ""), []).append(row)
    languages = sorted(columns.languages, key=lambda code: code != usual)
    title = said.get("form_title") or said.get("form_id", "")
    return Form(survey_rows, lists, title, tuple(languages) or (usual,), report)


def language_code(name: str) -> str:
    """The code of "Français (fr)", "fr", "French" or "Français"; nothing for what is no language that is known."""
    name = name.strip()
    if not name:
        return ""
    bracketed = _LANGUAGE_IN_BRACKETS.search(name)
    code = bracketed[1].lower() if bracketed else name.lower()
    if code.split("-")[0] in LANG_INFO or (bracketed and len(code) <= 3):
        return code
    plain = name.casefold()
    for known, about in LANG_INFO.items():
        if plain in {str(about.get("name", "")).casefold(), str(about.get("name_local", "")).casefold()}:
            return known
    return ""


def _column(heading: str) -> tuple[str, str]:
    """The usual name of a column and the language it names, if any."""
    plain = re.sub(r"\s*(::?)\s*", r"\1", heading.strip())
    lower = re.sub(r"[\s\-]+", "_", plain.lower())
    if lower in _COLUMNS:
        return _COLUMNS[lower], ""
    name, colon, language = plain.partition("::")
    if not colon:
        name, colon, language = plain.partition(":")
    usual = re.sub(r"[\s\-]+", "_", name.strip().lower())
    usual = _COLUMNS.get(usual, usual)
    if usual == "media" or (usual in {"bind", "body", "control", "instance"} and colon):
        return lower, ""
    return usual, language.strip()


@dataclass
class _Columns:
    """Columns by their usual names; the languages that were met."""

    usual: str
    report: Report
    languages: dict[str, None] = field(default_factory=dict)

    def renamed(self, sheet: str, found: Sheet) -> list[Row]:
        names = dict(self._names(sheet, found.headings))
        return [Row(row.number, self._cells(row.cells, names)) for row in found.rows]

    def _names(self, sheet: str, headings: Sequence[str]) -> Iterator[tuple[str, str]]:
        for heading in headings:
            name, language = _column(heading)
            if name not in TRANSLATED:
                yield heading, name
                continue
            code = language_code(language) if language else self.usual
            if not code:
                self.report.remarks.append(
                    Remark(
                        sheet, 1, "", heading, Outcome.LEFT_OUT, "language_unknown",
                        _("The language “%(name)s” is not known; its texts are left out.") % {"name": language[:40]},
                        _("Name its code in the heading, as in “label::Français (fr)”."),
                    )
                )  # fmt: skip
                continue
            self.languages.setdefault(code)
            yield heading, f"{name}::{code}"

    @staticmethod
    def _cells(cells: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
        renamed: dict[str, str] = {}
        for heading, cell in cells.items():
            if heading in names:
                renamed.setdefault(names[heading], cell)
        return renamed
