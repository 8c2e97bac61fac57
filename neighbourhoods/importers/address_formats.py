"""The formats of address registers that can be read, by the name `--format` gives them.

A further register is one more entry: a class with `read` that yields AddressRows, and `describe` that shows the first
of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from django.utils.translation import gettext as _

from layers.readers import FileLimits
from neighbourhoods.importers.address_description import AddressFileDescription
from neighbourhoods.importers.errors import FormatUnknown
from neighbourhoods.importers.progress import Ticker
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.addresses import AddressRow


@dataclass(frozen=True)
class ReadingOptions:
    """What the person running the import says about the file; empty values are found from the file itself."""

    columns: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ""
    encoding: str = ""
    crs: str = ""
    layer: str = ""
    limits: FileLimits | None = None
    """How much of a GIS file is read; None for what a command may read."""


class AddressFormat(Protocol):
    """A reader of one kind of register."""

    @property
    def source(self) -> str:
        """What its addresses are stored under."""

    def read(
        self, path: Path, *, options: ReadingOptions, report: ImportReport, ticker: Ticker
    ) -> Iterator[AddressRow]:
        """Yield the good rows, refuse the bad ones in the report; raise a Refusal when the file itself is bad.

        What is to be asked of the database is asked before the first row: while the rows come, its connection is busy
        with the COPY that they go into.
        """

    def describe(self, path: Path, *, options: ReadingOptions) -> AddressFileDescription:
        """Look at the first rows; touch nothing, and let columns be missing."""


@runtime_checkable
class NamesStreets(Protocol):
    """A reader of a register that also knows what its streets are called in several languages."""

    def street_names(self, path: Path, *, options: ReadingOptions) -> dict[str, dict[str, str]]:
        """Street code, as its AddressRows have it → language → name."""


FORMATS: dict[str, AddressFormat] = {}


def register_format(name: str, address_format: AddressFormat) -> None:
    """Make a format known under a name."""
    FORMATS[name] = address_format


def format_named(name: str) -> AddressFormat:
    """The reader for a format; raises FormatUnknown naming those that exist."""
    try:
        return FORMATS[name]
    except KeyError:
        known = ", ".join(sorted(FORMATS))
        raise FormatUnknown(
            _("There is no reader for the format “%(format)s”. There are: %(known)s.")
            % {"format": name, "known": known}
        ) from None
