"""A made-up town of any size, written by the database itself.

400 square districts in a grid, streets from west to east through all of them, a hundred homes along each street (a
fifth of them with a box, a tenth with a suffix), and contributions anywhere. Everything lies near 6.1° E, 49.6° N.
"""

from __future__ import annotations

from typing import Final

from django.contrib.gis.geos import Polygon
from django.db import connection
from django.utils import timezone

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, PhaseKind
from geoparticipation.consultations.models import Consultation, Phase
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
_CONTRIBUTIONS = """
INSERT INTO contributions_contribution (code, kind, consultation_id, phase_id, author_name, title, body, language,
    status, origin, geometry, public_geometry, located_by, typed_address, district_id, support_count, comment_count,
    submitted_at, updated_at)
SELECT gen_random_uuid(), 'proposal', %(consultation)s, %(phase)s, '', 'Idea ' || n, 'A bench, a tree and a tap.', 'en',
       'published', 'web', point, point, 'pin', '', district.id, n %% 7, 0,
       now() - n * interval '1 second', now()
  FROM generate_series(%(first)s, %(last)s) AS n,
       LATERAL (SELECT ST_SetSRID(ST_MakePoint(%(west)s + %(side)s * random(), %(south)s + %(side)s * random()), 4326)
                       AS point WHERE n > 0) AS at
  JOIN neighbourhoods_district AS district ON true
 WHERE district.release_id = %(release)s
   AND district.code = 'D' || floor((ST_X(point) - %(west)s) / %(side)s * 20)::int
                    || '-' || floor((ST_Y(point) - %(south)s) / %(side)s * 20)::int
"""
_SHARES = """
INSERT INTO contributions_contributiondistrict (contribution_id, district_id, share)
SELECT id, district_id, 1 FROM contributions_contribution AS contribution
 WHERE NOT EXISTS (SELECT FROM contributions_contributiondistrict WHERE contribution_id = contribution.id)
"""


class BenchTown:
    """The made-up town in the current database, with an agent, a citizen and one open consultation."""

    def __init__(self, addresses: int) -> None:
        """Write the territory: `addresses` homes, a hundred to a street."""
        level = DistrictLevel.objects.create(name="bench")
        self.release = BoundaryRelease.objects.create(level=level, name="bench", is_current=True)
        self.area = Polygon.from_bbox((WEST, SOUTH, WEST + SIDE, SOUTH + SIDE))
        self.area.srid = 4326
        self.contributions = 0
        self._run(_DISTRICTS)
        rebuild_pieces(self.release)
        self._run(_STREETS, streets=max(1, addresses // HOMES_PER_STREET))
        self._run(_NAMES)
        self._run(_ADDRESSES, homes=HOMES_PER_STREET)
        self.agent = User.objects.create_user("agent@bench.invalid", role=Role.AGENT)
        self.consultation = Consultation.objects.create(
            slug="bench", title="Bench", summary="Bench", state=ConsultationState.PUBLISHED, created_by=self.agent
        )
        self.phase = Phase.objects.create(
            consultation=self.consultation, kind=PhaseKind.CONTRIBUTION, starts_at=timezone.now()
        )
        self._analyse()

    def grow_to(self, contributions: int) -> None:
        """Add contributions until there are so many."""
        self._run(
            _CONTRIBUTIONS,
            first=self.contributions + 1,
            last=contributions,
            consultation=self.consultation.pk,
            phase=self.phase.pk,
        )
        self._run(_SHARES)
        self.contributions = contributions
        self._analyse()

    def _run(self, statement: str, **parameters: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                statement, {"west": WEST, "south": SOUTH, "side": SIDE, "release": self.release.pk, **parameters}
            )

    def _analyse(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
