"""Forms of the targeting screen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from layers.errors import Refusal
from layers.geometry import geometry_from_geojson
from neighbourhoods.domain.targets.find_places import find_districts, find_streets
from neighbourhoods.domain.targets.parts import PartSpec, part_from_row
from neighbourhoods.domain.targets.read_parts import one_district, one_street
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import District, Street, TargetPart
from neighbourhoods.target_words import district_in_words, part_in_words

MAX_ROWS = 200
OPEN_ROWS = 3
"""Empty rows that the page offers where its script does not run."""


class TargetNameForm(forms.Form):
    """What the target is called."""

    name = forms.CharField(
        label=gettext_lazy("Name of the target"),
        max_length=200,
        error_messages={"required": gettext_lazy("Give the target a name, so that you find it again.")},
    )


class PartForm(forms.Form):
    """One part of a target, as a row.

    `reference` is the id of the chosen street or district; without it (no script) `named` is looked up by name.
    The formset fills `cleaned_data["part"]`, an unsaved `TargetPart`, for all rows with at most four queries.
    """

    operation = forms.ChoiceField(
        label=gettext_lazy("plus or minus"),
        choices=PartOperation,
        initial=PartOperation.INCLUDE,
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(label=gettext_lazy("kind of part"), choices=PartKind, initial=PartKind.STREET)
    named = forms.CharField(label=gettext_lazy("street or district"), max_length=330, required=False)
    reference = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False, widget=forms.HiddenInput)
    side = forms.ChoiceField(
        label=gettext_lazy("side"), choices=Side, required=False, initial=Side.BOTH, widget=forms.RadioSelect
    )
    number_from = forms.IntegerField(label=gettext_lazy("from number"), min_value=0, max_value=99_999, required=False)
    number_to = forms.IntegerField(
        label=pgettext_lazy("house number", "to"), min_value=0, max_value=99_999, required=False
    )
    shape = forms.CharField(
        label=gettext_lazy("shape (GeoJSON)"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    buffer_m = forms.FloatField(
        label=gettext_lazy("metres around"),
        min_value=0,
        max_value=5000,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    ring_only = forms.BooleanField(label=gettext_lazy("only the homes around, not the part itself"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the part this row shows, if any, as `part` in `initial`.

        A row that knows its street or district keeps it: without script its kind and name cannot be changed, only
        removed, since a new name beside the old reference would mean two things.
        """
        super().__init__(*args, **kwargs)
        self.part: TargetPart | None = (self.initial or {}).get("part")
        for name in ("number_from", "number_to"):
            self.fields[name].widget.attrs["inputmode"] = "numeric"
        self.fields["buffer_m"].widget.attrs["inputmode"] = "decimal"
        if self.part or self["reference"].value():
            self.fields["kind"].widget = forms.HiddenInput()
            self.fields["named"].widget.attrs["readonly"] = True

    @property
    def where(self) -> str:
        """What tells the row's street or district from others of its name."""
        if self.part and self.part.street:
            return self.part.street.locality
        return self.part.district.release.level.name if self.part and self.part.district else ""

    @property
    def words(self) -> str:
        """The row as a sentence, once it is known what it is about."""
        return part_in_words(self.part) if self.part else ""

    def clean(self) -> dict[str, Any]:
        """Read the shape; the rest needs the territory, and is the formset's."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == PartKind.SHAPE and not self.errors:
            self._clean_shape(cleaned)
        return cleaned

    def _clean_shape(self, cleaned: dict[str, Any]) -> None:
        text = (cleaned.get("shape") or "").strip()
        if not text:
            self.add_error("shape", _("Paste the shape as GeoJSON."))
            return
        try:
            cleaned["geometry"] = _geometry_of(json.loads(text))
        except json.JSONDecodeError as error:
            self.add_error(
                "shape",
                _("This is not JSON: look at line %(line)d, character %(column)d.")
                % {"line": error.lineno, "column": error.colno},
            )
        except Refusal as refusal:
            self.add_error("shape", refusal.detail)

    def build_part(self, things: Mapping[str, Mapping[int, Any]], meant: Mapping[str, Mapping[Any, Any]]) -> None:
        """Put the unsaved part into `cleaned_data`, or say what is missing.

        `things` are streets and districts by kind and id, `meant` what the typed names may mean by kind and name.
        """
        cleaned, kind = self.cleaned_data, self.cleaned_data["kind"]
        part = TargetPart(
            operation=cleaned["operation"],
            kind=kind,
            buffer_m=cleaned.get("buffer_m") or 0,
            ring_only=bool(cleaned.get("ring_only")),
        )
        if kind == PartKind.SHAPE:
            part.shape = cleaned["geometry"]
        else:
            thing = things[kind].get(self._meant_id(meant[kind]) or 0)
            if thing is None:
                if not self.errors:
                    self.add_error("named", _("This is no longer in the register. Choose another one."))
                return
            setattr(part, str(kind), thing)
        if kind == PartKind.STREET:
            part.side = cleaned.get("side") or Side.BOTH
            part.number_from, part.number_to = cleaned.get("number_from"), cleaned.get("number_to")
        try:
            part_from_row(part)
        except Refusal as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)
        else:
            cleaned["part"] = self.part = part

    def _meant_id(self, meant: Mapping[Any, Any]) -> int | None:
        if self.cleaned_data.get("reference"):
            return int(self.cleaned_data["reference"])
        typed = self.cleaned_data.get("named", "")
        if not typed:
            self.add_error("named", _("Type the name of a street or a district."))
            return None
        try:
            if self.cleaned_data["kind"] == PartKind.STREET:
                return one_street(typed, dict(meant))
            return one_district(typed, dict(meant))
        except Refusal as refusal:
            self.add_error("named", refusal.detail)
            return None


def _geometry_of(pasted: object) -> GEOSGeometry:
    """Read a GeoJSON geometry, a Feature, or a FeatureCollection of one feature. Raises a Refusal."""
    if isinstance(pasted, dict) and pasted.get("type") == "FeatureCollection":
        features = pasted.get("features")
        if isinstance(features, list) and len(features) == 1:
            pasted = features[0]
    if isinstance(pasted, dict) and pasted.get("type") == "Feature":
        pasted = pasted.get("geometry")
    return geometry_from_geojson(pasted)


class BasePartFormSet(forms.BaseFormSet):
    """The parts of a target; `parts` are the unsaved `TargetPart`s in the order of the page."""

    def clean(self) -> None:
        """Find the streets and districts of all rows at once: at most four queries, whatever the number of rows."""
        rows = [
            form
            for form in self.forms
            if not form.errors
            and not self._should_delete_form(form)
            and (form.has_changed() or not form.empty_permitted)
        ]
        typed = {
            kind: [
                form.cleaned_data["named"]
                for form in rows
                if form.cleaned_data["kind"] == kind
                and form.cleaned_data.get("named")
                and not form.cleaned_data.get("reference")
            ]
            for kind in (PartKind.STREET, PartKind.DISTRICT)
        }
        meant: dict[str, Mapping[Any, Any]] = {
            PartKind.STREET: find_streets(typed[PartKind.STREET]) if typed[PartKind.STREET] else {},
            PartKind.DISTRICT: find_districts(typed[PartKind.DISTRICT]) if typed[PartKind.DISTRICT] else {},
        }
        wanted = {
            kind: {found.id for every in meant[kind].values() for found in every}
            | {
                form.cleaned_data["reference"]
                for form in rows
                if form.cleaned_data["kind"] == kind and form.cleaned_data.get("reference")
            }
            for kind in meant
        }
        things = {
            PartKind.STREET: _in_bulk(Street.objects.defer("geometry", "surface"), wanted[PartKind.STREET]),
            PartKind.DISTRICT: _in_bulk(
                District.objects.select_related("release__level").defer("geometry"), wanted[PartKind.DISTRICT]
            ),
        }
        for form in rows:
            form.build_part(things, meant)

    @property
    def rows(self) -> list[TargetPart]:
        """The parts as unsaved rows, in the order of the page, once the formset is valid."""
        return [
            form.cleaned_data["part"]
            for form in self.forms
            if "part" in getattr(form, "cleaned_data", {}) and not self._should_delete_form(form)
        ]

    @property
    def specs(self) -> tuple[PartSpec, ...]:
        """The parts as the domain takes them, once the formset is valid."""
        return tuple(part_from_row(row) for row in self.rows)


def _in_bulk(queryset: Any, ids: set[int]) -> dict[int, Any]:
    return queryset.in_bulk(ids) if ids else {}


PartFormSet = forms.formset_factory(
    PartForm, formset=BasePartFormSet, extra=OPEN_ROWS, can_delete=True, max_num=MAX_ROWS, validate_max=True
)


def part_initial(part: TargetPart) -> dict[str, Any]:
    """What a row shows of a stored part; reads `part.street` or `part.district`."""
    thing = part.street or part.district
    return {
        "part": part,
        "operation": part.operation,
        "kind": part.kind,
        "named": district_in_words(part.district) if part.district else part.street.name if part.street else "",
        "reference": thing.pk if thing else None,
        "side": part.side,
        "number_from": part.number_from,
        "number_to": part.number_to,
        "shape": part.shape.geojson if part.shape else "",
        "buffer_m": f"{part.buffer_m:g}" if part.buffer_m else None,
        "ring_only": part.ring_only,
    }
