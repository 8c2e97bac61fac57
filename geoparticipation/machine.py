"""What the machine must have beside Python, and how it gets it (`make setup`).

    python3 -m geoparticipation.machine         installs what is missing
    python3 -m geoparticipation.machine --test  also what only the tests need (a browser)
    python3 -m geoparticipation.machine --bench also what only the measures need (ogr2ogr)

Debian, Ubuntu and their like by apt, as root or through a sudo that asks nothing; macOS by Homebrew; elsewhere one
sentence says what to install. The package manager is called only when something is really missing.

Standard library only, and run by the system's Python: nothing else is installed yet.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geoparticipation import local_postgres

POSTGRESQL_COMMON = Path("/etc/postgresql-common/createcluster.d")


@dataclass(frozen=True)
class Need:
    """Something the machine must have: how one sees it, and the packages that bring it."""

    name: str
    is_there: Callable[[], bool]
    debian: tuple[str, ...]
    homebrew: tuple[str, ...]
    for_tests: bool = False
    for_bench: bool = False


def _has_postgis() -> bool:
    return any(local_postgres.has_postgis(folder) for folder in local_postgres.binary_folders())


def _has_library(*names: str) -> bool:
    """Whether the loader finds the library, asked as WeasyPrint asks: by its file name."""

    def loads(name: str) -> bool:
        for file_name in (
            f"lib{name}.so.0",
            f"lib{name}.so.1",
            f"lib{name}.dylib",
            f"/opt/homebrew/lib/lib{name}.dylib",
        ):
            try:
                ctypes.CDLL(file_name)
            except OSError:
                continue
            return True
        return False

    return all(loads(name) for name in names)


def _has_fonts() -> bool:
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts")
    return any(next(Path(folder).rglob("*.[ot]t[fc]"), None) for folder in folders)


def find_chromium() -> str | None:
    """Path of the browser for the tests: GEOPARTICIPATION_CHROMIUM, or one of the usual names and places."""
    named = os.environ.get("GEOPARTICIPATION_CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    for application in ("Chromium", "Google Chrome"):
        path = Path(f"/Applications/{application}.app/Contents/MacOS/{application}")
        if path.exists():
            return str(path)
    return None


def find_gdal_python() -> str | None:
    """Path of a Python of the system's that has GDAL's own programs (`osgeo_utils`), for the tests.

    Ours has not: it has one GDAL, that of the pyogrio wheel, and no second one beside it.
    """
    for python in ("/usr/bin/python3", "/opt/homebrew/bin/python3", "/usr/local/bin/python3"):
        asked = [python, "-c", "import osgeo.ogr, osgeo_utils.samples.validate_gpkg"]
        if Path(python).exists() and subprocess.run(asked, capture_output=True, check=False).returncode == 0:
            return python
    return None


def _has_uv_or_venv() -> bool:
    """Debian's Python can make no environment without the package python3-venv; with uv it need not."""
    return bool(shutil.which("uv")) or importlib.util.find_spec("ensurepip") is not None


NEEDS = [
    Need("PostgreSQL with PostGIS", _has_postgis, ("postgresql-postgis",), ("postgresql@17", "postgis")),
    Need("gettext", lambda: bool(shutil.which("msgfmt")), ("gettext",), ("gettext",)),
    Need(
        "Pango (for PDF files)",
        lambda: _has_library("gobject-2.0", "pango-1.0", "pangoft2-1.0", "fontconfig", "harfbuzz", "harfbuzz-subset"),
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
        ("pango",),
    ),
    Need("a font", _has_fonts, ("fonts-dejavu-core",), ()),
    Need("Python's venv", _has_uv_or_venv, ("python3-venv",), ()),
    Need(
        "ogrinfo and ogr2ogr (for tests and measures)",
        lambda: bool(shutil.which("ogrinfo") and shutil.which("ogr2ogr")),
        ("gdal-bin",),
        ("gdal",),
        for_tests=True,
        for_bench=True,
    ),
    Need(
        "GDAL's own checks of files (for tests)",
        lambda: bool(find_gdal_python()),
        ("python3-gdal",),
        ("gdal",),
        for_tests=True,
    ),
    Need(
        "zbarimg (for tests)",
        lambda: bool(shutil.which("zbarimg")),
        ("zbar-tools",),
        ("zbar",),
        for_tests=True,
    ),
    Need("Chromium (for tests)", lambda: bool(find_chromium()), ("chromium",), ("chromium",), for_tests=True),
]


class MachineError(RuntimeError):
    """Something is missing and cannot be installed from here."""


def missing(*, with_tests: bool = False, with_bench: bool = False) -> list[Need]:
    """What this machine lacks."""

    def is_wanted(need: Need) -> bool:
        for_all = not (need.for_tests or need.for_bench)
        return for_all or (with_tests and need.for_tests) or (with_bench and need.for_bench)

    return [need for need in NEEDS if is_wanted(need) and not need.is_there()]


def postgis_packages() -> tuple[str, ...]:
    """Debian's PostGIS package for the server that is installed already, or else for Debian's own choice of server."""
    for folder in local_postgres.binary_folders():
        found = re.fullmatch(r"/usr/lib/postgresql/(\d+)/bin", str(folder))
        if found:
            return (f"postgresql-{found[1]}-postgis-3",)
    return ("postgresql-postgis",)


def _as_root() -> list[str]:
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    raise MachineError("")


@contextmanager
def _without_a_main_cluster(root: list[str]) -> Iterator[None]:
    """Keep Debian's server package from making and starting a server of its own that nobody asked for."""
    if local_postgres.binary_folders():
        yield
        return
    wish = POSTGRESQL_COMMON / "geoparticipation.conf"
    there = POSTGRESQL_COMMON.exists()
    subprocess.run([*root, "mkdir", "-p", str(POSTGRESQL_COMMON)], check=True)
    subprocess.run(
        [*root, "tee", str(wish)],
        input="create_main_cluster = false\n",
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        subprocess.run([*root, "rm", "-f", str(wish)], check=False)
        if not there:
            subprocess.run([*root, "rmdir", str(POSTGRESQL_COMMON)], check=False, stderr=subprocess.DEVNULL)


def _install_by_apt(packages: list[str]) -> None:
    root = _as_root()
    quiet = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    with _without_a_main_cluster(root):
        subprocess.run([*quiet, "update"], check=True, stdin=subprocess.DEVNULL)
        subprocess.run(
            [*quiet, "install", "--no-install-recommends", "-y", *packages],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


def install(needs: list[Need]) -> None:
    """Install all of it, or raise MachineError with one sentence saying what to install."""
    names = ", ".join(need.name for need in needs)
    if shutil.which("apt-get"):
        packages = [p for need in needs for p in (postgis_packages() if need.is_there is _has_postgis else need.debian)]
        by_hand = f"apt-get install {' '.join(packages)}"
        try:
            sys.stdout.write(f"Installing {names} ({' '.join(packages)}) …\n")
            sys.stdout.flush()
            _install_by_apt(packages)
        except MachineError:
            raise MachineError(f"Missing: {names}. As root, run: {by_hand}") from None
        except subprocess.CalledProcessError as error:
            raise MachineError(f"Missing: {names}. “{by_hand}” failed (exit code {error.returncode}).") from error
    elif shutil.which("brew"):
        packages = [package for need in needs for package in need.homebrew]
        sys.stdout.write(f"Installing {names} ({' '.join(packages)}) …\n")
        sys.stdout.flush()
        if subprocess.run(["brew", "install", "--quiet", *packages], check=False).returncode:
            raise MachineError(f"Missing: {names}. “brew install {' '.join(packages)}” failed.")
    else:
        raise MachineError(f"Missing: {names}. Install this with your system's package manager, then run this again.")
    still = [need.name for need in needs if not need.is_there()]
    if still:
        raise MachineError(f"Installed, and still not found: {', '.join(still)}.")


def main(arguments: list[str]) -> int:
    """Install what is missing; prints nothing when nothing is."""
    lacking = missing(with_tests="--test" in arguments, with_bench="--bench" in arguments)
    if not lacking:
        return 0
    try:
        install(lacking)
    except MachineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
