"""Documents say what the code does: settings, commands, files they name.

`python -m tests.structure.test_documents` writes the README's two tables anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoparticipation.settings")

from django.conf import settings
from django.core.management import get_commands, load_command_class

from geoparticipation.environment import DECLARED, Variable

CHECKOUT = Path(__file__).resolve().parents[2]
README = CHECKOUT / "README.md"
DOCUMENTS = [README, *sorted((CHECKOUT / "docs").rglob("*.md"))]
OWN_PARTS = ("geoparticipation", "neighbourhoods", "layers")


def settings_rows() -> list[str]:
    def default(variable: Variable) -> str:
        return f"`{variable.default}`" if variable.default else "(empty)"

    _ = settings.DEBUG  # reads the settings, which declares the variables
    return [
        f"| `{variable.name}` | {variable.kind} | {default(variable)} | {variable.meaning} |"
        for variable in sorted(DECLARED.values(), key=lambda variable: variable.name)
    ]


def own_commands() -> dict[str, str]:
    return {
        name: load_command_class(app, name).help
        for name, app in sorted(get_commands().items())
        if app.split(".")[0] in OWN_PARTS
    }


def command_rows() -> list[str]:
    return [f"| `{name}` | {said} |" for name, said in own_commands().items()]


def table(marker: str) -> list[str]:
    """Rows of the README's table after this marker, without its two head lines."""
    after = README.read_text().split(f"<!-- {marker}:", 1)[1].split("\n")[1:]
    rows = []
    for line in after:
        if not line.startswith("|"):
            break
        rows.append(line)
    return rows[2:]


def test_readme_lists_every_setting_with_type_default_and_meaning() -> None:
    assert table("settings") == settings_rows()


def test_readme_lists_every_command() -> None:
    assert table("commands") == command_rows()


def test_every_command_says_what_it_does() -> None:
    assert [name for name, said in own_commands().items() if not said] == []


def test_make_targets_in_documents_exist() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {target for path in DOCUMENTS for target in re.findall(r"\bmake ([a-z-]+)\b`", path.read_text())}

    assert named
    assert named <= targets


def test_help_of_make_names_targets_that_exist() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    assert set(re.findall(r'@echo "make ([a-z]+)', makefile)) <= targets


def test_manage_commands_in_documents_exist() -> None:
    commands = get_commands()
    named = {name for path in DOCUMENTS for name in re.findall(r"manage\.py ([a-z_]+)", path.read_text())}

    assert named - {"help"} <= set(commands)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_files_that_documents_link_to_exist(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text())

    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]

    assert missing == []


def test_decisions_are_numbered_without_gaps_and_have_three_parts() -> None:
    decisions = sorted((CHECKOUT / "docs" / "adr").glob("*.md"))

    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text()
        assert all(f"**{part}.**" in text for part in ("Context", "Choice", "Consequence")), path.name


def _write_tables() -> None:
    import django

    django.setup()
    text = README.read_text()
    for marker, rows in (("settings", settings_rows()), ("commands", command_rows())):
        before, after = text.split(f"<!-- {marker}:", 1)
        head, *lines = after.split("\n")
        rest = lines[next(i for i, line in enumerate(lines) if not line.startswith("|")) :]
        text = "\n".join([before + f"<!-- {marker}:" + head, *lines[:2], *rows, *rest])
    README.write_text(text)


if __name__ == "__main__":
    _write_tables()
