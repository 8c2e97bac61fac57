"""Look into an uploaded file: what it is, which columns it has, what they probably mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from layers.errors import Refusal
from layers.geometry import simplified
from layers.readers import (
    FieldDescription,
    FileCrsMissing,
    FileFeature,
    FileLimits,
    FileUnreadable,
    describe_file,
)
from neighbourhoods.domain.registers.choices import CHANGEABLE, Choices, Extent, choices_of
from neighbourhoods.domain.registers.files import file_on_disk
from neighbourhoods.domain.registers.locks import take_upload
from neighbourhoods.domain.registers.meanings import guess_columns
from neighbourhoods.domain.registers.reference_systems import are_degrees, guess_system
from neighbourhoods.domain.registers.sentences import in_the_wizards_words
from neighbourhoods.domain.registers.summary import Column, FileSummary
from neighbourhoods.enums import RegisterKind, UploadState
from neighbourhoods.importers.address_description import describe_addresses, guess_format
from neighbourhoods.importers.address_formats import ReadingOptions
from neighbourhoods.importers.address_rows import number_in
from neighbourhoods.models import BoundaryRelease, RegisterUpload

MOST_ATTEMPTS = 3
READ_AT_ONCE_BYTES = 5_000_000
"""A file up to this size is looked into while its sender waits; a larger one by the worker."""
AT_ONCE = FileLimits(
    max_bytes=READ_AT_ONCE_BYTES,
    memory_bytes=2_000_000_000,
    cpu_seconds=15,
    max_expanded_bytes=200_000_000,
    max_members=1000,
)
KNOWN_REGISTERS = ("ban", "best")
"""Formats of addresses that are recognised by their columns."""
FIRST_ROWS = 300
"""Streets or districts that are kept for the preview."""
MAX_VERTICES = 40_000
"""Of all previewed shapes together: what a browser draws at once, in a page of some hundred kilobytes."""
LOOKED_BACK = 20
"""How many loaded registers are compared with a new one."""
_LONGEST_CELL = 200
_COUNTED_AT_ONCE = 1 << 20


def describe_upload(*, upload_id: int, limits: FileLimits | None = None) -> RegisterUpload | None:
    """Look into the file and keep what was found, with guesses where nothing was said yet.

    A file that cannot be read becomes “unreadable”, with the sentence that says why. Safe to run again; None where the
    upload is gone or another process has it.
    """
    RegisterUpload.objects.filter(pk=upload_id, state=UploadState.RECEIVED).update(attempts=F("attempts") + 1)
    with transaction.atomic():
        if not take_upload(upload_id):
            return None
        upload = RegisterUpload.objects.filter(pk=upload_id, state__in=(UploadState.RECEIVED, *CHANGEABLE)).first()
        if upload is None:
            return None
        said = choices_of(upload)
        with translation.override(upload.language or settings.LANGUAGE_CODE):
            try:
                if upload.attempts > MOST_ATTEMPTS:
                    raise FileUnreadable(_("The server stopped each time it read this file. Send it in parts."))
                with file_on_disk(upload) as path:
                    said, summary = _with_likely_system(path, upload.kind, said, limits or FileLimits())
            except Refusal as refusal:
                upload.state = UploadState.UNREADABLE
                upload.refusal_code = refusal.code
                upload.refusal = in_the_wizards_words(refusal, upload)
            else:
                upload.state, upload.refusal, upload.refusal_code = UploadState.READY, "", ""
                upload.description = summary.as_json()
                upload.choices = _with_guesses(said, summary, upload).as_json()
        upload.attempts, upload.changed_at = 0, timezone.now()
        upload.save()
    return upload


def _with_likely_system(path: Path, kind: str, said: Choices, limits: FileLimits) -> tuple[Choices, FileSummary]:
    """The summary; of shapes in metres that say no reference system, in the likely one, which is then said."""
    try:
        return said, _summary(path, kind, said, limits)
    except FileCrsMissing as missing:
        likely = guess_system([(missing.extra["x"], missing.extra["y"])])
        if not likely:
            raise
        said = replace(said, crs=likely)
        return said, _summary(path, kind, said, limits)


def _summary(path: Path, kind: str, said: Choices, limits: FileLimits) -> FileSummary:
    if kind == RegisterKind.ADDRESSES:
        return _of_addresses(path, said, limits)
    return _of_shapes(path, kind, said, limits)


def _of_addresses(path: Path, said: Choices, limits: FileLimits) -> FileSummary:
    options = ReadingOptions(encoding=said.encoding, crs=said.crs, layer=said.layer, limits=limits)
    format_name = guess_format(path)
    found = describe_addresses(path, format_name=format_name, options=options)
    has_shapes = format_name == "gis"
    columns = _columns(found.columns)
    names = [column.name for column in columns]
    # The importers' own guess first: it is what they would do without a word.
    guessed = {**guess_columns(RegisterKind.ADDRESSES, names, has_shapes=has_shapes), **found.mapping}
    return FileSummary(
        format=found.format,
        has_shapes=has_shapes,
        columns=columns,
        guessed=guessed,
        rows=None if has_shapes else _lines_below_header(path),
        layers=found.layers,
        layer=found.layer,
        crs=found.crs or "",
        encoding=found.encoding,
        delimiter=found.delimiter,
        register=format_name if format_name in KNOWN_REGISTERS else "",
    )


def _of_shapes(path: Path, kind: str, said: Choices, limits: FileLimits) -> FileSummary:
    found = describe_file(path, layer=said.layer, encoding=said.encoding, crs=said.crs, limits=limits, first=FIRST_ROWS)
    columns = _columns(found.fields)
    names = [column.name for column in columns]
    return FileSummary(
        format=found.format,
        has_shapes=True,
        columns=columns,
        guessed=guess_columns(kind, names, has_shapes=True),
        rows=found.feature_count,
        layers=found.layers,
        layer=found.layer,
        crs=found.crs or "",
        encoding=found.encoding,
        first=[_cells(feature.attributes) for feature in found.first],
        shapes=_drawings(found.first),
    )


def _columns(fields: Sequence[FieldDescription]) -> tuple[Column, ...]:
    return tuple(Column(field.name, field.samples) for field in fields)


def _cells(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else _text(value) for name, value in attributes.items()}


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()[:_LONGEST_CELL]


def _drawings(features: Sequence[FileFeature]) -> list[dict[str, Any] | None]:
    """The features' shapes as GeoJSON of seven decimals at the most, simplified until a browser draws them at once."""
    if not features:
        return []
    most = max(50, MAX_VERTICES // len(features))
    drawings: list[dict[str, Any] | None] = []
    for feature in features:
        if feature.wkb is None:
            drawings.append(None)
            continue
        shape = simplified(shapely.from_wkb(feature.wkb), max_vertices=most)
        drawing = shapely.geometry.mapping(shapely.set_precision(shape, 1e-6, mode="pointwise"))
        drawings.append(None if shape.is_empty else dict(drawing))
    return drawings


def _lines_below_header(path: Path) -> int:
    """Lines with anything after them, but for the first; a line break inside quotes counts as one, too."""
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_COUNTED_AT_ONCE):
            lines += block.count(b"\n")
            last = block[-1:]
    return max(0, lines + (last not in (b"\n", b"\0")) - 1)


def _with_guesses(said: Choices, summary: FileSummary, upload: RegisterUpload) -> Choices:
    """What the agent said, else what was said last time of a file with these columns, else guesses."""
    names = set(summary.names)
    before = _said_before(summary, upload)
    columns = {meaning: column for meaning, column in said.columns.items() if column in names}
    columns = columns or dict(before.columns) or dict(summary.guessed or {})
    choices = replace(said, columns=columns)
    if summary.is_text and not choices.crs and not are_degrees(points_in(summary, columns)):
        choices = replace(choices, crs=guess_system(points_in(summary, columns)))
    stem = Path(upload.original_name).stem
    return replace(
        choices,
        source=said.source or before.source or summary.register or slugify(stem)[:40],
        extent=said.extent if said.source else before.extent,
        level=said.level or before.level,
        release=said.release or _name_of_edition(stem),
    )


def _name_of_edition(stem: str) -> str:
    """The file's name; with the day, where an edition is called so already."""
    name = stem[:100]
    if BoundaryRelease.objects.filter(name=name).exists():
        return f"{name} {timezone.localdate().isoformat()}"
    return name


def _said_before(summary: FileSummary, upload: RegisterUpload) -> Choices:
    """What was said of the last file of the kind that was loaded with the same columns; nothing where none was."""
    if not summary.columns:
        return Choices()
    loaded = RegisterUpload.objects.filter(kind=upload.kind, state=UploadState.LOADED).exclude(pk=upload.pk)
    for earlier in loaded.order_by("-finished_at")[:LOOKED_BACK]:
        if FileSummary.of(earlier).names == summary.names:
            kept = choices_of(earlier)
            return replace(kept, extent=Extent.WHOLE if kept.extent == Extent.MOSTLY_GONE else kept.extent)
    return Choices()


def points_in(summary: FileSummary, columns: Mapping[str, str]) -> list[tuple[float, float]]:
    """The coordinates among the samples of the chosen columns: x and y of each place, as far as they are numbers."""
    pairs = zip(summary.samples_of(columns.get("lon", "")), summary.samples_of(columns.get("lat", "")), strict=False)
    numbers = ((number_in(x), number_in(y)) for x, y in pairs)
    return [(x, y) for x, y in numbers if x is not None and y is not None]
