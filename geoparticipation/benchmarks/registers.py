"""An address register imported, against `ogr2ogr` with COPY."""

from __future__ import annotations

import csv
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction

from geoparticipation.benchmarks.table import Row, duration_ms
from geoparticipation.benchmarks.town import SIDE, SOUTH, WEST, vacuum
from neighbourhoods.importers.load_addresses import import_addresses
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.models import Address, Street

_LIMIT = (
    "ogr2ogr copies rows into a table with a key and a spatial index. The import also parses house numbers, looks for "
    "doubles, finds the street of each address by code, commune and name and its district by place, compares with what "
    "is stored, and keeps six indexes and two references. A third of the processor time is Python's, which reads and "
    "checks the rows; the rest is PostgreSQL's."
)


def importing(addresses: int) -> Iterator[Row]:
    """Load a CSV of so many addresses into the current database, whose own addresses go first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        _write_register(path, addresses)
        ours_ms = duration_ms(lambda: _import(path))
        stored = Address.objects.count()
        ogr_ms = duration_ms(lambda: _ogr2ogr(path)) if shutil.which("ogr2ogr") else None
    what = f"import of {stored:,} addresses of a CSV file"
    ours = f"{ours_ms / 1000:.1f} s, {stored / ours_ms * 1000:,.0f} a second"
    if ogr_ms is None:
        yield Row(what=f"{what} (ogr2ogr is not installed)", ours=ours)
        return
    yield Row(
        what=f"{what}, against ogr2ogr with COPY",
        ours=ours,
        other=f"{ogr_ms / 1000:.1f} s, {stored / ogr_ms * 1000:,.0f} a second",
        ratio=ours_ms / ogr_ms,
        goal="≤ 1.43 (0.7 × its rate)",
        at_most=1 / 0.7,
        limit=_LIMIT,
    )


def _write_register(path: Path, addresses: int) -> None:
    """As a register is: street by street."""
    streets = list(Street.objects.order_by("pk").values_list("name", flat=True))
    homes = -(-addresses // len(streets))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "street", "house_number", "box", "postcode", "locality", "lon", "lat"])
        for n in range(addresses):
            street, home = divmod(n, homes)
            lon = WEST + SIDE * (home + 0.5) / homes
            lat = SOUTH + SIDE * (street + 0.5) / len(streets)
            number = f"{home + 1}{'' if home % 10 else ' bis'}"
            box = "" if home % 5 else f"A{home}"
            writer.writerow([f"r{n}", streets[street], number, box, "1000", "Bench", f"{lon:.7f}", f"{lat:.7f}"])


def _import(path: Path) -> None:
    with transaction.atomic():
        import_addresses(path, format_name="csv", report=ImportReport())


def _ogr2ogr(path: Path) -> None:
    of = connection.settings_dict
    target = f"PG:host='{of['HOST']}' port='{of['PORT']}' user='{of['USER']}' dbname='{of['NAME']}'"
    if of.get("PASSWORD"):
        target += f" password='{of['PASSWORD']}'"
    subprocess.run(
        [
            *("ogr2ogr", "-f", "PostgreSQL", target, path, "-nln", "bench_ogr", "-overwrite", "-a_srs", "EPSG:4326"),
            *("-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat", "-oo", "KEEP_GEOM_COLUMNS=NO"),
            *("--config", "PG_USE_COPY", "YES"),
        ],
        check=True,
    )


def forget_addresses() -> None:
    """Empty the table of addresses, and what its indexes take."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE neighbourhoods_address CASCADE")
    vacuum()
