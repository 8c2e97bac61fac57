"""Reading the folder of real data straight into the tables, without the importers."""

from __future__ import annotations

import geopandas
import pandas
from django.contrib.gis.geos import GEOSGeometry, MultiLineString, MultiPolygon
from django.db import connection

from neighbourhoods.domain.naming import parse_house_number, search_form
from neighbourhoods.models import Address, BoundaryRelease, District, DistrictLevel, Street, StreetName
from tests.fixtures.real_data import real_file


def cut_into_pieces(vertices: int = 128) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM neighbourhoods_districtpiece")
        cursor.execute(
            "INSERT INTO neighbourhoods_districtpiece (district_id, geometry) "
            "SELECT id, (ST_Dump(ST_Subdivide(geometry, %s))).geom FROM neighbourhoods_district",
            [vertices],
        )
        cursor.execute("ANALYZE neighbourhoods_districtpiece")


def load_districts(frame: geopandas.GeoDataFrame, *, level: str, rank: int, code: str, name: str) -> BoundaryRelease:
    """Load a frame of areas as the current release of a level; the pieces are cut afterwards."""
    release = BoundaryRelease.objects.create(
        level=DistrictLevel.objects.create(name=level, rank=rank), name="2024", is_current=True
    )
    areas = frame.to_crs(frame.estimate_utm_crs()).area
    districts = []
    for row, area in zip(frame.to_dict("records"), areas, strict=True):
        geometry = GEOSGeometry(row["geometry"].wkb_hex, srid=4326)
        geometry = geometry if geometry.geom_type == "MultiPolygon" else MultiPolygon(geometry, srid=4326)
        districts.append(
            District(
                release=release,
                code=str(row[code]),
                name=row[name],
                search_name=search_form(row[name]),
                geometry=geometry,
                area_m2=area,
            )
        )
    District.objects.bulk_create(districts)
    return release


def load_streets(frame: geopandas.GeoDataFrame, *, name: str, locality: str) -> None:
    streets = []
    for row in frame.to_dict("records"):
        line = GEOSGeometry(row["geometry"].wkb_hex, srid=4326)
        line = line if line.geom_type == "MultiLineString" else MultiLineString(line, srid=4326)
        streets.append(
            Street(
                code=f"{row[locality]}/{row[name]}/{len(streets)}",
                name=row[name],
                locality=row[locality] or "",
                geometry=line,
            )
        )
    Street.objects.bulk_create(streets)
    name_streets()


def name_streets() -> None:
    StreetName.objects.bulk_create(
        StreetName(street=street, name=street.name, search_name=search_form(street.name))
        for street in Street.objects.filter(names=None)
    )


def load_addresses(frame: pandas.DataFrame, *, locality: str) -> None:
    """Load addresses; streets without a line are made where none of the name is there."""
    frame = frame.fillna("")
    known = {(street.name, street.locality): street for street in Street.objects.all()}
    missing = {(row.street, getattr(row, locality)) for row in frame.itertuples()} - known.keys()
    for street in Street.objects.bulk_create(
        Street(code=f"{place}/{name}", name=name, locality=place) for name, place in sorted(missing) if name
    ):
        known[street.name, street.locality] = street
    addresses = []
    for index, row in enumerate(frame.itertuples()):
        if not row.street:
            continue
        parsed = parse_house_number(str(row.housenumber))
        addresses.append(
            Address(
                register_id=str(index),
                source="test",
                street=known[row.street, getattr(row, locality)],
                house_number=row.housenumber,
                number=parsed.number,
                number_suffix=parsed.suffix,
                box=parsed.box,
                postcode=row.postcode,
                locality=getattr(row, locality),
                geometry=GEOSGeometry(f"SRID=4326;POINT({row.lon} {row.lat})"),
            )
        )
    Address.objects.bulk_create(addresses, batch_size=2000)
    name_streets()


def load_liechtenstein() -> None:
    """11 communes, 1,000 street lines and 12,000 addresses."""
    load_districts(
        geopandas.read_file(real_file("liechtenstein/districts.geojson")),
        level="commune", rank=0, code="osm_id", name="name",
    )  # fmt: skip
    cut_into_pieces()
    load_streets(geopandas.read_file(real_file("liechtenstein/streets.geojson")), name="name", locality="district")
    load_addresses(pandas.read_csv(real_file("liechtenstein/addresses.csv"), dtype=str), locality="district")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE neighbourhoods_street, neighbourhoods_address")


def empty_the_territory() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE neighbourhoods_districtlevel, neighbourhoods_street, neighbourhoods_address "
            "RESTART IDENTITY CASCADE"
        )
