"""GIS files made for tests, the harmless ones by geopandas."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import geopandas


def write_gis(frame: geopandas.GeoDataFrame, path: Path, **options: Any) -> Path:
    """Write a frame in the format of the suffix; `.zip` is a zipped Shapefile."""
    if path.suffix == ".zip":
        return zip_shapefile(frame, path, **options)
    frame.to_file(path, driver={".kml": "LIBKML", ".geojson": "GeoJSON"}.get(path.suffix), **options)
    return path


def zip_shapefile(
    frame: geopandas.GeoDataFrame, path: Path, *, without: tuple[str, ...] = (), inside: str = "", **options: Any
) -> Path:
    """Write a frame as a Shapefile in a zip archive, without the parts of these suffixes, in the folder `inside`."""
    folder = path.with_suffix(".parts")
    folder.mkdir(exist_ok=True)
    frame.to_file(folder / f"{path.stem}.shp", driver="ESRI Shapefile", **options)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            if part.suffix not in without:
                archive.write(part, inside + part.name)
    return path


def kml(body: str, *, before: str = "") -> str:
    """A KML document around these elements."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>places</name>{body}</Document></kml>'
    )


def placemark(name: str, coordinates: str = "4.35,50.85", *, kind: str = "Point", more: str = "") -> str:
    """One place in KML."""
    return f"<Placemark><name>{name}</name>{more}<{kind}><coordinates>{coordinates}</coordinates></{kind}></Placemark>"
