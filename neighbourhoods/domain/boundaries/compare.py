"""How a release of districts differs from the one in force: districts, and what lies in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection

from neighbourhoods.domain.boundaries.followers import Move, followers
from neighbourhoods.models import BoundaryRelease

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LEAST_CHANGE_M2 = 1.0
"""Less than this between two outlines is rounding, not a change."""


@dataclass(frozen=True)
class ChangedDistrict:
    """A district of both releases, by code, whose name or outline differs; areas in m² on the ellipsoid.

    `changed_m2` is the area that only one of the two outlines has.
    """

    code: str
    old_name: str
    new_name: str
    old_area_m2: float
    new_area_m2: float
    changed_m2: float

    @property
    def is_renamed(self) -> bool:
        """Whether it has another name."""
        return self.old_name != self.new_name

    @property
    def is_redrawn(self) -> bool:
        """Whether its outline differs by more than rounding."""
        return self.changed_m2 >= LEAST_CHANGE_M2


@dataclass(frozen=True)
class DistrictOfOne:
    """A district that only one of the releases has."""

    code: str
    name: str
    area_m2: float


@dataclass(frozen=True)
class Concerned:
    """One kind of thing: what of it changes district, None where it lies in none; what refers to the old release's."""

    kind: str
    label: StrOrPromise
    moves: list[Move] | None
    references: list[str]

    @property
    def moved(self) -> int:
        """How many change district."""
        return sum(move.count for move in self.moves or ())


@dataclass(frozen=True)
class BoundaryDifference:
    """What the new release changes against the old one."""

    old: BoundaryRelease
    new: BoundaryRelease
    appeared: list[DistrictOfOne] = field(default_factory=list)
    gone: list[DistrictOfOne] = field(default_factory=list)
    changed: list[ChangedDistrict] = field(default_factory=list)
    unchanged: int = 0
    concerned: list[Concerned] = field(default_factory=list)

    @property
    def renamed(self) -> list[ChangedDistrict]:
        """Districts with another name."""
        return [district for district in self.changed if district.is_renamed]

    @property
    def redrawn(self) -> list[ChangedDistrict]:
        """Districts with another outline."""
        return [district for district in self.changed if district.is_redrawn]


_DISTRICTS = """
    SELECT coalesce(old.code, new.code), old.name, new.name, old.area_m2, new.area_m2,
        CASE WHEN old.geometry = new.geometry THEN 0
            ELSE ST_Area(ST_SymDifference(old.geometry, new.geometry)::geography) END
    FROM (SELECT * FROM neighbourhoods_district WHERE release_id = %(old)s) AS old
    FULL JOIN (SELECT * FROM neighbourhoods_district WHERE release_id = %(new)s) AS new ON new.code = old.code
    ORDER BY coalesce(old.code, new.code) COLLATE "C"
"""


def compare_releases(*, old: BoundaryRelease, new: BoundaryRelease, with_contents: bool = True) -> BoundaryDifference:
    """Compare two releases of one level; call it inside a transaction (it keeps what it counts in temporary tables).

    Without contents one query; with them, each follower counts what changes district, which takes some seconds for a
    hundred thousand rows.
    """
    difference = BoundaryDifference(old=old, new=new)
    unchanged = 0
    with connection.cursor() as cursor:
        cursor.execute(_DISTRICTS, {"old": old.pk, "new": new.pk})
        rows = cursor.fetchall()
    for code, old_name, new_name, old_area, new_area, changed_m2 in rows:
        if old_name is None:
            difference.appeared.append(DistrictOfOne(code, new_name, new_area))
        elif new_name is None:
            difference.gone.append(DistrictOfOne(code, old_name, old_area))
        else:
            both = ChangedDistrict(code, old_name, new_name, old_area, new_area, changed_m2)
            if both.is_renamed or both.is_redrawn:
                difference.changed.append(both)
            else:
                unchanged += 1
    concerned = [
        Concerned(
            kind=follower.kind,
            label=follower.label,
            moves=(follower.moves(old, new) if with_contents else []) if follower.moves else None,
            references=follower.references(old) if follower.references else [],
        )
        for follower in followers()
    ]
    return BoundaryDifference(
        old=old,
        new=new,
        appeared=difference.appeared,
        gone=difference.gone,
        changed=difference.changed,
        unchanged=unchanged,
        concerned=concerned,
    )
