"""An address register into the territory."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from neighbourhoods.importers import address_best, address_csv, address_gis
from neighbourhoods.importers.address_formats import NamesStreets, ReadingOptions, format_named
from neighbourhoods.importers.errors import NothingToImport
from neighbourhoods.importers.progress import SilentTicker, Ticker
from neighbourhoods.importers.register_names import store_register_names
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.addresses import store_addresses
from neighbourhoods.importers.store.closing import Closing

__all__ = ["address_best", "address_csv", "address_gis", "import_addresses"]


def import_addresses(
    path: Path,
    *,
    format_name: str,
    report: ImportReport,
    options: ReadingOptions | None = None,
    source: str = "",
    closing: Closing = Closing.GUARDED,
    ticker: Ticker | None = None,
) -> None:
    """Import the addresses of a register; call it inside a transaction.

    `source` is the name under which they are stored, so that a later file of the same register updates them and,
    as far as `closing` says, closes those it no longer has.
    Raises Refusals; a file whose every row is refused is refused as a whole.
    """
    reader = format_named(format_name)
    ticker = ticker or SilentTicker()
    options = options or ReadingOptions()
    source = source or reader.source
    rows = reader.read(path, options=options, report=report, ticker=ticker)
    store_addresses(rows, source=source, report=report, closing=closing)
    if isinstance(reader, NamesStreets):
        store_register_names(reader.street_names(path, options=options), source=source)
    if not report.written("addresses"):
        reasons = "; ".join(f"{examples[0]} [{code}]" for (_kind, code), examples in report.examples.items())
        raise NothingToImport(
            _("Every row of %(file)s was refused: %(reasons)s.") % {"file": path.name, "reasons": reasons}
        )
