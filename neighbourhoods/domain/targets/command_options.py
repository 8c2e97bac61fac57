"""Targets on the command line: the options, and what is read from them."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from neighbourhoods.domain.targets.find_places import FoundStreet, find_districts, find_streets
from neighbourhoods.domain.targets.parts import PartSpec, check_parts
from neighbourhoods.domain.targets.read_area_file import read_area_file
from neighbourhoods.domain.targets.read_parts import one_district, unknown_street
from neighbourhoods.enums import PartKind, PartOperation, Side

_RANGE = re.compile(r"^(?P<first>\d{1,9})(?P<to>-(?P<last>\d{1,9})?)?$|^-(?P<only_last>\d{1,9})$")


@dataclass(frozen=True)
class WrittenTarget:
    """The parts that options mean, the streets that names were found to mean, and all of it in one line."""

    parts: tuple[PartSpec, ...]
    streets: tuple[FoundStreet, ...]
    name: str


def add_target_options(parser: ArgumentParser) -> None:
    """Add the options that say what a target is made of."""
    plus = parser.add_argument_group("what is meant", "Each option can be given several times.")
    street = "NAME, NAME:even, NAME:odd, NAME:2-60, NAME:even:2-60; NAME (LOCALITY) when several places have it"
    plus.add_argument("--district", action="append", default=[], metavar="CODE", help="code or name of a district")
    plus.add_argument("--street", action="append", default=[], metavar="NAME", help=street)
    plus.add_argument("--area", action="append", default=[], metavar="FILE.geojson", help="areas, lines or points")
    around = parser.add_argument_group("around it")
    around.add_argument("--buffer", type=float, default=0, metavar="METRES", help="widen everything meant so far")
    around.add_argument("--ring", action="store_true", help="only what is around, without what is meant itself")
    minus = parser.add_argument_group("what is taken away", "Written in the same way; never widened.")
    minus.add_argument("--exclude-district", action="append", default=[], metavar="CODE")
    minus.add_argument("--exclude-street", action="append", default=[], metavar="NAME")
    minus.add_argument("--exclude-area", action="append", default=[], metavar="FILE.geojson")


def target_from_options(options: Mapping[str, Any]) -> WrittenTarget:
    """Read the options of `add_target_options`; two queries. Raises TargetRefused or GeometryRefused.

    A street's name means every street of that name. `--ring` takes all that is meant out of all the rings, so that one
    street's homes do not come back as another's surroundings.
    """
    included, streets = _read(options, "", PartOperation.INCLUDE)
    excluded, _streets = _read(options, "exclude_", PartOperation.EXCLUDE)
    buffer_m, ring = options["buffer"], options["ring"]
    widened = [_widened(*part, buffer_m=buffer_m, ring_only=ring) for part in included]
    excluded_parts = [PartSpec(kind=kind, **members) for kind, members in excluded]
    if ring:
        excluded_parts += [
            replace(part.without_buffer(), operation=PartOperation.EXCLUDE)
            for part in widened
            if part.shape is None or part.shape.dims == 2
        ]
    parts = (*widened, *excluded_parts)
    check_parts(parts)
    return WrittenTarget(parts, streets, _in_one_line(options))


Draft = tuple[PartKind, dict[str, Any]]


def _widened(kind: PartKind, members: dict[str, Any], *, buffer_m: float, ring_only: bool) -> PartSpec:
    return PartSpec(kind=kind, buffer_m=buffer_m, ring_only=ring_only, **members)


def _read(
    options: Mapping[str, Any], prefix: str, operation: PartOperation
) -> tuple[list[Draft], tuple[FoundStreet, ...]]:
    drafts: list[Draft] = []
    shown: list[FoundStreet] = []
    codes: list[str] = options[f"{prefix}district"]
    written: list[str] = options[f"{prefix}street"]
    districts = find_districts(codes) if codes else {}
    for code in codes:
        members = {"operation": operation, "district_id": one_district(code, districts)}
        drafts.append((PartKind.DISTRICT, members))
    stretches = [_stretch(text) for text in written]
    streets = find_streets(name for name, _members in stretches) if stretches else {}
    for name, members in stretches:
        if not streets[name]:
            raise unknown_street(name)
        shown.extend(streets[name])
        drafts.extend(
            (PartKind.STREET, {"operation": operation, "street_id": street.id, **members}) for street in streets[name]
        )
    for file in options[f"{prefix}area"]:
        drafts.extend(
            (PartKind.SHAPE, {"operation": operation, "shape": shape}) for shape in read_area_file(Path(file))
        )
    return drafts, tuple(shown)


def _stretch(text: str) -> tuple[str, dict[str, Any]]:
    """Take "NAME:even:2-60" apart from its end, so that a name may hold a colon."""
    name = text.replace("\x00", "").strip()
    members: dict[str, Any] = {}
    head, colon, tail = name.rpartition(":")
    if colon and (match := _RANGE.match(tail.strip())):
        first, last = match["first"] or None, match["last"] or match["only_last"]
        if first and not match["to"]:
            last = first
        members = {"number_from": first and int(first), "number_to": last and int(last)}
        name = head
        head, colon, tail = name.rpartition(":")
    if colon and tail.strip().lower() in Side.values:
        members["side"] = Side(tail.strip().lower())
        name = head
    return name.strip(), members


def _in_one_line(options: Mapping[str, Any]) -> str:
    names = [*options["district"], *options["street"], *(Path(file).name for file in options["area"])]
    without = [
        *options["exclude_district"],
        *options["exclude_street"],
        *(Path(file).name for file in options["exclude_area"]),
    ]
    line = ", ".join(names)
    if options["buffer"]:
        line = _("%(what)s + %(metres)g m") % {"what": line, "metres": options["buffer"]}
    if without:
        line = _("%(what)s, except %(without)s") % {"what": line, "without": ", ".join(without)}
    return line
