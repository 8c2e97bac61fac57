"""What is in an uploaded file: its columns, a few values of each, its first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from neighbourhoods.models import RegisterUpload


@dataclass(frozen=True)
class Column:
    """A column or attribute, and a few values it has."""

    name: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileSummary:
    """What the wizard shows of a file; kept as JSON in the upload's `description`.

    `rows` is None where only reading the whole file would tell; for text it is the number of lines below the header.
    With several `layers` and no `layer`, nothing else is known yet. `register` is the known format of addresses that
    this is ("ban", "best"), if any: its columns need no choosing. `first` are the cells of the first rows by column,
    and `shapes` their GeoJSON geometries (4326), simplified: both for streets and districts only.
    """

    format: str = ""
    has_shapes: bool = False
    columns: tuple[Column, ...] = ()
    guessed: Mapping[str, str] | None = None
    rows: int | None = None
    layers: tuple[str, ...] = ()
    layer: str = ""
    crs: str = ""
    encoding: str = ""
    delimiter: str = ""
    register: str = ""
    first: Sequence[Mapping[str, str]] = ()
    shapes: Sequence[Mapping[str, Any] | None] = ()

    def as_json(self) -> dict[str, Any]:
        """For the upload's `description`."""
        return {**asdict(self), "columns": [[column.name, list(column.samples)] for column in self.columns]}

    @classmethod
    def of(cls, upload: RegisterUpload) -> FileSummary:
        """The summary kept of an upload; an empty one where it could not be read."""
        kept = dict(upload.description or {})
        kept["columns"] = tuple(Column(name, tuple(samples)) for name, samples in kept.get("columns", ()))
        return cls(**kept)

    @property
    def names(self) -> list[str]:
        """Titles of the columns, in the file's order."""
        return [column.name for column in self.columns]

    def samples_of(self, column: str) -> tuple[str, ...]:
        """A few values of the column; none where there is no such column."""
        return next((found.samples for found in self.columns if found.name == column), ())

    @property
    def needs_layer(self) -> bool:
        """Whether a layer has to be chosen before anything else can be said."""
        return bool(self.layers) and not self.layer and not self.columns

    @property
    def is_text(self) -> bool:
        """Whether this is a table of text, with coordinates in columns."""
        return not self.has_shapes
