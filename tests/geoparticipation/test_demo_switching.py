"""Which database a demo town has, and what the town is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoparticipation.demo_town.switching import town_key, town_title


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("liechtenstein-2024.osm.pbf", "Liechtenstein"),
        ("luxembourg-latest.osm.pbf", "Luxembourg"),
        ("saint_gilles.pbf", "Saint Gilles"),
        ("2024.osm.pbf", ""),
    ],
)
def test_town_is_called_like_its_file(name: str, title: str) -> None:
    assert town_title(Path(name)) == title


def test_key_follows_what_is_in_the_file(tmp_path: Path) -> None:
    one, same, other = tmp_path / "Town 1.osm.pbf", tmp_path / "copy" / "Town 1.osm.pbf", tmp_path / "Town 2.osm.pbf"
    same.parent.mkdir()
    one.write_bytes(b"a")
    same.write_bytes(b"a")
    other.write_bytes(b"b")

    # First ten hexadecimal digits of the SHA-256 of "a", as coreutils' sha256sum gives them.
    assert town_key(one) == town_key(same) == "town_town_1_ca978112ca"
    assert town_key(other) != town_key(one)
