"""A survey as a file of its own: JSON of the format, and back."""

from __future__ import annotations

import json
from typing import Any, Final

from django.utils.translation import gettext as _

from geoparticipation.surveys.definition import SurveyDefinition, read_definition, write_definition
from layers.errors import Refusal

MOST_BYTES: Final = 2_000_000


class SurveyFileUnreadable(Refusal):
    """A file that is no JSON, or too much of it."""

    code = "survey_file_unreadable"
    status = 422

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="file")


def write_file(definition: SurveyDefinition) -> bytes:
    """The survey as indented JSON, in UTF-8; reading it gives an equal one."""
    return json.dumps(write_definition(definition), ensure_ascii=False, indent=2).encode() + b"\n"


def read_file(content: bytes) -> SurveyDefinition:
    """The survey of a file. Raises SurveyFileUnreadable with the line, and DefinitionRefused with every fault."""
    if len(content) > MOST_BYTES:
        raise SurveyFileUnreadable(
            _("This file is too large: a survey may have %(limit)d MB at the most.")
            % {"limit": MOST_BYTES // 1_000_000}
        )
    try:
        said = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise SurveyFileUnreadable(_("This file is not written in UTF-8. Save it so, and send it again.")) from None
    except json.JSONDecodeError as error:
        raise SurveyFileUnreadable(
            _("Line %(line)d of this file is no JSON (at character %(column)d). Export the survey again.")
            % {"line": error.lineno, "column": error.colno}
        ) from None
    except (RecursionError, ValueError):
        raise SurveyFileUnreadable(_("This file is no JSON that could be a survey. Export the survey again.")) from None
    return read_definition(said)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
