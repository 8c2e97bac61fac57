"""Template tags of the editor of surveys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import get_language, get_language_info

from geoparticipation.surveys.definition import in_language
from geoparticipation.surveys.editing.fields import INSIDE, ITEM_NUMBERS, SHAPES
from geoparticipation.surveys.editing.kinds import KindInWords, kind_in_words

register = template.Library()


@register.filter
def of_key(mapping: object, key: object) -> Any:
    """What stands under this key; nothing where there is no such thing."""
    return mapping.get(key, "") if isinstance(mapping, Mapping) else ""


@register.filter
def in_words(text: object) -> str:
    """A text in the language of the page, else in the first one that has words."""
    return in_language(text, get_language() or "") if isinstance(text, Mapping) else ""


@register.filter
def language_name(code: str) -> str:
    """What a language calls itself; its code where that is not known."""
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


@register.filter
def kind(name: str) -> KindInWords:
    """A kind of question with its name and icon."""
    return kind_in_words(name)


@register.filter
def as_json(value: object) -> str:
    """A value as JSON, for a hidden field."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@register.filter
def type_of_geometry(geometry: object) -> str:
    """The type of a GeoJSON geometry."""
    return str(geometry.get("type", "")) if isinstance(geometry, Mapping) else ""


@register.simple_tag
def editor_lists() -> dict[str, Any]:
    """The closed lists of the form of a question."""
    return {"shapes": SHAPES, "inside": INSIDE, "numbers": ITEM_NUMBERS}


@register.filter
def rows_with_spare(rows: object, spare: int) -> list[dict[str, Any]]:
    """Rows, and so many empty ones."""
    return [*(rows if isinstance(rows, list) else []), *({} for _number in range(spare))]
