"""The letterboxes of a mailing as a table for a bulk mailer, in the order of the flyers' pages."""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path
from typing import Final

from geoparticipation.mailings.models import LetterboxCode, Mailing
from layers.exports.csv_file import BYTE_ORDER_MARK
from layers.spreadsheets import harmless_cell

COLUMNS: Final = ("flyer", "line1", "line2", "line3", "line4", "postcode", "locality")


def write_postage(*, mailing: Mailing, path: Path) -> int:
    """Write a row for each flyer, numbered as the flyers are printed; gives how many. No codes are in it.

    UTF-8 with a byte order mark, no cell that a spreadsheet would run. The file appears whole or not at all; constant
    memory, one query.
    """
    rows = (
        LetterboxCode.objects.filter(letterbox__mailing=mailing)
        .order_by("letterbox__position", "number")
        .values_list("letterbox__lines", "letterbox__postcode", "letterbox__segment__locality")
    )
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    written = 0
    try:
        with os.fdopen(handle, "wb") as start:
            start.write(BYTE_ORDER_MARK)
        with Path(unfinished).open("a", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for lines, postcode, locality in rows.iterator(chunk_size=1000):
                written += 1
                four = [*(line for line in lines if line), "", "", "", ""][:4]
                table.writerow([written, *(harmless_cell(cell) for cell in (*four, postcode, locality))])
        umask = os.umask(0)
        os.umask(umask)
        Path(unfinished).chmod(0o666 & ~umask)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return written
