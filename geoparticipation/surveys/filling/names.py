"""The names of a form's fields, which are also their ids: `q.danger.0.why` for the path `danger[0].why`."""

from __future__ import annotations


def name_of(path: str) -> str:
    """The field of an answer, or of a part of it. What a place field has of its own starts with `_`, as no key does."""
    return "q." + path.replace("[", ".").replace("]", "")
