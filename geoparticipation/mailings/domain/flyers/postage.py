"""The letterboxes of a mailing as a table for a bulk mailer, in the order of the flyers' pages."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geoparticipation.mailings.domain.flyers.sequence import codes_in_order, flyers_by_round
from geoparticipation.mailings.enums import FlyerOrder
from geoparticipation.mailings.models import Mailing
from layers.exports.csv_file import BYTE_ORDER_MARK
from layers.spreadsheets import harmless_cell

COLUMNS: Final = ("flyer", "line1", "line2", "line3", "line4", "postcode", "locality")


def postage_rows(mailing: Mailing, order: str = FlyerOrder.LIST) -> Iterator[list[str]]:
    """The head and a row for each flyer, numbered as the flyers are printed in this order; one query.

    No codes are in it, and no cell that a spreadsheet would run.
    """
    rows = codes_in_order(mailing, order).values_list(
        "letterbox__lines", "letterbox__postcode", "letterbox__segment__locality"
    )
    yield list(COLUMNS)
    for number, (lines, postcode, locality) in enumerate(rows.iterator(chunk_size=1000), start=1):
        four = [*(line for line in lines if line), "", "", "", ""][:4]
        yield [str(number), *(harmless_cell(cell) for cell in (*four, postcode, locality))]


def write_postage(*, mailing: Mailing, path: Path, order: str = FlyerOrder.LIST) -> int:
    """Write these rows to a file and give how many flyers they are; constant memory.

    UTF-8 with a byte order mark. The file appears whole or not at all. Raises NoRounds, RoundsIncomplete.
    """
    flyers_by_round(mailing, order)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    written = -1
    try:
        with os.fdopen(handle, "wb") as start:
            start.write(BYTE_ORDER_MARK)
        with Path(unfinished).open("a", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            for row in postage_rows(mailing, order):
                table.writerow(row)
                written += 1
        umask = os.umask(0)
        os.umask(umask)
        Path(unfinished).chmod(0o666 & ~umask)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return written
