"""No inline script, style or event handler in any template: the content security policy would refuse them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
# Files to take away hold all that they need; the site never shows them as pages.
TAKEN_AWAY = {"dashboards/report.html", "dashboards/report_pdf.html", "paper/form.html"}
TEMPLATES = sorted(
    path
    for part in ("geoparticipation", "neighbourhoods", "layers")
    for path in (CHECKOUT / part).rglob("templates/**/*.html")
    if "/".join(path.parts[-2:]) not in TAKEN_AWAY
)
DATA_BLOCKS = {"application/json", "application/ld+json"}


class InlineCode(HTMLParser):
    """Collects what runs or styles inline."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.found += [f"<{tag} {name}>" for name in attributes if name == "style" or name.startswith(("on", "hx-on"))]
        self.found += [
            f"<{tag} {name}=javascript:>"
            for name, value in attrs
            if (value or "").strip().lower().startswith("javascript:")
        ]
        if tag == "style":
            self.found.append("<style>")
        if tag == "script" and "src" not in attributes:
            with_nonce = attributes.get("type") == "importmap" and "nonce" in attributes
            if not with_nonce and attributes.get("type") not in DATA_BLOCKS:
                self.found.append("<script> without src")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_template_has_no_inline_code(path: Path) -> None:
    # Template tags inside an element's tag would confuse the parser; they write no code themselves.
    text = re.sub(r"\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", "", path.read_text(), flags=re.DOTALL)
    parser = InlineCode()

    parser.feed(text)

    assert parser.found == []
