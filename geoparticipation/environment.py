"""Every environment variable the platform reads, declared once with its type, default and meaning.

`settings.py` declares; README's table lists; `tests/test_environment.py` compares the two.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True)
class Variable:
    """One declared environment variable, as the README shows it."""

    name: str
    kind: Literal["text", "integer", "boolean", "list"]
    default: str
    meaning: str


DECLARED: dict[str, Variable] = {}


def _read(name: str, kind: Literal["text", "integer", "boolean", "list"], default: str, meaning: str) -> str:
    if name in DECLARED:
        raise ImproperlyConfigured(f"{name} is declared twice.")
    DECLARED[name] = Variable(name, kind, default, meaning)
    return os.environ.get(name, default).strip()


def text(name: str, default: str, meaning: str) -> str:
    """Declare and read a text variable."""
    return _read(name, "text", default, meaning)


def integer(name: str, default: int, meaning: str) -> int:
    """Declare and read a whole number; raises ImproperlyConfigured when it is not one."""
    value = _read(name, "integer", str(default), meaning)
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number ({meaning}).") from None


def boolean(name: str, default: bool, meaning: str) -> bool:
    """Declare and read a yes/no variable; raises ImproperlyConfigured when it is neither."""
    value = _read(name, "boolean", "1" if default else "0", meaning).lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: write 1 or 0 ({meaning}).")


def listing(name: str, default: str, meaning: str) -> list[str]:
    """Declare and read a comma-separated list."""
    return [part.strip() for part in _read(name, "list", default, meaning).split(",") if part.strip()]
