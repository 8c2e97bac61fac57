"""Density cells of contributions equal a full recount in Python, whatever is written, by how many at once."""

from __future__ import annotations

import math
import os
import random
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from io import StringIO
from typing import Any
from uuid import uuid4

import mapbox_vector_tile
import pytest
from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings, strategies

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.queries import with_figures
from geoparticipation.contributions.cells import CELLS
from geoparticipation.contributions.domain import change_status
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.models import Contribution
from layers.cells import COARSEST, FINEST
from tests.fixtures.question import MakeConsultation, Submit, actor_of

# The full measure: CELLS_WRITES=10000 CELLS_WRITERS=8 pytest tests/contributions/test_cells.py -k writers
WRITES = int(os.environ.get("CELLS_WRITES", "240"))
WRITERS = int(os.environ.get("CELLS_WRITERS", "4"))

Count = tuple[int, int, int]
"""How many, their keys by XOR, and their supports."""
Cell = tuple[int, int, int, int, str]
"""Level, column, row, consultation, kind."""


def recount() -> dict[Cell, Count]:
    """What the cells should hold: every visible row, in Python, by the formula of the OpenStreetMap wiki."""
    rows = {
        pk: rest
        for pk, *rest in Contribution.objects.annotate(point=PointOnSurface("public_geometry"))
        .order_by()
        .values_list("pk", "point", "status", "parent", "consultation", "kind", "support_count")
    }
    counted: dict[Cell, Count] = defaultdict(lambda: (0, 0, 0))
    for pk, (point, status, parent, consultation, kind, supports) in rows.items():
        if status != "published" or (parent is not None and rows[parent][1] != "published"):
            continue
        across = (point.x + 180) / 360
        down = (1 - math.asinh(math.tan(math.radians(point.y))) / math.pi) / 2
        for level in range(COARSEST, FINEST + 1):
            cell = (level, int(across * 2**level), int(down * 2**level), consultation, kind)
            count, keys, supported = counted[cell]
            counted[cell] = count + 1, keys ^ pk, supported + supports
    return dict(counted)


def kept() -> dict[Cell, Count]:
    """What cells and differences hold together; bits of the Morton code taken apart as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT level, cell, consultation_id, kind, sum(n), bit_xor(keys), sum(east_cm), sum(north_cm),
                sum(support_count)
            FROM (SELECT * FROM {CELLS.cells} UNION ALL SELECT * FROM {CELLS.changes}) AS both_of_them
            GROUP BY level, cell, consultation_id, kind"""
        )
        found: dict[Cell, Count] = {}
        for level, code, consultation, kind, count, keys, east_cm, north_cm, supports in cursor:
            if count == 0:
                assert (keys, east_cm, north_cm, supports) == (0, 0, 0, 0)
                continue
            bits = f"{code:0{2 * level}b}"
            across, down = int(bits[1::2], 2), int(bits[0::2], 2)
            found[level, across, down, consultation, kind] = int(count), keys, int(supports)
            # The mean of the points lies in the cell.
            width_cm = 2 * math.pi * 637_813_700 / 2**level
            west, north = across * width_cm - math.pi * 637_813_700, math.pi * 637_813_700 - down * width_cm
            assert -1 <= float(east_cm / count) - west <= width_cm + 1
            assert -1 <= north - float(north_cm / count) <= width_cm + 1
    return found


def somewhere(chance: random.Random) -> GEOSGeometry:
    """A point, line or area in the town."""
    lon, lat = 4.3 + chance.random() / 10, 50.8 + chance.random() / 10
    kind = chance.random()
    if kind < 0.8:
        return Point(lon, lat, srid=4326)
    if kind < 0.9:
        return LineString((lon, lat), (lon + 0.001, lat + 0.002), srid=4326)
    area = Polygon.from_bbox((lon, lat, lon + 0.002, lat + 0.001))
    area.srid = 4326
    return area


def idea(consultation: Consultation, chance: random.Random, **fields: Any) -> Contribution:
    """One that is not stored yet."""
    place = somewhere(chance)
    status = chance.choice(["published", "published", "submitted"])
    return Contribution(
        **{
            "kind": Kind.PROPOSAL,
            "consultation": consultation,
            "title": "Idea",
            "status": status,
            "geometry": place,
            "public_geometry": place,
            "located_by": "pin",
            **fields,
        }
    )


class Writer:
    """Somebody who writes at random; the ideas of a writer are changed by nobody else, and commented on by all."""

    def __init__(self, seed: int, consultations: list[Consultation]) -> None:
        self.chance = random.Random(seed)
        self.consultations = consultations
        self.marked = uuid4().hex
        self.retries = 0

    def write(self, steps: int) -> None:
        """So many writes, each in its transaction; begun again where PostgreSQL has ended a deadlock of rows."""
        acts = [self.put_in, self.load, self.comment, self.comment, self.judge, self.judge_many]
        acts += [self.move, self.move_many, self.reassign, self.delete, self.think_better_of_it, self.close_question]
        for _step in range(steps):
            act = self.chance.choice(acts)
            while True:
                try:
                    with transaction.atomic():
                        act()
                    break
                except IntegrityError:  # what it answers was deleted meanwhile
                    break
                except OperationalError as error:
                    if "deadlock" not in str(error):
                        raise
                    self.retries += 1

    def _own(self) -> Any:
        return Contribution.objects.filter(author_name=self.marked[:30])

    def _some(self, share: float = 0.1) -> list[int]:
        pks = list(self._own().order_by("pk").values_list("pk", flat=True))
        return [pk for pk in pks if self.chance.random() < share] or pks[:1]

    def _status(self) -> str:
        return self.chance.choice(["published", "published", "hidden", "withdrawn"])

    def _idea(self) -> Contribution:
        return idea(self.chance.choice(self.consultations), self.chance, author_name=self.marked[:30])

    def put_in(self) -> None:
        self._idea().save()

    def load(self) -> None:
        Contribution.objects.bulk_create([self._idea() for _number in range(self.chance.randrange(1, 8))])

    def comment(self) -> None:
        ideas = Contribution.objects.filter(parent=None, status="published").order_by("-pk")[:40]
        parents = list(ideas.select_related("consultation"))
        for parent in self.chance.sample(parents, min(len(parents), self.chance.randrange(1, 3))):
            comment = idea(parent.consultation, self.chance, kind=Kind.COMMENT, parent=parent, body="No")
            comment.author_name = self.marked[:30]
            comment.save()

    def judge(self) -> None:
        self._own().filter(pk__in=self._some()[:1]).update(status=self._status())

    def judge_many(self) -> None:
        self._own().filter(pk__in=self._some()).update(status=self._status())

    def move(self) -> None:
        self._own().filter(pk__in=self._some()[:1]).update(public_geometry=somewhere(self.chance))

    def move_many(self) -> None:
        self._own().filter(pk__in=self._some()).update(
            public_geometry=somewhere(self.chance), support_count=self.chance.randrange(5)
        )

    def reassign(self) -> None:
        self._own().filter(pk__in=self._some()[:2]).update(consultation=self.chance.choice(self.consultations))

    def delete(self) -> None:
        """Comments first, as Django does, or the ideas first, or all in one statement."""
        pks = self._some(0.03)[:3]
        list(Contribution.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
        below = list(Contribution.objects.filter(parent__in=pks).exclude(pk__in=pks).values_list("pk", flat=True))
        for rows in self.chance.choice([[below, pks], [pks, below], [pks + below]]):
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM contributions_contribution WHERE id = ANY(%s)", [rows])

    def think_better_of_it(self) -> None:
        """A savepoint that is rolled back, between two writes that stay."""
        self.judge()
        saved = transaction.savepoint()
        self.move_many()
        self.load()
        transaction.savepoint_rollback(saved)
        self.put_in()

    def close_question(self) -> None:
        """Whether a consultation is public is not the cells' matter."""
        state = self.chance.choice(["draft", "published", "archived"])
        Consultation.objects.filter(pk=self.chance.choice(self.consultations).pk).update(state=state)


def beside(work: Callable[[], None], failures: list[BaseException]) -> threading.Thread:
    """A thread with a connection of its own, whose failure is kept."""

    def run() -> None:
        try:
            with closing(connection):
                work()
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def until(done: threading.Event, work: Callable[[], None]) -> Callable[[], None]:
    """Work over and over until it is done."""

    def run() -> None:
        while not done.is_set():
            work()

    return run


def look() -> None:
    """In one snapshot: no count below nothing, at each level as many as there are, nobody waiting for the cells."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH kept AS (SELECT * FROM {CELLS.cells} UNION ALL SELECT * FROM {CELLS.changes})
            SELECT
                (SELECT count(*) FROM (
                    SELECT FROM kept GROUP BY level, cell, consultation_id, kind HAVING sum(n) < 0) AS negative),
                (SELECT array_agg(DISTINCT total) FROM (SELECT sum(n) AS total FROM kept GROUP BY level) AS totals),
                (SELECT count(*) FROM contributions_contribution AS row
                    LEFT JOIN contributions_contribution AS parent ON parent.id = row.parent_id
                    WHERE row.status = 'published' AND (row.parent_id IS NULL OR parent.status = 'published'))"""
        )
        negative, totals, rows = cursor.fetchone()
        cursor.execute(
            """SELECT locktype FROM pg_locks
            WHERE NOT granted AND (locktype = 'advisory' OR locktype IN ('relation', 'tuple')
                AND relation IN (%s::regclass, %s::regclass))""",
            [CELLS.cells, CELLS.changes],
        )
        assert cursor.fetchall() == []
    assert negative == 0
    assert {int(total) for total in totals or [0]} == {rows}


@pytest.fixture
def consultations(transactional_db: None) -> list[Consultation]:
    """Three, one of them a draft."""
    states = ["published", "published", "draft"]
    return [
        Consultation.objects.create(slug=f"q{number}", title=f"Q{number}", summary="?", state=state)
        for number, state in enumerate(states)
    ]


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=strategies.integers(min_value=0))
def test_cells_equal_a_recount_after_random_writes_by_several_writers(
    consultations: list[Consultation], seed: int
) -> None:
    failures: list[BaseException] = []
    done = threading.Event()
    upkeep = [beside(until(done, CELLS.fold), failures), beside(until(done, look), failures)]  # type: ignore[arg-type]
    writers = [Writer(seed + number, consultations) for number in range(WRITERS)]

    threads = [
        beside(lambda writer=writer: writer.write(WRITES // WRITERS), failures)  # type: ignore[misc]
        for writer in writers
    ]
    for thread in threads:
        thread.join()
    done.set()
    for thread in upkeep:
        thread.join()

    assert failures == []
    assert kept() == recount()
    CELLS.fold()
    assert kept() == recount()


# --- One thing at a time ----------------------------------------------------------------------------------------------


def total() -> int:
    """How many contributions the public's cells hold."""
    return sum(count for (level, *_rest), (count, *_sums) in kept().items() if level == FINEST)


def tile_at(lon: float, lat: float, zoom: int) -> str:
    """Address of the tile that holds the point."""
    across = (lon + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"/tiles/contributions/{zoom}/{int(across * 2**zoom)}/{int(down * 2**zoom)}.mvt"


def counted(zoom: int, **parameters: str) -> list[dict[str, Any]]:
    """The properties of what the tile over Rue Haute shows."""
    content = Client().get(tile_at(4.405, 50.8451, zoom), parameters).content
    return [
        feature["properties"] for layer in mapbox_vector_tile.decode(content).values() for feature in layer["features"]
    ]


def test_comments_below_a_hidden_idea_vanish_and_come_back(
    submit: Submit, consultation: Consultation, moderator: User, citizen: User
) -> None:
    said = submit()
    for _number in range(2):
        submit(kind=Kind.COMMENT, parent=said, body="Yes")
    assert counted(9) == [{"point_count": 3, "kind_proposal": 1, "kind_comment": 2}]

    change_status(contribution=said, to_status=Status.HIDDEN, actor=actor_of(moderator), reason="Off topic")
    assert (counted(9), total()) == ([], 0)

    change_status(contribution=said, to_status=Status.PUBLISHED, actor=actor_of(moderator))
    assert counted(9) == [{"point_count": 3, "kind_proposal": 1, "kind_comment": 2}]
    assert kept() == recount()


def test_parent_and_comments_changed_by_one_statement(submit: Submit) -> None:
    said = submit()
    submit(kind=Kind.COMMENT, parent=said, body="Yes")

    for status in ("hidden", "published", "withdrawn", "published"):
        Contribution.objects.update(status=status)
        assert kept() == recount()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED; DELETE FROM contributions_contributiondistrict")
        cursor.execute("DELETE FROM contributions_contribution")
    assert kept() == {}


def test_draft_consultation_is_not_counted_and_comes_back(submit: Submit, consultation: Consultation) -> None:
    submit()
    submit()

    assert [found["point_count"] for found in counted(12)] == [2]
    Consultation.objects.update(state="draft")
    assert counted(12) == []
    Consultation.objects.update(state="archived")
    assert [found["point_count"] for found in counted(12)] == [2]


@pytest.mark.parametrize("zoom", [0, 5, 7, 8, 13])
def test_cells_say_what_counting_the_rows_says(
    consultation: Consultation, make_consultation: MakeConsultation, zoom: int
) -> None:
    other = make_consultation()
    chance = random.Random(7)
    Contribution.objects.bulk_create(idea(consultation if number % 3 else other, chance) for number in range(60))
    for parameters in ({}, {"kind": "proposal"}, {"consultation": other.slug}, {"kind": "comment"}):
        url = tile_at(4.35, 50.85, zoom)
        by_cells = Client().get(url, parameters)
        # This filter is one that cells do not know, and lets everything through.
        by_rows = Client().get(url, {**parameters, "submitted_after": "2000-01-01"})

        def features(content: bytes) -> list[Any]:
            layers = mapbox_vector_tile.decode(content).values()
            found = [feature for layer in layers for feature in layer["features"]]
            return sorted(
                (feature["geometry"]["coordinates"], sorted(feature["properties"].items())) for feature in found
            )

        assert features(by_cells.content) == features(by_rows.content)


def test_cell_of_one_keeps_its_properties(submit: Submit) -> None:
    said = submit(title="A bench")

    (found,) = counted(3)

    assert (found["code"], found["title"], found["point_count"]) == (str(said.code), "A bench", 1)


def test_dense_tile_shows_cells_where_a_sparse_one_shows_pins(
    submit: Submit, consultation: Consultation, django_assert_num_queries: Any
) -> None:
    place = submit().public_geometry
    rows = (idea(consultation, random.Random(1), public_geometry=place, status="published") for _n in range(499))
    Contribution.objects.bulk_create(rows)
    assert len(counted(16)) == 500
    submit()

    with django_assert_num_queries(3):  # the version, the count, the tile
        (cell,) = counted(16)
    assert cell["point_count"] == 501


def test_copy_and_truncate_are_counted(consultation: Consultation, submit: Submit) -> None:
    submit()
    columns = "code, kind, consultation_id, title, body, author_name, language, typed_address, origin, located_by, "
    columns += "status, support_count, comment_count, submitted_at, updated_at, geometry, public_geometry"
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY contributions_contribution ({columns}) FROM STDIN") as copy:
            for number in range(1_000):
                place = f"SRID=4326;POINT({4.3 + number / 1e5} 50.8)"
                words = ["Idea", "", "", "", "", "web", "pin", "published" if number % 4 else "hidden", 0, 0]
                when = ["2026-01-01T00:00:00Z"] * 2
                copy.write_row([uuid4(), "proposal", consultation.pk, *words, *when, place, place])
        assert (total(), kept()) == (751, recount())
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE contributions_contribution CASCADE")
    assert kept() == {}


def test_titles_and_numbers_of_comments_leave_no_difference(submit: Submit) -> None:
    said = submit()
    CELLS.fold()

    Contribution.objects.filter(pk=said.pk).update(title="Another", comment_count=2)

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {CELLS.changes}")
        assert cursor.fetchone() == (0,)


def test_too_many_rows_for_a_filter_are_estimated_and_say_so(
    consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(5)
    places = [Point(4.3 + chance.random() / 10, 50.8 + chance.random() / 10, srid=4326) for _number in range(3_000)]
    Contribution.objects.bulk_create(
        idea(consultation, chance, status="published", body="A bench", geometry=place, public_geometry=place)
        for place in places
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contributions_contribution")
    assert sum(cell["point_count"] for cell in counted(7, q="bench")) == 3_000

    monkeypatch.setattr("layers.density.MOST_COUNTED", 1_000)
    monkeypatch.setattr("layers.density.SAMPLED", 600)
    estimated = counted(7, q="bench")

    assert all(cell["estimated"] for cell in estimated)
    assert 1_800 < sum(cell["point_count"] for cell in estimated) < 4_200
    assert all(cell["kind_proposal"] == cell["point_count"] for cell in estimated)
    assert sum(cell["point_count"] for cell in counted(7, kind="proposal")) == 3_000


def test_short_words_are_found_like_long_ones(submit: Submit) -> None:
    submit(title="A tap", body="Zz")
    submit(title="A tree")

    assert [cell["title"] for cell in counted(16, q="zz")] == ["A tap"]
    assert [cell["title"] for cell in counted(16, q="tree a")] == ["A tree"]


def test_consultation_has_the_figures_of_its_contributions(
    submit: Submit, make_consultation: MakeConsultation, consultation: Consultation
) -> None:
    said, other = submit(), submit(into=make_consultation())
    submit(kind=Kind.COMMENT, parent=said, body="Yes")
    CELLS.fold()
    Contribution.objects.filter(pk=said.pk).update(support_count=4)
    Contribution.objects.filter(pk=other.pk).update(support_count=1)
    submit()

    def figures() -> list[tuple[int, ...]]:
        names = ("idea_count", "comment_count", "support_count")
        return list(with_figures(Consultation.objects.order_by("pk")).values_list(*names))

    assert figures() == [(2, 1, 4), (1, 0, 1)]
    Consultation.objects.filter(pk=consultation.pk).update(state="draft")
    assert figures() == [(0, 0, 0), (1, 0, 1)]


def test_places_off_the_map_are_left_out(submit: Submit) -> None:
    said = submit()
    for lon, lat in ((4.4, 89.9), (180.0, 50.8), (-200.0, 0.0)):
        Contribution.objects.filter(pk=said.pk).update(public_geometry=Point(lon, lat, srid=4326))
        assert kept() == {}


@pytest.mark.django_db(transaction=True)
def test_writers_in_one_cell_and_the_fold_do_not_wait_for_one_another(consultations: list[Consultation]) -> None:
    chance = random.Random(3)
    row = idea(consultations[0], chance, status="published")
    row.save()
    failures: list[BaseException] = []

    def impatient(work: Callable[[], Any]) -> None:
        def run() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            work()

        thread = beside(run, failures)
        thread.join()

    with transaction.atomic():  # one writer takes its time
        Contribution(**{**_fields(row), "code": uuid4()}).save()
        impatient(lambda: Contribution(**{**_fields(row), "code": uuid4()}).save())
        impatient(CELLS.fold)
        impatient(lambda: Contribution.objects.filter(pk=row.pk).update(public_geometry=somewhere(chance)))
        impatient(look)

    assert failures == []
    assert kept() == recount()


def _fields(row: Contribution) -> dict[str, Any]:
    return {
        name: getattr(row, name)
        for name in ("kind", "consultation", "title", "status", "geometry", "public_geometry", "located_by")
    }


def test_recount_finds_and_repairs_what_went_past_the_triggers(submit: Submit) -> None:
    for _number in range(3):
        submit()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE contributions_contribution DISABLE TRIGGER USER")
        Contribution.objects.filter(pk=Contribution.objects.values("pk")[:1]).update(status="hidden")
        cursor.execute("ALTER TABLE contributions_contribution ENABLE TRIGGER USER")
    told = StringIO()

    with pytest.raises(CommandError, match="recount_cells"):
        call_command("recount_cells", "--check", stdout=told)
    assert "11 cells differed, 1 rows missing or too many" in told.getvalue()
    assert kept() != recount()
    call_command("recount_cells", stdout=told)

    assert kept() == recount()
    call_command("recount_cells", "--check", stdout=told)
