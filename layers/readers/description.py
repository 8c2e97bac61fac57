"""What is in a GIS file, for a person who is to say what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.readers.feature_file import FeatureFile, FileFeature
from layers.readers.limits import UPLOAD_LIMITS, FileLimits
from layers.readers.refusals import FileLayerNeeded

FIRST_FEATURES = 20
SAMPLES = 5
_LONGEST_SAMPLE = 80


@dataclass(frozen=True)
class FieldDescription:
    """An attribute or a column, and a few different values it has, as text."""

    name: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class FileDescription:
    """What a GIS file holds.

    `layers` are all layers with geometry. Where there are several and none was asked for, `layer` is empty and so is
    all the rest: ask which, and describe the file again. `crs` and `encoding` are as said or found; `crs` is None where
    the file has none and its coordinates are degrees. `feature_count` is None where the format does not say, and only
    what the file claims where it does. `first` are the first features, in 4326.
    """

    format: str
    layers: tuple[str, ...]
    layer: str = ""
    crs: str | None = None
    encoding: str = ""
    geometry_type: str = ""
    fields: tuple[FieldDescription, ...] = ()
    feature_count: int | None = None
    first: tuple[FileFeature, ...] = ()


def describe_file(
    path: Path | str,
    *,
    layer: str = "",
    encoding: str = "",
    crs: str = "",
    limits: FileLimits = UPLOAD_LIMITS,
    first: int = FIRST_FEATURES,
) -> FileDescription:
    """Look into a GIS file without reading it to its end; keep so many of its `first` features.

    Raises what FeatureFile raises: FileCrsMissing and FileEncodingUnknown are questions to be asked of the person, and
    answered with `crs` and `encoding`.
    """
    file = FeatureFile(path, layer=layer, encoding=encoding, crs=crs, limits=limits)
    try:
        with file:
            looked_at = next(file.batches(), [])
    except FileLayerNeeded as several:
        if layer:
            raise
        return FileDescription(format=file.format.name, layers=tuple(several.extra["layers"]))
    return FileDescription(
        format=file.format.name,
        layers=file.layers,
        layer=file.layer,
        crs=file.crs,
        encoding=file.encoding,
        geometry_type=file.geometry_type,
        fields=tuple(
            FieldDescription(name, samples_of(feature.attributes[name] for feature in looked_at))
            for name in file.fields
        ),
        feature_count=file.feature_count,
        first=tuple(looked_at[:first]),
    )


def samples_of(values: Iterable[Any]) -> tuple[str, ...]:
    """The first few different values, as text that is not too long; nothing is no value."""
    found: dict[str, None] = {}
    for value in values:
        text = "" if value is None else _text(value)
        if text:
            found[text] = None
            if len(found) == SAMPLES:
                break
    return tuple(found)


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = (
        ", ".join(str(part) for part in value)
        if isinstance(value, Sequence) and not isinstance(value, str)
        else str(value)
    )
    return text.strip()[:_LONGEST_SAMPLE]
