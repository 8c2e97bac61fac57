"""Targets on the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from layers.errors import Refusal
from neighbourhoods.domain.targets import list_letterboxes
from neighbourhoods.domain.targets.command_options import WrittenTarget, add_target_options, target_from_options
from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import Address, Street, StreetName
from tests.fixtures.tiny_town import TinyTown

SQUARE = {"type": "Polygon", "coordinates": [[[4.4, 50.84], [4.41, 50.84], [4.41, 50.85], [4.4, 50.85], [4.4, 50.84]]]}
LINE = {"type": "LineString", "coordinates": [[4.415, 50.8435], [4.415, 50.8455]]}


def written(*arguments: str) -> WrittenTarget:
    parser = ArgumentParser()
    add_target_options(parser)
    return target_from_options(vars(parser.parse_args(arguments)))


def labels(target: WrittenTarget) -> set[str]:
    ids = [box.address_id for box in list_letterboxes(target.parts, respect_no_flyers=False)]
    return set(Address.objects.filter(pk__in=ids).values_list("register_id", flat=True))


@pytest.mark.parametrize(
    ("text", "side", "first", "last"),
    [
        ("Rue Haute", Side.BOTH, None, None),
        ("Rue Haute:odd", Side.ODD, None, None),
        ("Hoogstraat:EVEN", Side.EVEN, None, None),
        ("Rue Haute:both:3", Side.BOTH, 3, 3),
        ("Rue Haute:even:2-60", Side.EVEN, 2, 60),
        ("Rue Haute:2-60", Side.BOTH, 2, 60),
        ("Rue Haute:even:2-", Side.EVEN, 2, None),
        ("Rue Haute:-60", Side.BOTH, None, 60),
        ("Rue Haute (Tinyville):odd:1-3", Side.ODD, 1, 3),
    ],
)
def test_street_with_side_and_range(
    tiny_town: TinyTown, text: str, side: Side, first: int | None, last: int | None
) -> None:
    [part] = written("--street", text).parts

    assert (part.kind, part.street_id) == (PartKind.STREET, tiny_town.rue_haute.pk)
    assert (part.side, part.number_from, part.number_to) == (side, first, last)


def test_name_means_every_street_of_that_name_and_says_which(tiny_town: TinyTown) -> None:
    other = Street.objects.create(code="S9", name="Rue Haute", locality="Faraway")
    StreetName.objects.create(street=other, name="Rue Haute", search_name="rue haute")

    target = written("--street", "Rue Haute")

    assert {part.street_id for part in target.parts} == {other.pk, tiny_town.rue_haute.pk}
    assert [street.locality for street in target.streets] == ["Faraway", "Tinyville"]
    assert [part.street_id for part in written("--street", "Rue Haute (faraway)").parts] == [other.pk]


def test_options_add_up_and_take_away(tiny_town: TinyTown) -> None:
    with translation.override("en"):
        target = written("--district", "W", "--street", "Avenue du Parc:odd", "--exclude-street", "Rue Haute:even")

    assert labels(target) == {"haute 1", "haute 3", "haute 5", "basse 1", "basse 2", "parc 1", "parc 3"}
    assert target.name == "W, Avenue du Parc:odd, except Rue Haute:even"


def test_buffer_widens_what_is_added_and_nothing_else(tiny_town: TinyTown) -> None:
    target = written("--district", "W", "--street", "Rue Basse", "--exclude-street", "Rue Haute", "--buffer", "12.5")

    assert [(part.operation, part.buffer_m) for part in target.parts] == [
        (PartOperation.INCLUDE, 12.5),
        (PartOperation.INCLUDE, 12.5),
        (PartOperation.EXCLUDE, 0),
    ]


def test_ring_leaves_out_all_that_is_meant(tiny_town: TinyTown) -> None:
    # Without that, basse 1 and 2, 334 m south of Rue Haute, would come back as its surroundings.
    target = written("--street", "Rue Haute", "--street", "Rue Basse", "--buffer", "400", "--ring")

    assert labels(target) == {"parc 1", "parc 2", "parc 3"} - {"parc 3"}


@pytest.mark.parametrize(
    "document",
    [
        SQUARE,
        {"type": "Feature", "properties": None, "geometry": SQUARE},
        {
            "type": "FeatureCollection",
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
            "features": [
                {"type": "Feature", "properties": {}, "geometry": SQUARE},
                {"type": "Feature", "properties": {}, "geometry": None},
            ],
        },
    ],
)
def test_area_from_a_file(tiny_town: TinyTown, tmp_path: Path, document: dict[str, Any]) -> None:
    file = tmp_path / "west.geojson"
    file.write_text(json.dumps(document))

    assert labels(written("--area", str(file))) == {f"haute {n}" for n in range(1, 7)} | {"basse 1", "basse 2"}
    assert labels(written("--district", "TINY", "--exclude-area", str(file))) == {
        "basse 3",
        "basse 4",
        "parc 1",
        "parc 2",
        "parc 3",
        "parc",
    }


def test_area_file_of_several_kinds_makes_a_part_of_each(tiny_town: TinyTown, tmp_path: Path) -> None:
    file = tmp_path / "both.geojson"
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in (SQUARE, SQUARE, LINE)]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))

    parts = written("--area", str(file), "--buffer", "30").parts

    assert [part.shape.geom_type for part in parts if part.shape] == ["Polygon", "LineString"]


VRT = """<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>
</OGRVRTDataSource>"""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (VRT, "area_file_unreadable"),
        ("", "area_file_unreadable"),
        ("[1, 2]", "area_file_unreadable"),
        ("[" * 100_000, "area_file_unreadable"),
        ("\x89PNG", "area_file_unreadable"),
        ('{"type": "FeatureCollection", "features": []}', "area_file_unreadable"),
        ('{"type": "FeatureCollection", "features": 3}', "area_file_unreadable"),
        ('{"type": "Polygon", "crs": {"properties": {"name": "EPSG:31370"}}}', "area_file_unreadable"),
        (
            '{"type": "Polygon", "coordinates": [[[NaN, 1], [2, 2], [3, 3], [0, 0]]]}',
            "geometry_coordinates_not_numbers",
        ),
        ('{"type": "Topology"}', "geometry_type_unknown"),
        (json.dumps(LINE), "target_line_needs_buffer"),
    ],
)
def test_file_that_is_no_area_reads_nothing(tiny_town: TinyTown, tmp_path: Path, content: str, code: str) -> None:
    file = tmp_path / "area.geojson"
    file.write_text(content)

    with pytest.raises(Refusal) as refused:
        written("--area", str(file))

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "target_parts_missing"),
        (["--exclude-district", "W"], "target_parts_missing"),
        (["--district", "Atlantis"], "district_unknown"),
        (["--street", "Rue Absente:even"], "street_unknown"),
        (["--street", "Rue Haute:evn"], "street_unknown"),
        (["--street", ":even"], "street_unknown"),
        (["--exclude-street", "Rue Absente", "--district", "W"], "street_unknown"),
        (["--street", "Rue Haute:60-2"], "target_numbers_reversed"),
        (["--street", "Rue Haute", "--buffer", "-1"], "target_buffer_out_of_range"),
        (["--street", "Rue Haute", "--buffer", "nan"], "target_buffer_out_of_range"),
        (["--street", "Rue Haute", "--ring"], "target_ring_needs_buffer"),
        (["--area", "/nonexistent.geojson"], "area_file_unreadable"),
    ],
)
def test_what_is_wrong_with_the_options(tiny_town: TinyTown, arguments: list[str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        written(*arguments)

    assert refused.value.code == code
