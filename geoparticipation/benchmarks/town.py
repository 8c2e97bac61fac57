"""A made-up town of any size, written by the database itself.

400 square districts in a grid, streets from west to east through all of them, a hundred homes along each street (a
fifth of them with a box, a tenth with a suffix), and contributions anywhere. Everything lies near 6.1° E, 49.6° N.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection
from django.utils import timezone

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, PhaseKind
from geoparticipation.consultations.models import Consultation, Phase
from geoparticipation.contributions.models import Contribution
from neighbourhoods.domain.district_pieces import rebuild_pieces
from neighbourhoods.models import BoundaryRelease, DistrictLevel

WEST: Final = 6.10
SOUTH: Final = 49.58
SIDE: Final = 0.08
"""Width and height of the town in degrees: 5.8 km by 8.9 km."""
HOMES_PER_STREET: Final = 100

_DISTRICTS = """
INSERT INTO neighbourhoods_district (release_id, code, name, names, search_name, geometry, area_m2, is_clipped)
SELECT %(release)s, 'D' || i || '-' || j, 'District ' || i || ' ' || j, '{}', 'district ' || i || ' ' || j,
       ST_Multi(box), ST_Area(box::geography), false
  FROM generate_series(0, 19) AS i, generate_series(0, 19) AS j,
       ST_MakeEnvelope(%(west)s + i * %(side)s / 20, %(south)s + j * %(side)s / 20,
                       %(west)s + (i + 1) * %(side)s / 20, %(south)s + (j + 1) * %(side)s / 20, 4326) AS box
"""
_STREETS = """
INSERT INTO neighbourhoods_street (code, name, locality, kind, geometry, source)
SELECT 'bench-' || n, 'Rue numéro ' || n, 'Bench', 'residential',
       ST_Multi(ST_MakeLine(ST_SetSRID(ST_MakePoint(%(west)s, lat), 4326),
                            ST_SetSRID(ST_MakePoint(%(west)s + %(side)s, lat), 4326))), 'bench'
  FROM generate_series(1, %(streets)s) AS n,
       LATERAL (SELECT %(south)s + %(side)s * (n - 0.5) / %(streets)s AS lat) AS at
"""
_NAMES = """
INSERT INTO neighbourhoods_streetname (street_id, language, name, search_name)
SELECT id, 'fr', name, 'rue numero ' || substr(code, 7) FROM neighbourhoods_street WHERE source = 'bench'
"""
_ADDRESSES = """
INSERT INTO neighbourhoods_address (register_id, source, street_id, house_number, number, number_suffix, box, postcode,
                                    locality, geometry, district_id, dwellings, no_flyers)
SELECT street.id || '-' || n, 'bench', street.id, n || suffix, n, suffix, CASE n %% 5 WHEN 0 THEN 'A' || n ELSE '' END,
       '1000', 'Bench', point, district.id, 1 + n %% 4, n %% 25 = 0
  FROM neighbourhoods_street AS street, generate_series(1, %(homes)s) AS n,
       LATERAL (SELECT ST_SetSRID(ST_MakePoint(%(west)s + %(side)s * (n - 0.5) / %(homes)s,
                       ST_Y(ST_StartPoint(ST_GeometryN(street.geometry, 1))) + (n %% 2 - 0.5) * 0.00004), 4326) AS point
       ) AS at,
       LATERAL (SELECT CASE n %% 10 WHEN 3 THEN 'bis' ELSE '' END AS suffix) AS written
  JOIN neighbourhoods_district AS district ON true
 WHERE street.source = 'bench' AND district.release_id = %(release)s
   AND district.code = 'D' || floor((ST_X(point) - %(west)s) / %(side)s * 20)::int
                    || '-' || floor((ST_Y(point) - %(south)s) / %(side)s * 20)::int
"""
# One statement writes both tables: where a contribution lies is worked out once.
_CONTRIBUTIONS = """
WITH written AS (
  INSERT INTO contributions_contribution (code, kind, consultation_id, phase_id, author_name, title, body, language,
      status, origin, geometry, public_geometry, located_by, typed_address, district_id, support_count, comment_count,
      submitted_at, updated_at)
  SELECT gen_random_uuid(), 'proposal', %(consultation)s, %(phase)s, '', 'Idea ' || n, 'A bench, a tree and a tap.',
         'en', 'published', 'web', point, point, 'pin', '', district.id, n %% 7, 0,
         now() - n * interval '1 second', now()
    FROM generate_series(%(first)s, %(last)s) AS n,
         LATERAL (SELECT ST_SetSRID(ST_MakePoint(%(west)s + %(side)s * random(), %(south)s + %(side)s * random()), 4326)
                         AS point WHERE n > 0) AS at
    JOIN neighbourhoods_district AS district ON true
   WHERE district.release_id = %(release)s
     AND district.code = 'D' || floor((ST_X(point) - %(west)s) / %(side)s * 20)::int
                      || '-' || floor((ST_Y(point) - %(south)s) / %(side)s * 20)::int
  RETURNING id, district_id
)
INSERT INTO contributions_contributiondistrict (contribution_id, district_id, share)
SELECT id, district_id, 1 FROM written
"""
_TABLE: Final = "contributions_contribution"
_SHARES_TABLE: Final = "contributions_contributiondistrict"
_MAKING_AGAIN = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
UNION ALL
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
  FROM pg_index
 WHERE indrelid = ANY(%s::regclass[])
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
"""
CONSULTATION: Final = "bench"
_NAME: Final = "bench"
_AGENT: Final = "agent@bench.invalid"
_AT_ONCE: Final = 250_000
"""Contributions of one statement: triggers keep what a statement wrote until they have counted it."""


class BenchTown:
    """The made-up town in the current database, with an agent and one open consultation."""

    def __init__(self) -> None:
        """Find the town that `build` has written."""
        self.release = BoundaryRelease.objects.get(name=_NAME)
        self.agent = User.objects.get(email=_AGENT)
        self.consultation = Consultation.objects.get(slug=CONSULTATION)
        self.phase = self.consultation.phases.get()

    @classmethod
    def build(cls, addresses: int) -> BenchTown:
        """Write the territory: `addresses` homes, a hundred to a street."""
        level = DistrictLevel.objects.create(name=_NAME)
        release = BoundaryRelease.objects.create(level=level, name=_NAME, is_current=True)
        _run(_DISTRICTS, release=release.pk)
        rebuild_pieces(release)
        _run(_STREETS, streets=max(1, addresses // HOMES_PER_STREET))
        _run(_NAMES)
        _run(_ADDRESSES, release=release.pk, homes=HOMES_PER_STREET)
        consultation = Consultation.objects.create(
            slug=CONSULTATION,
            title="Bench",
            summary="Bench",
            state=ConsultationState.PUBLISHED,
            created_by=User.objects.create_user(_AGENT, role=Role.AGENT),
        )
        Phase.objects.create(consultation=consultation, kind=PhaseKind.CONTRIBUTION, starts_at=timezone.now())
        vacuum()
        return cls()

    def grow_to(self, contributions: int) -> None:
        """Add contributions until there are so many, spread evenly over the town.

        For very many, indexes and references are taken away first and made again at the end, which is what a
        restored database has, too; triggers fire as for any writer.
        """
        first = Contribution.objects.count() + 1
        with _bare_tables(contributions - first > _AT_ONCE):
            while first <= contributions:
                last = min(first + _AT_ONCE - 1, contributions)
                _run(
                    _CONTRIBUTIONS,
                    first=first,
                    last=last,
                    consultation=self.consultation.pk,
                    phase=self.phase.pk,
                    release=self.release.pk,
                )
                first = last + 1
        vacuum()


def vacuum() -> None:
    """Leave all tables as the server's own upkeep leaves them after a while; no transaction may be open."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _run(statement: str, **parameters: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"west": WEST, "south": SOUTH, "side": SIDE, **parameters})


@contextmanager
def _bare_tables(is_worth_it: bool) -> Iterator[None]:
    """Take away the indexes (but those of constraints) and references of the tables to fill, and make them again."""
    if not is_worth_it:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_MAKING_AGAIN, [[_TABLE, _SHARES_TABLE]] * 2)
        made = cursor.fetchall()
        for taking_away, _making in made:
            cursor.execute(taking_away)
        yield
        for _taking_away, making in made:
            cursor.execute(making)
