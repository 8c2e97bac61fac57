"""Options that every command has that imports a GIS file."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from neighbourhoods.importers.gis_rows import NAME_LANGUAGES

FORMATS_IN_WORDS = "GeoJSON, GeoPackage, FlatGeobuf, KML or zipped Shapefile, in any reference system"


def add_file_options(parser: ArgumentParser) -> None:
    """Add --layer, --encoding and --crs."""
    parser.add_argument("--layer", default="", help="Layer of the file, where it has several.")
    parser.add_argument("--encoding", default="", help="Encoding of the text; found by itself.")
    parser.add_argument("--crs", default="", help="Reference system of the file, where it says none or a wrong one.")


def file_options(options: dict[str, Any]) -> dict[str, str]:
    """What the command line says about the file as a whole, as the importers take it."""
    return {name: options[name] for name in ("layer", "encoding", "crs")}


def add_name_options(parser: ArgumentParser) -> None:
    """Add --name-field-LANGUAGE for each language."""
    for language in NAME_LANGUAGES:
        parser.add_argument(
            f"--name-field-{language}", default="", metavar="F", help=f"Field of the name in {language}."
        )


def name_fields(options: dict[str, Any]) -> dict[str, str]:
    """Language → field of the name in it, where the command line says one."""
    return {language: field for language in NAME_LANGUAGES if (field := options[f"name_field_{language}"])}
