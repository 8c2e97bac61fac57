"""The districts in force as a tree, for sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import get_language

from geoparticipation.dashboards.indicators.telling import TOWN
from neighbourhoods.models import District


@dataclass(frozen=True)
class Place:
    """A district without its outline."""

    pk: int
    code: str
    name: str
    level: str
    parent: int

    @property
    def key(self) -> str:
        """What it is called in addresses: the same code may be of two levels."""
        return f"{self.level}:{self.code}"


@dataclass(frozen=True)
class Tree:
    """The districts in force, the largest level first, by name."""

    places: Mapping[int, Place]

    @cached_property
    def parents(self) -> dict[int, int]:
        """What each lies in, `TOWN` for the uppermost."""
        return {pk: place.parent for pk, place in self.places.items()}

    @cached_property
    def levels(self) -> dict[str, list[Place]]:
        """The districts of each level, the largest first."""
        found: dict[str, list[Place]] = defaultdict(list)
        for place in self.places.values():
            found[place.level].append(place)
        return dict(found)

    @cached_property
    def choices(self) -> list[str]:
        """The levels that divide the town; where none does, all there are."""
        return [level for level, places in self.levels.items() if len(places) > 1] or list(self.levels)

    def by_key(self, key: str) -> Place | None:
        """The district of this key, None without one."""
        return next((place for place in self.places.values() if place.key == key), None)

    def within(self, roots: Iterable[int]) -> set[int]:
        """The districts themselves and all that lie in them."""
        wanted = set(roots)
        return {pk for pk in self.places if pk in wanted or any(a in wanted for a in self._above(pk))}

    def _above(self, pk: int) -> Iterable[int]:
        while (pk := self.parents.get(pk, TOWN)) != TOWN:
            yield pk


def current_tree() -> Tree:
    """Read it: one query, without outlines."""
    language = (get_language() or "")[:2]
    rows = (
        District.objects.current()
        .order_by("release__level__rank", "release__level__name", "name", "code")
        .values_list("pk", "code", "name", "names", "release__level__name", "parent_id")
    )
    found = list(rows)
    known = {pk for pk, *_rest in found}
    return Tree(
        {
            pk: Place(pk, code, names.get(language) or name, level, parent if parent in known else TOWN)
            for pk, code, name, names, level, parent in found
        }
    )


def parents_of_current() -> dict[int, int]:
    """What each district in force lies in; one query."""
    return current_tree().parents
