"""What an agent says about an uploaded file: which column means what, and what register it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from neighbourhoods.domain.registers.errors import ColumnNeeded, ColumnNotInFile, EditionExists, UploadBusy
from neighbourhoods.domain.registers.meanings import meanings_of
from neighbourhoods.domain.registers.summary import FileSummary
from neighbourhoods.enums import RegisterKind, UploadState
from neighbourhoods.models import BoundaryRelease, RegisterUpload, Street

CHANGEABLE = (UploadState.READY, UploadState.REFUSED, UploadState.UNREADABLE)
"""States in which there is still something to say about a file."""


class Extent(StrEnum):
    """How much of its register a file is, and so what happens to the rows that it lacks."""

    PART = "part"
    """They stay."""
    WHOLE = "whole"
    """They are closed; most of a register is not closed at once."""
    MOSTLY_GONE = "mostly-gone"
    """They are closed, however many."""


@dataclass(frozen=True)
class Choices:
    """`columns` is meaning → column. Empty `encoding`, `layer` and `crs` are found from the file itself.

    `source` and `extent` are about addresses and streets, `level` and `release` about districts.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    layer: str = ""
    crs: str = ""
    source: str = ""
    extent: str = Extent.PART
    level: str = ""
    release: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the upload's `choices`."""
        return {**asdict(self), "columns": dict(self.columns)}


def choices_of(upload: RegisterUpload) -> Choices:
    """What is kept of an upload; what was never said is empty."""
    kept = upload.choices or {}
    return Choices(**{name: kept[name] for name in Choices.__dataclass_fields__ if name in kept})


def save_choices(*, upload: RegisterUpload, choices: Choices) -> RegisterUpload:
    """Keep what the agent says, so that it can be previewed and loaded.

    Raises ColumnNeeded, ColumnNotInFile, EditionExists, and UploadBusy where the upload is being loaded or done.
    """
    summary = FileSummary.of(upload)
    columns = {meaning: column for meaning, column in choices.columns.items() if column}
    for meaning in meanings_of(upload.kind, has_shapes=summary.has_shapes):
        column = columns.get(meaning.key, "")
        if meaning.required and not column:
            raise ColumnNeeded(
                _("Say which column holds this: %(what)s.") % {"what": str(meaning.label)}, field=meaning.key
            )
        if column and column not in summary.names:
            raise ColumnNotInFile(_("The file has no column “%(column)s”.") % {"column": column}, field=meaning.key)
    if upload.kind == RegisterKind.DISTRICTS:
        require_new_edition(level=choices.level, release=choices.release)
    keep(upload, replace(choices, columns=columns), state=UploadState.READY)
    return upload


def require_new_edition(*, level: str, release: str) -> None:
    """Raise EditionExists where the level has such an edition: loaded over it, its figures would no longer be true."""
    if BoundaryRelease.objects.filter(level__name=level, name=release).exists():
        raise EditionExists(
            _("There is already an edition “%(release)s” of “%(level)s”. Give this one another name.")
            % {"release": release, "level": level},
            field="release",
        )


def keep(upload: RegisterUpload, choices: Choices, **values: Any) -> None:
    """Write choices and further values, where the upload is in a state in which it can be changed."""
    kept = {"choices": choices.as_json(), "refusal": "", "refusal_code": "", **values}
    if not RegisterUpload.objects.filter(pk=upload.pk, state__in=CHANGEABLE).update(**kept):
        raise busy(upload)
    upload.refresh_from_db()


def busy(upload: RegisterUpload) -> UploadBusy:
    """Why an upload cannot be changed any more."""
    return UploadBusy(
        _("“%(name)s” is being loaded, or was loaded or cancelled: it cannot be changed any more.")
        % {"name": upload.original_name}
    )


def known_sources(kind: str) -> list[str]:
    """Names of the registers that addresses or streets were loaded from; one query.

    Through the addresses by skipping along their index: there may be a million of them.
    """
    if kind == RegisterKind.STREETS:
        return list(Street.objects.exclude(source="").order_by("source").values_list("source", flat=True).distinct())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE found (source) AS (
                (SELECT source FROM neighbourhoods_address ORDER BY source LIMIT 1)
                UNION ALL
                SELECT (SELECT source FROM neighbourhoods_address WHERE source > found.source ORDER BY source LIMIT 1)
                FROM found WHERE found.source IS NOT NULL
            )
            SELECT source FROM found WHERE source <> ''
            """
        )
        return [str(row[0]) for row in cursor.fetchall()]
