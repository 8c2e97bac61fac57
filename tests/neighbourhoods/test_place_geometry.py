"""Placing, compared with geopandas and shapely on real towns."""

from __future__ import annotations

import random

import geopandas
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shapely.geometry import LineString, MultiPoint, box

from neighbourhoods.domain.district_pieces import place_addresses
from neighbourhoods.domain.place_geometry import Place, place_geometries, place_geometry
from neighbourhoods.models import Address, BoundaryRelease, District, DistrictLevel, DistrictPiece, Street
from tests.fixtures.real_data import real_file
from tests.neighbourhoods.registers import (
    cut_into_pieces,
    empty_the_territory,
    load_addresses,
    load_districts,
    load_liechtenstein,
)

pytestmark = pytest.mark.django_db
METRIC = 32632  # UTM zone of Liechtenstein


def geos(geometry) -> GEOSGeometry:
    return GEOSGeometry(shapely.to_wkb(geometry, hex=True), srid=4326)


def code_at(place: Place, level: str) -> str | None:
    codes = [district.code for district in place.districts if district.level == level]
    assert len(codes) <= 1
    return codes[0] if codes else None


class TestLiechtenstein:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def frames(cls, django_db_setup, django_db_blocker):
        communes = geopandas.read_file(real_file("liechtenstein/districts.geojson"))
        with django_db_blocker.unblock():
            load_liechtenstein()
            yield communes
            empty_the_territory()

    @pytest.fixture
    def communes(self, frames):
        return frames

    def test_every_address_lies_in_the_commune_that_geopandas_finds(self, communes):
        rows = list(Address.objects.order_by("pk").values_list("geometry", flat=True))[::5]
        points = geopandas.GeoDataFrame(geometry=[shapely.Point(p.x, p.y) for p in rows], crs=4326)
        joined = geopandas.sjoin(points, communes, predicate="intersects")

        places = list(place_geometries(rows))

        assert [place.districts[0].name for place in places] == list(joined.sort_index()["name"])
        assert all(place.districts[0].share == 1 for place in places)

    @pytest.fixture
    def on_borders(self, communes) -> list[tuple[shapely.Point, str]]:
        """800 points on common borders, at their vertices and between, each with the lowest code of those around."""
        rng = random.Random(1)
        segments = []
        for row in communes.itertuples():
            others = communes[communes.osm_id != row.osm_id].union_all()
            common = shapely.line_merge(row.geometry.boundary.intersection(others.boundary))
            for line in shapely.get_parts(common):
                if line.geom_type == "LineString":
                    segments += list(zip(line.coords[:-1], line.coords[1:], strict=True))
        segments = rng.sample(segments, 400)
        points = [shapely.Point(a) for a, _ in segments]
        points += [LineString(pair).interpolate(rng.random(), normalized=True) for pair in segments]
        tree = shapely.STRtree(communes.geometry.values)
        return [
            (point, min(str(code) for code in communes.osm_id.iloc[tree.query(point.buffer(2e-9), "intersects")]))
            for point in points
        ]

    def test_a_point_on_a_border_lies_in_the_district_of_lowest_code(self, on_borders):
        found = [code_at(place, "commune") for place in place_geometries(geos(point) for point, _ in on_borders)]

        assert found == [code for _, code in on_borders]
        assert len(set(found)) > 5

    def test_an_address_on_a_border_lies_in_the_same_district(self, on_borders):
        Address.objects.all().delete()
        street = Street.objects.first()
        Address.objects.bulk_create(
            Address(street=street, source="border", register_id=str(at), geometry=geos(point))
            for at, (point, _) in enumerate(on_borders)
        )

        place_addresses()

        found = dict(Address.objects.values_list("register_id", "district__code"))
        assert [found[str(at)] for at in range(len(on_borders))] == [code for _, code in on_borders]

    def test_shares_of_areas_equal_those_of_an_overlay(self, communes):
        rng = random.Random(2)
        west, south, east, north = communes.total_bounds
        metric = communes.to_crs(METRIC)
        shapes = []
        for _ in range(40):
            x, y, size = rng.uniform(west, east), rng.uniform(south, north), rng.uniform(0.002, 0.06)
            shapes.append(shapely.Point(x, y).buffer(size, quad_segs=rng.randint(1, 8)))

        for shape, place in zip(shapes, place_geometries(map(geos, shapes)), strict=True):
            in_metres = geopandas.GeoSeries([shape], crs=4326).to_crs(METRIC).iloc[0]
            shares = metric.intersection(in_metres).area / in_metres.area
            expected = {str(code): share for code, share in zip(metric.osm_id, shares, strict=True) if share > 1e-6}
            assert {d.code: d.share for d in place.districts} == pytest.approx(expected, abs=2e-4)
            assert sum(d.share for d in place.districts) <= 1 + 1e-9

    def test_shares_of_lines_equal_those_of_an_overlay(self, communes):
        rng = random.Random(3)
        west, south, east, north = communes.total_bounds
        metric = communes.to_crs(METRIC)
        lines = [  # with many vertices, since a straight line bends in another projection
            LineString(
                [(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(rng.randint(2, 6))]
            ).segmentize(0.001)
            for _ in range(40)
        ]

        for line, place in zip(lines, place_geometries(map(geos, lines)), strict=True):
            in_metres = geopandas.GeoSeries([line], crs=4326).to_crs(METRIC).iloc[0]
            shares = metric.intersection(in_metres).length / in_metres.length
            expected = {str(code): share for code, share in zip(metric.osm_id, shares, strict=True) if share > 1e-6}
            assert {d.code: d.share for d in place.districts} == pytest.approx(expected, abs=1e-3)

    def test_a_line_along_common_borders_is_shared_out_once(self, communes):
        for row in communes.itertuples():
            others = communes[communes.osm_id != row.osm_id].union_all()
            common = shapely.line_merge(row.geometry.boundary.intersection(others.boundary))
            along = max(
                (part for part in shapely.get_parts(common) if part.geom_type == "LineString"), key=lambda p: p.length
            )

            for line in (along, LineString([along.coords[0], along.coords[1]]).segmentize(along.length / 97)):
                place = place_geometry(geos(line))

                assert sum(d.share for d in place.districts) == pytest.approx(1, abs=1e-4)
                touching = communes[communes.intersects(line.interpolate(0.37, normalized=True).buffer(2e-9))]
                assert min(str(code) for code in touching.osm_id) in {d.code for d in place.districts}

    def test_nearest_street_and_address_are_the_nearest_in_metres(self, communes):
        rng = random.Random(4)
        west, south, east, north = communes.total_bounds
        shapes = [shapely.Point(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(60)]
        shapes += [LineString([(p.x, p.y), (p.x + 0.002, p.y + 0.001)]) for p in shapes[:20]]
        shapes += [p.buffer(0.0007) for p in shapes[:20]]
        streets = geopandas.read_file(real_file("liechtenstein/streets.geojson")).to_crs(METRIC)
        addresses = geopandas.GeoSeries(
            [shapely.Point(p.x, p.y) for p in Address.objects.values_list("geometry", flat=True)], crs=4326
        ).to_crs(METRIC)

        for shape, place in zip(shapes, place_geometries(map(geos, shapes)), strict=True):
            in_metres = geopandas.GeoSeries([shape], crs=4326).to_crs(METRIC).iloc[0]
            to_streets = streets.distance(in_metres)
            assert place.street.distance_m == pytest.approx(to_streets.min(), rel=1e-3, abs=0.05)
            near = streets[to_streets <= to_streets.min() * 1.001 + 0.05]
            assert (place.street.name, place.street.locality) in set(zip(near["name"], near["district"], strict=True))
            assert place.address.distance_m == pytest.approx(addresses.distance(in_metres).min(), rel=1e-3, abs=0.05)

    def test_an_address_is_its_own_nearest_address(self):
        for address in Address.objects.order_by("pk")[:50]:
            assert place_geometry(address.geometry).address.distance_m == 0

    def test_one_query_for_one_and_for_many(self):
        addresses = list(Address.objects.values_list("geometry", flat=True)[:40])
        for some in (addresses[:1], addresses):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert len(list(place_geometries(some))) == len(some)
            assert len(queries) == 1

    def test_far_away_there_are_no_districts_but_a_way_to_the_town(self):
        place = place_geometry(Point(0, 0, srid=4326))

        assert place.districts == ()
        assert place.smallest_district is None
        assert place.street.distance_m > 5_000_000

    def test_an_edition_that_is_not_current_is_left_out(self):
        BoundaryRelease.objects.update(is_current=False)

        assert place_geometry(Point(9.52, 47.14, srid=4326)).districts == ()

    def test_boundaries_and_streets_are_found_by_index(self):
        explained = explain(Point(9.52, 47.14, srid=4326))

        assert "Seq Scan on neighbourhoods_districtpiece" not in explained
        assert "Seq Scan on neighbourhoods_street" not in explained
        assert "Seq Scan on neighbourhoods_address" not in explained


def explain(geometry: GEOSGeometry) -> str:
    from neighbourhoods.domain import place_geometry as module

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + module._PLACES, {"geometries": [geometry.hexewkb.decode()]})
        return "\n".join(row[0] for row in cursor.fetchall())


class TestParis:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def frames(cls, django_db_setup, django_db_blocker):
        quartiers = geopandas.read_file(real_file("paris-dansmarue/quartier_paris.geojson"))
        arrondissements = geopandas.read_file(real_file("paris-dansmarue/arrondissements.geojson"))
        with django_db_blocker.unblock():
            load_districts(arrondissements, level="arrondissement", rank=0, code="c_arinsee", name="l_aroff")
            load_districts(quartiers, level="quartier", rank=1, code="c_quinsee", name="l_qu")
            cut_into_pieces()
            yield quartiers
            empty_the_territory()

    def test_every_report_lies_in_the_quartier_that_geopandas_finds(self, frames):
        reports = geopandas.pd.read_csv(real_file("paris-dansmarue/dans-ma-rue-10k.csv"), usecols=["geo_point_2d"])
        places = reports.geo_point_2d.str.extract(r"'lon': ([\d.-]+), 'lat': ([\d.-]+)").astype(float)
        points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(places[0], places[1]), crs=4326)
        joined = geopandas.sjoin(points, frames, predicate="intersects")
        expected = joined.groupby(level=0)["c_quinsee"].agg(lambda codes: min(map(str, codes)))
        assert len(expected) == 10_000

        found = [
            code_at(place, "quartier")
            for place in place_geometries(Point(p.x, p.y, srid=4326) for p in points.geometry)
        ]

        assert found == list(expected.sort_index())

    @pytest.mark.parametrize("order", ["code", "-code", "area_m2"])
    def test_border_points_do_not_depend_on_the_order_of_loading(self, frames, order):
        rng = random.Random(5)
        vertices = [xy for area in frames.geometry for xy in area.exterior.coords]
        shared = rng.sample(sorted({xy for xy in vertices if vertices.count(xy) > 1}), 200)
        tree = shapely.STRtree(frames.geometry.values)
        expected = [
            min(str(frames.c_quinsee.iloc[i]) for i in tree.query(shapely.Point(xy).buffer(2e-9), "intersects"))
            for xy in shared
        ]
        districts = list(District.objects.filter(release__level__name="quartier").order_by(order))
        DistrictPiece.objects.all().delete()
        with connection.cursor() as cursor:
            for district in districts:
                cursor.execute(
                    "INSERT INTO neighbourhoods_districtpiece (district_id, geometry) SELECT id, "
                    "(ST_Dump(ST_Subdivide(geometry, 20))).geom FROM neighbourhoods_district WHERE id = %s",
                    [district.pk],
                )

        assert [code_at(p, "quartier") for p in place_geometries(Point(*xy, srid=4326) for xy in shared)] == expected

    def test_districts_go_from_the_coarsest_level_to_the_finest(self):
        place = place_geometry(Point(2.3522, 48.8566, srid=4326))

        assert [(d.level, d.name, d.rank) for d in place.districts] == [
            ("arrondissement", "Hôtel-de-Ville", 0),
            ("quartier", "Saint-Merri", 1),
        ]
        assert place.smallest_district.name == "Saint-Merri"

    def test_without_street_lines_the_nearest_address_names_the_street(self):
        frame = geopandas.pd.read_csv(real_file("paris-dansmarue/addresses_from_reports.csv"), dtype=str, nrows=200)
        load_addresses(frame, locality="city")
        first = frame.iloc[0]

        place = place_geometry(Point(float(first.lon), float(first.lat), srid=4326))

        assert (place.street.name, place.street.distance_m) == ("Rue Pierre Fontaine", 0)
        assert (place.address.street, place.address.house_number) == ("Rue Pierre Fontaine", "11")


class TestSquares:
    """Two districts of one degree side by side, and a finer level in the left one: shares by hand."""

    @pytest.fixture(autouse=True)
    def squares(self):
        coarse = geopandas.GeoDataFrame(
            {"code": ["B", "A"], "name": ["left", "right"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326
        )
        fine = geopandas.GeoDataFrame({"code": ["x"], "name": ["inner"]}, geometry=[box(0, 0, 0.5, 1)], crs=4326)
        load_districts(coarse, level="commune", rank=0, code="code", name="name")
        load_districts(fine, level="sector", rank=1, code="code", name="name")
        cut_into_pieces(8)

    def shares(self, geometry) -> dict[str, float]:
        return {d.code: round(d.share, 4) for d in place_geometry(geos(geometry)).districts}

    def test_points(self):
        assert self.shares(shapely.Point(1, 0.5)) == {"A": 1}
        assert self.shares(shapely.Point(0.5, 0.5)) == {"B": 1, "x": 1}
        assert self.shares(shapely.Point(2.5, 0.5)) == {}
        assert self.shares(MultiPoint([(0.2, 0.5), (1, 0.5), (1.5, 0.5), (3, 3)])) == {"B": 0.25, "A": 0.5, "x": 0.25}

    def test_lines(self):
        assert self.shares(LineString([(1, 0), (1, 1)])) == {"A": 1}
        assert self.shares(LineString([(0.5, 0.2), (0.5, 0.9)])) == {"B": 1, "x": 1}
        assert self.shares(LineString([(0.75, 0), (1.25, 0), (1.25, 0.0)])) == {"B": 0.5, "A": 0.5}
        assert self.shares(LineString([(0.75, 0.1), (1, 0.1), (1, 0.35), (0.75, 0.35)])) == pytest.approx(
            {"A": 1 / 3, "B": 2 / 3}, abs=2e-3
        )
        assert self.shares(LineString([(0.2, 0.5), (0.4, 0.5), (0.2, 0.5)])) == {"B": 1, "x": 1}
        assert self.shares(LineString([(0.2, 0.5), (0.2, 0.5)])) == {"B": 1, "x": 1}

    def test_areas(self):
        assert self.shares(box(0.5, 0.25, 1.5, 0.75)) == {"A": 0.5, "B": 0.5}
        assert self.shares(box(-1, 0.25, 1, 0.75)) == {"B": 0.5, "x": 0.25}
        assert self.shares(box(0, 0, 1, 1)) == {"B": 1, "x": 0.5}

    def test_a_mixed_collection_counts_its_largest_dimension(self):
        mixed = shapely.GeometryCollection([shapely.Point(1.7, 0.5), box(0.6, 0.2, 0.8, 0.4)])

        assert self.shares(mixed) == {"B": 1}

    def test_districts_that_overlap_share_what_they_overlap(self):
        release = BoundaryRelease.objects.get(level__name="commune")
        District.objects.create(
            release=release, code="C", name="twice", geometry=geos(shapely.MultiPolygon([box(0, 0, 1, 1)])), area_m2=1
        )
        cut_into_pieces(8)

        assert self.shares(box(0.6, 0.2, 0.8, 0.4)) == {"B": 0.5, "C": 0.5}
        assert self.shares(shapely.Point(0.7, 0.3)) == {"B": 1}

    def test_an_empty_territory_places_nothing(self):
        DistrictLevel.objects.all()
        District.objects.all().delete()

        assert place_geometry(Point(0.5, 0.5, srid=4326)) == Place((), None, None)

    def test_what_a_shape_touches_is_ordered_by_the_way_to_its_middle(self):
        for name, x in (("edge", 0.31), ("middle", 0.5), ("far", 0.69)):
            Street.objects.create(
                code=name, name=name, geometry=GEOSGeometry(f"SRID=4326;MULTILINESTRING(({x} 0.2,{x} 0.8))")
            )

        assert place_geometry(geos(box(0.3, 0.3, 0.7, 0.7))).street.name == "middle"

    def test_degrees_do_not_mislead_far_north(self):
        for name, dx, dy in (("east", 0.0015, 0), ("north", 0, 0.001)):
            line = f"SRID=4326;MULTILINESTRING(({25 + dx} {60 + dy},{25 + dx * 1.1} {60 + dy * 1.1}))"
            Street.objects.create(code=name, name=name, geometry=GEOSGeometry(line))

        place = place_geometry(Point(25, 60, srid=4326))

        assert place.street.name == "east"
        assert place.street.distance_m == pytest.approx(83.7, abs=0.2)
