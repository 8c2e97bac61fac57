"""A new release of districts under a thousand contributions: figures before, after, and of the old release.

Expectations come from geopandas, which knows nothing of our pieces, atoms and shares. `GEOPARTICIPATION_CONTRIBUTIONS`
=100000 tries it with as many.
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import geopandas
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import translation
from shapely.geometry import LineString, MultiLineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain.follow_boundaries import place_contributions_again
from geoparticipation.contributions.enums import Kind, LocatedBy, Status
from geoparticipation.contributions.models import Contribution, ContributionDistrict
from geoparticipation.dashboards.queries import editions_of, figures_of
from layers.registry import get_layer
from neighbourhoods.domain.boundaries import compare_releases, replace_boundaries
from neighbourhoods.domain.boundaries.errors import ReleaseInForce, TerritoryBusy
from neighbourhoods.domain.place_geometry import place_geometries, place_geometry
from neighbourhoods.importers.report import ImportReport
from neighbourhoods.importers.store.districts import DistrictRow, store_districts
from neighbourhoods.importers.store.staging import one_import_at_a_time
from neighbourhoods.models import Address, BoundaryRelease, District, Street

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
ROWS = int(os.environ.get("GEOPARTICIPATION_CONTRIBUTIONS", "1000"))
WEST, SOUTH, EAST, NORTH = 4.30, 50.80, 4.40, 50.86
METRES = 3812


def cells(columns: int, rows: int, *, skew: float) -> dict[str, Polygon]:
    """The town's box in slanting cells, by code."""
    width, height = (EAST - WEST) / columns, (NORTH - SOUTH) / rows
    found = {}
    for column in range(columns):
        for row in range(rows):
            corners = []
            for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1)):
                inner = 0 < column + dx < columns
                x = WEST + (column + dx) * width + (skew * (row + dy) * height if inner else 0)
                corners.append((x, SOUTH + (row + dy) * height))
            found[f"{column}-{row}"] = Polygon(corners)
    return found


OLD = cells(4, 3, skew=0.1)
NEW = cells(5, 3, skew=-0.1)


def load(level: str, release: str, areas: dict[str, Polygon], *, name: str) -> BoundaryRelease:
    rows = [(code, f"{name} {code}", shapely.to_wkb(area, hex=True)) for code, area in areas.items()]
    with transaction.atomic():
        return store_districts(
            [DistrictRow(code=code, name=called, geometry=wkb) for code, called, wkb in rows],
            level_name=level,
            release_name=release,
            source="made up",
            valid_from=None,
            report=ImportReport(),
        )


def is_clear(place: BaseGeometry, areas: dict[str, Polygon]) -> bool:
    """Whether one district has clearly most of it. A line straight across two of one width has as much of both, but
    for the curvature of the earth."""
    if place.geom_type == "Point":
        return True
    parts = [place.intersection(area) for area in areas.values()]
    shares = sorted((part.area or part.length) / (place.area or place.length) for part in parts)
    return shares[-1] - shares[-2] > 0.01


def some_places(count: int) -> list[BaseGeometry]:
    """Points, lines and areas, anywhere in the town."""
    chance = random.Random(7)

    def point() -> tuple[float, float]:
        return (chance.uniform(WEST + 0.002, EAST - 0.002), chance.uniform(SOUTH + 0.002, NORTH - 0.002))

    def place(turn: int) -> BaseGeometry:
        x, y = point()
        if turn == 3:
            return LineString([(x, y), point(), point()])
        if turn == 7:
            return Point(x, y).buffer(chance.uniform(0.001, 0.01), quad_segs=4).intersection(TOWN)
        return Point(x, y)

    places: list[BaseGeometry] = []
    while len(places) < count:
        drawn = place(len(places) % 20)
        if all(is_clear(drawn, areas) for areas in (OLD, NEW)):
            places.append(drawn)
    return places


TOWN = box(WEST, SOUTH, EAST, NORTH)


@pytest.fixture
def in_english() -> Iterator[None]:
    """The words that a test expects are English ones."""
    with translation.override("en"):
        yield


@pytest.fixture
def open_consultation(db: None) -> Consultation:
    return Consultation.objects.create(
        slug="question", title="Question", summary="What?", state=ConsultationState.PUBLISHED
    )


@pytest.fixture
def old(db: None) -> BoundaryRelease:
    load("commune", "2020", {"C": TOWN}, name="Ville")
    return load("quartier", "2024", OLD, name="Quartier")


def put_in(consultation: Consultation, places: list[BaseGeometry], **fields: object) -> list[Contribution]:
    geometries = [GEOSGeometry(shapely.to_wkb(place, hex=True), srid=4326) for place in places]
    return Contribution.objects.bulk_create(
        [
            Contribution(
                **{
                    "kind": Kind.PROPOSAL,
                    "consultation": consultation,
                    "title": f"Idea {at}",
                    "status": Status.PUBLISHED,
                    "located_by": LocatedBy.DRAWN,
                    "geometry": geometry,
                    "public_geometry": geometry,
                    **fields,
                }
            )
            for at, geometry in enumerate(geometries)
        ]
    )


def place_all() -> None:
    """Place what was put in, by all releases in force."""
    for release in BoundaryRelease.objects.filter(is_current=True):
        place_contributions_again(release)


def expected_figures(places: list[BaseGeometry], areas: dict[str, Polygon], name: str) -> Counter[str]:
    """By the district with most of each: geopandas joins points and lays lines and areas over the districts."""
    frame = geopandas.GeoDataFrame({"at": range(len(places))}, geometry=places, crs=4326)
    districts = geopandas.GeoDataFrame(
        {"name": [f"{name} {code}".strip() for code in areas]}, geometry=list(areas.values()), crs=4326
    )
    points = frame[frame.geom_type == "Point"].sjoin(districts, predicate="within")
    found = Counter(points["name"])
    for kind, measure in (("LineString", "length"), ("Polygon", "area")):
        parts = geopandas.overlay(frame[frame.geom_type == kind], districts, keep_geom_type=True).to_crs(METRES)
        parts["measure"] = getattr(parts.geometry, measure)
        found += Counter(parts.sort_values("measure").groupby("at").tail(1)["name"])
    return found


def figures(contributions: object, **edition: object) -> Counter[str]:
    return Counter({row.name: row.count for row in figures_of(contributions, **edition).districts})


def test_figures_before_after_and_of_the_old_release(old: BoundaryRelease, open_consultation: Consultation) -> None:
    places = some_places(ROWS)
    put_in(open_consultation, places)
    everything = Contribution.objects.all()
    place_all()
    before = figures(everything)
    shares_before = digest_of_shares(old)
    new = load("quartier", "2027", NEW, name="Secteur")
    difference = compare_releases(old=old, new=new)
    written = replace_boundaries(release=new)
    after = figures(everything)
    put_in(open_consultation, places[:50])
    place_all()

    assert before == expected_figures(places, OLD, "Quartier")
    assert after == expected_figures(places, NEW, "Secteur")
    assert editions_of(everything) == [old]
    assert figures(everything, edition=old) == before
    assert digest_of_shares(old) == shares_before
    assert written["contributions"] == ROWS
    assert (len(difference.appeared), len(difference.gone)) == (3, 0)
    [moves] = [of_kind.moves for of_kind in difference.concerned if of_kind.kind == "contributions"]
    came, went = Counter(), Counter()
    for move in moves:
        went[move.from_code] += move.count
        came[move.to_code] += move.count
    for code in NEW:
        assert before[f"Quartier {code}"] - went[code] + came[code] == after[f"Secteur {code}"]


def digest_of_shares(release: BoundaryRelease) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg(s.ctid::text || s::text, ',' ORDER BY s.id))"
            " FROM contributions_contributiondistrict s"
            " JOIN neighbourhoods_district d ON d.id = s.district_id WHERE d.release_id = %s",
            [release.pk],
        )
        return str(cursor.fetchone()[0])


def test_many_are_placed_as_one_is(old: BoundaryRelease, open_consultation: Consultation) -> None:
    """Also on borders and corners, where the lowest code wins."""
    corner = OLD["1-1"].exterior.coords
    places = [
        *some_places(120),
        *(Point(x, y) for x, y in corner),
        Point((corner[0][0] + corner[1][0]) / 2, corner[0][1]),
        LineString([corner[0], corner[1]]),
        MultiLineString([[corner[0], corner[2]], [corner[1], corner[3]]]),
        TOWN,
    ]
    made = put_in(open_consultation, places)
    place_all()

    for contribution, place in zip(made, place_geometries(c.geometry for c in made), strict=True):
        stored = dict(contribution.shares.values_list("district_id", "share"))
        assert stored == pytest.approx({share.id: share.share for share in place.districts})
        contribution.refresh_from_db()
        assert place.smallest_district is not None
        assert contribution.district_id == place.smallest_district.id


def test_comments_go_with_their_idea(old: BoundaryRelease, open_consultation: Consultation) -> None:
    [idea] = put_in(open_consultation, [OLD["0-0"].intersection(OLD["0-0"].buffer(-0.001))])
    [comment] = put_in(
        open_consultation,
        [Point(EAST - 0.001, NORTH - 0.001)],
        kind=Kind.COMMENT,
        parent=idea,
        body="Yes",
        located_by=LocatedBy.INHERITED,
    )
    replace_boundaries(release=load("quartier", "2027", NEW, name="Secteur"))

    idea.refresh_from_db()
    comment.refresh_from_db()
    assert idea.district is not None
    assert idea.district == comment.district
    assert set(idea.shares.values_list("district_id", "share")) == set(
        comment.shares.values_list("district_id", "share")
    )


def test_a_whole_district_stays_one_of_its_level(old: BoundaryRelease, open_consultation: Consultation) -> None:
    """One chosen by name: its neighbours are touched by a hair, and the commune's is not replaced at all."""
    commune, quarter = District.objects.get(code="C"), District.objects.get(code="1-1", release=old)
    [in_commune] = put_in(open_consultation, [TOWN], located_by=LocatedBy.DISTRICT, district=commune)
    [in_quarter] = put_in(open_consultation, [OLD["1-1"]], located_by=LocatedBy.DISTRICT, district=quarter)
    new = load("quartier", "2027", NEW, name="Secteur")
    replace_boundaries(release=new)

    in_commune.refresh_from_db()
    in_quarter.refresh_from_db()
    assert in_commune.district == commune
    assert in_quarter.district is not None
    overlaps = {code: area.intersection(OLD["1-1"]).area for code, area in NEW.items()}
    assert (in_quarter.district.release, in_quarter.district.code) == (new, max(overlaps, key=overlaps.__getitem__))
    assert all(share.share >= 0.01 for share in in_quarter.shares.filter(district__release=new))


def test_each_level_is_listed_once(old: BoundaryRelease, open_consultation: Consultation) -> None:
    [idea] = put_in(open_consultation, [Point(4.312, 50.812)])
    place_all()
    replace_boundaries(release=load("quartier", "2027", NEW, name="Secteur"))
    layer = get_layer("contributions")
    [row] = layer.queryset(None).filter(pk=idea.pk).annotate(listed=layer.properties["districts"])

    assert [(district["level"], district["name"]) for district in row.listed] == [
        ("commune", "Ville C"),
        ("quartier", "Secteur 0-0"),
    ]
    assert ContributionDistrict.objects.filter(contribution=idea, district__release=old).count() == 1


def test_addresses_and_streets_that_change_district_are_counted(old: BoundaryRelease) -> None:
    street = Street.objects.create(code="S", name="Rue", geometry="SRID=4326;MULTILINESTRING((4.318 50.81,4.33 50.81))")
    places = [place for place in some_places(400) if place.geom_type == "Point"]
    Address.objects.bulk_create(
        Address(register_id=str(at), source="x", street=street, geometry=GEOSGeometry(place.wkb_hex, srid=4326))
        for at, place in enumerate(places)
    )
    new = load("quartier", "2027", NEW, name="Secteur")
    difference = {concerned.kind: concerned for concerned in compare_releases(old=old, new=new).concerned}
    replace_boundaries(release=new)

    expected: Counter[tuple[str, str]] = Counter()
    for place in places:
        [before] = [code for code, area in OLD.items() if area.covers(place)]
        [after] = [code for code, area in NEW.items() if area.covers(place)]
        if before != after:
            expected[before, after] += 1
    assert {(m.from_code, m.to_code): m.count for m in difference["addresses"].moves} == expected
    assert [(m.from_code, m.to_code, m.count) for m in difference["streets"].moves] == [("0-0", "1-0", 1)]
    assert set(Address.objects.values_list("district__release__name", flat=True)) == {"2027"}


def test_a_release_can_be_taken_back(old: BoundaryRelease, open_consultation: Consultation) -> None:
    put_in(open_consultation, some_places(60))
    place_all()
    before = dict(Contribution.objects.values_list("pk", "district"))
    new = load("quartier", "2027", NEW, name="Secteur")
    replace_boundaries(release=new)
    replace_boundaries(release=old)

    assert dict(Contribution.objects.values_list("pk", "district")) == before
    old.refresh_from_db()
    with pytest.raises(ReleaseInForce):
        replace_boundaries(release=old)


def import_level(path: str, areas: dict[str, Polygon], *, release: str) -> None:
    frame = geopandas.GeoDataFrame({"code": list(areas), "name": list(areas)}, geometry=list(areas.values()), crs=4326)
    frame.to_file(path, driver="GPKG")
    call_command("import_districts", path, level="quartier", release=release, name_field="name", code_field="code")


def test_what_was_there_before_the_first_districts_is_placed_in_them(
    open_consultation: Consultation, tmp_path: object
) -> None:
    places = some_places(60)
    put_in(open_consultation, places)
    import_level(f"{tmp_path}/2024.gpkg", OLD, release="2024")
    import_level(f"{tmp_path}/2027.gpkg", NEW, release="2027")

    assert figures(Contribution.objects.all()) == expected_figures(places, OLD, "")
    assert set(Contribution.objects.values_list("district__release__name", flat=True)) == {"2024"}


def test_correcting_the_release_in_force_places_again(open_consultation: Consultation, tmp_path: object) -> None:
    places = some_places(60)
    import_level(f"{tmp_path}/wrong.gpkg", {code: NEW[code] for code in OLD}, release="2024")
    put_in(open_consultation, places)
    place_all()
    chosen = District.objects.get(code="1-1")
    [whole] = put_in(open_consultation, [NEW["1-1"]], located_by=LocatedBy.DISTRICT, district=chosen)
    whole.shares.create(district=chosen, share=1)
    import_level(f"{tmp_path}/right.gpkg", OLD, release="2024")

    assert figures(Contribution.objects.exclude(pk=whole.pk)) == expected_figures(places, OLD, "")
    assert list(whole.shares.values_list("district", "share")) == [(chosen.pk, 1)]


@pytest.mark.django_db(transaction=True)
def test_what_is_put_in_during_the_switch_is_placed_after_it(
    old: BoundaryRelease, open_consultation: Consultation
) -> None:
    """Its place is looked up before the switch, and it is stored after it."""
    new = load("quartier", "2027", NEW, name="Secteur")
    in_force = BoundaryRelease.objects.filter(pk=new.pk, is_current=True)
    has_looked = threading.Event()

    def submit() -> None:
        try:
            with transaction.atomic():
                point = GEOSGeometry("SRID=4326;POINT(4.3215 50.8105)")
                place = place_geometry(point)
                has_looked.set()
                while not in_force.exists():
                    pass
                [idea] = put_in(open_consultation, [Point(point.x, point.y)], district_id=place.smallest_district.id)
                idea.shares.create(district_id=place.smallest_district.id, share=1)
        finally:
            connection.close()

    with ThreadPoolExecutor() as one:
        submitting = one.submit(submit)
        assert has_looked.wait(10)
        replace_boundaries(release=new)
        submitting.result(10)

    assert set(Contribution.objects.values_list("district__release__name", flat=True)) == {"2027"}


@pytest.mark.django_db(transaction=True)
def test_boundaries_and_imports_wait_for_each_other(old: BoundaryRelease) -> None:
    """Addresses that an import has placed by the old boundaries, and not yet shown, would stay there."""
    new = load("quartier", "2027", NEW, name="Secteur")

    def replace() -> None:
        try:
            replace_boundaries(release=new, wait=False)
        finally:
            connection.close()

    with ThreadPoolExecutor() as one, transaction.atomic():
        one_import_at_a_time()
        with pytest.raises(TerritoryBusy):
            one.submit(replace).result(10)
    assert BoundaryRelease.objects.get(level=old.level, is_current=True) == old


def test_a_failure_leaves_everything_as_it_was(
    old: BoundaryRelease, open_consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in(open_consultation, some_places(20))
    place_all()
    before = list(Contribution.objects.order_by("pk").values("pk", "district"))
    shares = ContributionDistrict.objects.count()
    new = load("quartier", "2027", NEW, name="Secteur")

    monkeypatch.setattr("geoparticipation.contributions.domain.follow_boundaries._INHERIT_DISTRICTS", "SELECT 1 / 0")
    with pytest.raises(Exception, match="division by zero"):
        replace_boundaries(release=new)

    assert BoundaryRelease.objects.get(level=old.level, is_current=True) == old
    assert list(Contribution.objects.order_by("pk").values("pk", "district")) == before
    assert ContributionDistrict.objects.count() == shares


def test_command_shows_and_asks(
    old: BoundaryRelease, open_consultation: Consultation, capsys: pytest.CaptureFixture[str]
) -> None:
    put_in(open_consultation, some_places(20))
    place_all()
    load("quartier", "2027", {**OLD, "0-0": OLD["0-0"].union(OLD["0-1"]), "0-1": NEW["4-2"]}, name="Quartier")

    call_command("replace_boundaries", "--dry-run", level="quartier", release="2027")
    said = capsys.readouterr().out
    assert "Districts that stay as they are: 10" in said
    assert "redrawn" in said
    assert "Change district, contributions:" in said
    assert "Change district, targets:" not in said
    assert said.rstrip().endswith("Nothing was changed.")
    with pytest.raises(CommandError, match="--yes"):
        call_command("replace_boundaries", level="quartier", release="2027")
    with pytest.raises(CommandError, match=r"has no release “2030”. It has: 2024, 2027.*release_unknown"):
        call_command("replace_boundaries", "--yes", level="quartier", release="2030")
    assert BoundaryRelease.objects.get(level=old.level, is_current=True) == old

    call_command("replace_boundaries", "--yes", level="quartier", release="2027")
    assert "“2027” is in force." in capsys.readouterr().out
    assert BoundaryRelease.objects.get(level=old.level, is_current=True).name == "2027"


def test_command_loads_the_file_and_replaces_in_one_go(
    old: BoundaryRelease, open_consultation: Consultation, tmp_path: object
) -> None:
    path = f"{tmp_path}/2027.gpkg"
    frame = geopandas.GeoDataFrame({"code": list(NEW), "name": list(NEW)}, geometry=list(NEW.values()), crs=4326)
    frame.to_file(path, driver="GPKG")
    options = {"level": "quartier", "release": "2027", "name_field": "name", "code_field": "code"}
    put_in(open_consultation, some_places(20))

    call_command("replace_boundaries", path, "--dry-run", **options)
    assert not BoundaryRelease.objects.filter(name="2027").exists()
    with pytest.raises(CommandError, match="another name"):
        call_command("replace_boundaries", path, "--yes", **{**options, "release": "2024"})
    call_command("replace_boundaries", path, "--yes", **options)
    assert set(Contribution.objects.values_list("district__release__name", flat=True)) == {"2027"}
