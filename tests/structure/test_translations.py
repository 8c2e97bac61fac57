"""Every word of the site is in French and in English."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

CHECKOUT = Path(__file__).resolve().parents[2]
PARTS = ("geoparticipation", "neighbourhoods", "layers")
CATALOGUES = sorted(path for part in PARTS for path in (CHECKOUT / part).rglob("locale/fr/LC_MESSAGES/django.po"))


def messages(path: Path) -> set[tuple[str, str]]:
    """Context and text of all entries that are in use, by gettext's own tools."""
    listed = subprocess.run(
        ["msgattrib", "--no-obsolete", "--no-wrap", path], capture_output=True, text=True, check=True
    ).stdout
    found = set()
    for block in listed.split("\n\n"):
        context = _quoted("msgctxt", block)
        text = _quoted("msgid", block)
        if text:
            found.add((context, text))
    return found


def _quoted(keyword: str, block: str) -> str:
    match = re.search(rf'^{keyword} ((?:"(?:[^"\\]|\\.)*"\n?)+)', block, re.MULTILINE)
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', match[1])) if match else ""


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_french_catalogue_is_complete_and_sound(path: Path) -> None:
    checked = subprocess.run(
        ["msgfmt", "--check-format", "--statistics", "-o", "/dev/null", path],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin"},
    )

    assert checked.returncode == 0, checked.stderr
    assert re.fullmatch(r"\d+ translated messages?\.", checked.stderr.strip()), checked.stderr


def test_every_string_in_the_source_is_in_a_catalogue(tmp_path: Path) -> None:
    """`makemessages` on a copy of the source finds nothing that the catalogues do not have."""
    for part in PARTS:
        shutil.copytree(
            CHECKOUT / part, tmp_path / part, ignore=shutil.ignore_patterns("locale", "__pycache__", "migrations")
        )
    (tmp_path / "locale").mkdir()
    subprocess.run(
        [CHECKOUT / ".venv" / "bin" / "django-admin", "makemessages", "-l", "fr", "--no-location", "-v", "0"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin"},
    )
    in_source = messages(tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po")
    translated = set().union(*(messages(path) for path in CATALOGUES))

    assert len(in_source) > 100
    missing = sorted(text for context, text in in_source - translated)
    assert missing == []


def test_there_are_two_languages_and_french_is_first() -> None:
    assert [code for code, _ in settings.LANGUAGES] == ["fr", "en"]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_french_typography(path: Path) -> None:
    """Before : ; ? ! » and after « there is a space, and no line breaks at it."""
    french = re.findall(r'^msgstr(?:\[\d\])? ((?:"(?:[^"\\]|\\.)*"\n?)+)', path.read_text(), re.MULTILINE)[
        1:
    ]  # but the head
    sentences = ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', quoted)) for quoted in french]

    assert [sentence for sentence in sentences if re.search(r" [:;?!»]|« |«\w|\w[?!»]", sentence)] == []
