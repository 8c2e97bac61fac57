"""GIS files for variants: read, looked at row by row, taken."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.rules import require_may_manage
from geoparticipation.contributions.errors import OutsideTerritory
from geoparticipation.scenarios.domain.plans import checked_words, lock_plan, require_unanswered
from geoparticipation.scenarios.domain.variants import MOST_FEATURES, FeatureInput, checked_cost, replace_features
from geoparticipation.scenarios.errors import PlanIncomplete, VariantFileRefused
from geoparticipation.scenarios.models import Variant, VariantFile
from layers.errors import Refusal
from layers.geometry import WGS84, check_geometry, geometry_to_geojson
from layers.readers import FeatureFile, FileLimits
from neighbourhoods.domain.territory import territory_covers

FILE_LIMITS: Final = FileLimits(
    max_bytes=10_000_000,
    max_features=MOST_FEATURES,
    max_vertices=60_000,
    memory_bytes=2_000_000_000,
    cpu_seconds=20,
    max_expanded_bytes=60_000_000,
    max_members=200,
)
MEANINGS: Final = ("label", "kind", "cost", "place_name")
"""What a column can be."""
_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "label": ("label", "name", "nom", "libelle", "libellé", "title", "titre", "description"),
    "kind": ("kind", "type", "nature", "categorie", "catégorie", "category"),
    "cost": ("cost", "cout", "coût", "price", "prix", "budget"),
    "place_name": ("place", "lieu", "spot", "secteur", "endroit"),
}


@dataclass(frozen=True)
class PreviewRow:
    """A row of a file as it would be taken; `refusal` says why it is not."""

    number: int
    label: str
    kind: str
    cost: Decimal | None
    place_name: str
    shape: str
    refusal: str
    geometry: GEOSGeometry | None

    @property
    def is_taken(self) -> bool:
        """Whether it becomes a feature of the variant."""
        return not self.refusal


@transaction.atomic
def read_variant_file(*, agent: User, variant: Variant, content: BinaryIO, name: str, layer: str = "") -> VariantFile:
    """Read a GeoJSON, GeoPackage, FlatGeobuf, KML or zipped Shapefile; keep it for a look, in place of an earlier one.

    At most MOST_FEATURES features. Columns are guessed by their usual names. Raises NotAllowed, PlanAnswered, and a
    FileRefused.
    """
    require_may_manage(agent)
    require_unanswered(lock_plan(variant.plan))
    with tempfile.NamedTemporaryFile(prefix="variant-") as kept:
        while block := content.read(1 << 20):
            kept.write(block)
        kept.flush()
        with FeatureFile(Path(kept.name), layer=layer, limits=FILE_LIMITS) as file:
            columns, file_format = list(file.fields), file.format.name
            rows = [
                {
                    "number": feature.number,
                    "values": {key: _as_text(value) for key, value in feature.attributes.items()},
                    **_shape(feature.geometry),
                }
                for feature in file
            ]
    made, _is_new = VariantFile.objects.update_or_create(
        variant=variant,
        defaults={
            "name": name[:120],
            "file_format": file_format,
            "columns": columns,
            "chosen": _guess(columns),
            "rows": rows,
        },
    )
    return made


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)[:200]


def _guess(columns: Sequence[str]) -> dict[str, str]:
    by_name = {column.strip().lower(): column for column in reversed(columns)}
    found = {
        meaning: next((by_name[name] for name in names if name in by_name), "") for meaning, names in _USUAL.items()
    }
    return found


def _shape(geometry: GEOSGeometry | None) -> dict[str, Any]:
    """The checked geometry as GeoJSON, or the reason why it cannot be taken."""
    if geometry is None or geometry.empty:
        return {"geometry": None, "refused": _("It has no place: no geometry.")}
    try:
        checked = check_geometry(geometry)
        if not territory_covers(checked):
            raise OutsideTerritory
    except Refusal as refusal:
        return {"geometry": None, "refused": refusal.detail}
    return {"geometry": geometry_to_geojson(checked), "refused": ""}


@transaction.atomic
def choose_columns(*, agent: User, file: VariantFile, chosen: Mapping[str, str]) -> VariantFile:
    """Say which column is the label, the kind, the cost and the place; "" for none.

    Raises NotAllowed, PlanIncomplete (no such column).
    """
    require_may_manage(agent)
    for meaning in MEANINGS:
        if chosen.get(meaning) and chosen[meaning] not in file.columns:
            raise PlanIncomplete(_("There is no such column in this file."), field=meaning)
    file.chosen = {meaning: chosen.get(meaning, "") for meaning in MEANINGS}
    file.save(update_fields=["chosen", "made_at"])
    return file


def preview_rows(file: VariantFile) -> list[PreviewRow]:
    """Every row of a file as it would be taken, with the columns that were chosen. No query."""
    return [_preview(row, file.chosen) for row in file.rows]


def _preview(row: Mapping[str, Any], chosen: Mapping[str, str]) -> PreviewRow:
    said = {meaning: row["values"].get(chosen.get(meaning) or "", "") for meaning in MEANINGS}
    geometry = GEOSGeometry(json.dumps(row["geometry"]), srid=WGS84) if row["geometry"] else None
    refusal, cost = row["refused"], None
    label = said["label"].strip() or said["kind"].strip() or _("Element %(number)d") % {"number": row["number"]}
    try:
        cost = checked_cost(said["cost"])
        checked_words(label, "label", "label", lines=False)
        checked_words(said["kind"], "kind", "kind", lines=False)
        checked_words(said["place_name"], "place_name", "name", lines=False)
    except PlanIncomplete as wrong:
        refusal = refusal or wrong.detail
    return PreviewRow(
        number=row["number"],
        label=label,
        kind=said["kind"].strip(),
        cost=cost,
        place_name=said["place_name"].strip(),
        shape=geometry.geom_type if geometry is not None else "",
        refusal=refusal,
        geometry=geometry,
    )


@transaction.atomic
def take_file(*, agent: User, file: VariantFile) -> int:
    """Let the variant have the features of the file in place of its own; rows with a refusal are left out.

    Forgets the file; returns how many features there are now. Raises NotAllowed, PlanAnswered, VariantFileRefused where
    every row is refused.
    """
    rows = [row for row in preview_rows(file) if row.is_taken and row.geometry is not None]
    if not rows:
        raise VariantFileRefused(_("Nothing in this file can be taken: the reasons stand beside its rows."))
    made = replace_features(
        agent=agent,
        variant=file.variant,
        features=[
            FeatureInput(row.geometry, row.label, row.kind, row.cost, row.place_name)
            for row in rows
            if row.geometry is not None
        ],
    )
    file.delete()
    return len(made)


@transaction.atomic
def forget_file(*, agent: User, file: VariantFile) -> None:
    """Leave the variant as it is, and forget the file. Raises NotAllowed."""
    require_may_manage(agent)
    file.delete()
