"""What a process grows by when it writes a long file after a short one of the same kind.

    python -m geoparticipation.benchmarks.memory KIND ROWS   (with DATABASE_URL) prints it in kB

The process is one of its own, so that nothing done before hides the growth.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile

_SHORT = 200


def growth_kb(kind: str, rows: int, database_url: str) -> int:
    """Ask another process; `kind` is "mailing-list" or an export's format."""
    ran = subprocess.run(
        [sys.executable, "-m", __name__, kind, str(rows)],
        env={**os.environ, "DATABASE_URL": database_url},
        check=True,
        capture_output=True,
        text=True,
    )
    return int(ran.stdout.split()[-1])


def _peak_kb() -> int:
    """Linux gives kilobytes, macOS bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)


def _write(kind: str, rows: int) -> None:
    with tempfile.TemporaryFile() as file:
        if kind == "mailing-list":
            from geoparticipation.benchmarks.lists import square_of, write_list

            write_list(file, square_of(rows))
        else:
            from geoparticipation.benchmarks.downloads import write_export

            write_export(file, kind, rows)


def main(kind: str, rows: int) -> None:
    """Write the short file, then the long one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoparticipation.settings")
    import django

    django.setup()
    _write(kind, _SHORT)
    before_kb = _peak_kb()
    _write(kind, rows)
    sys.stdout.write(f"{_peak_kb() - before_kb}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
