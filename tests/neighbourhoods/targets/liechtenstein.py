"""Liechtenstein straight from its CSV and GeoJSON files: once into our tables, once into GeoDataFrames."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from neighbourhoods.domain.naming import parse_house_number, search_form
from neighbourhoods.models import Address, BoundaryRelease, District, DistrictLevel, Street, StreetName

UTM = 32632


@dataclass(frozen=True)
class Liechtenstein:
    """What the files say, by geopandas alone: addresses and streets also in UTM 32N; `key` names a street."""

    addresses: gpd.GeoDataFrame
    addresses_utm: gpd.GeoDataFrame
    streets_utm: gpd.GeoSeries
    districts: gpd.GeoSeries


def read_liechtenstein(folder: Path) -> Liechtenstein:
    """Read the files; dwellings and no-flyers marks, which they do not have, are drawn by lot, the same each time."""
    table = pd.read_csv(folder / "addresses.csv", dtype=str, keep_default_na=False)
    lot = random.Random(9490)
    table["dwellings"] = [lot.choice([1, 1, 1, 2, 6]) for _ in range(len(table))]
    table["no_flyers"] = [lot.random() < 0.04 for _ in range(len(table))]
    table["key"] = table["street"] + "/" + table["district"]
    # The number as a person reads it: the digits in front.
    table["number"] = pd.to_numeric(table["housenumber"].str.extract(r"^\s*(\d+)")[0])
    points = gpd.points_from_xy(table["lon"].astype(float), table["lat"].astype(float), crs=4326)
    addresses = gpd.GeoDataFrame(table, geometry=points)
    streets = gpd.read_file(folder / "streets.geojson")
    streets["key"] = streets["name"] + "/" + streets["district"].fillna("")
    districts = gpd.read_file(folder / "districts.geojson").set_index("name").geometry
    return Liechtenstein(
        addresses=addresses,
        addresses_utm=addresses.to_crs(UTM),
        streets_utm=streets.set_index("key").geometry.to_crs(UTM),
        districts=districts,
    )


def fill_tables(town: Liechtenstein) -> tuple[dict[str, int], dict[str, int]]:
    """Write the same into our tables, addresses in their order; gives ids of streets by key, of districts by name."""
    level = DistrictLevel.objects.create(name="commune")
    release = BoundaryRelease.objects.create(level=level, name="2024", is_current=True)
    districts = {
        str(name): District.objects.create(
            release=release,
            code=f"LI-{name}",
            name=name,
            search_name=search_form(str(name)),
            geometry=GEOSGeometry(memoryview(shape.wkb), srid=4326),
            area_m2=0,
        )
        for name, shape in town.districts.items()
    }
    lines = town.streets_utm.to_crs(4326)
    keys = dict.fromkeys([*lines.index, *town.addresses["key"]])
    streets = Street.objects.bulk_create(
        Street(
            code=key,
            name=key.partition("/")[0],
            locality=key.partition("/")[2],
            geometry=GEOSGeometry(memoryview(lines[key].wkb), srid=4326) if key in lines.index else None,
        )
        for key in keys
    )
    StreetName.objects.bulk_create(
        StreetName(street=street, name=street.name, search_name=search_form(street.name)) for street in streets
    )
    by_key = {street.code: street.pk for street in streets}
    rows = []
    for row in town.addresses.itertuples():
        house = parse_house_number(row.housenumber)
        rows.append(
            Address(
                register_id=row.id,
                source="csv",
                street_id=by_key[row.key],
                house_number=row.housenumber,
                number=house.number,
                number_suffix=house.suffix,
                box=house.box,
                postcode=row.postcode,
                locality=row.city,
                geometry=GEOSGeometry(memoryview(row.geometry.wkb), srid=4326),
                district=districts[row.district],
                dwellings=row.dwellings,
                no_flyers=row.no_flyers,
            )
        )
    Address.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE neighbourhoods_address, neighbourhoods_street, neighbourhoods_district")
    return by_key, {name: district.pk for name, district in districts.items()}
