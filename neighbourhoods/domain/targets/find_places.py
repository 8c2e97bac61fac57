"""Districts and streets by id, code or name: from what people write to rows of the territory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from neighbourhoods.domain.naming import search_form
from neighbourhoods.models import District, Street

Reference = int | str
"""A number is an id; a text is a code or a name, in any language."""

_WITH_LOCALITY = re.compile(r"^(?P<name>.*\S)\s*\((?P<locality>[^()]+)\)$", re.DOTALL)


@dataclass(frozen=True)
class FoundStreet:
    """A street that a reference may mean."""

    id: int
    code: str
    name: str
    locality: str


@dataclass(frozen=True)
class FoundDistrict:
    """A district that a reference may mean."""

    id: int
    code: str
    name: str
    level: str


def find_streets(
    references: Iterable[Reference], *, with_closed: bool = False
) -> dict[Reference, tuple[FoundStreet, ...]]:
    """Find what each reference may mean, sorted by name and locality; an empty tuple where nothing.

    A number is the id of any street, a text means one in force, or any `with_closed` (for what was said there once).
    A text is tried as a code, then as a name as written (any case), then as a name in its search form; the first that
    finds something decides. "Name (Locality)" means the street of that name there. One query in all.
    """
    wanted = list(dict.fromkeys(references))
    ids = [reference for reference in wanted if isinstance(reference, int)]
    texts = [reference for reference in wanted if isinstance(reference, str)]
    names = texts + [match["name"] for match in map(_WITH_LOCALITY.match, texts) if match]
    rows = (
        Street.objects.filter(
            Q(pk__in=ids)
            | (Q() if with_closed else Q(closed_at__isnull=True))
            & (
                Q(code__in=texts)
                | Q(name__in=names)
                | Q(names__search_name__in=[search_form(name) for name in names])
                | Q(names__name__in=names)
            )
        )
        .order_by("name", "locality", "pk")
        .values_list("pk", "code", "name", "locality", "closed_at", "names__name")
    )
    every: dict[int, FoundStreet] = {}
    spellings: dict[FoundStreet, set[str]] = defaultdict(set)
    for pk, code, name, locality, closed_at, other_name in rows:
        street = every[pk] = FoundStreet(pk, code, name, locality)
        if with_closed or closed_at is None:
            spellings[street] |= {name, other_name or name}

    def named(name: str) -> tuple[FoundStreet, ...]:
        for form_of in (str.casefold, search_form):
            form = form_of(name)
            if form and (found := tuple(s for s, known in spellings.items() if form in map(form_of, known))):
                return found
        return ()

    def meant(reference: Reference) -> tuple[FoundStreet, ...]:
        if isinstance(reference, int):
            return (every[reference],) if reference in every else ()
        by_code = tuple(street for street in spellings if street.code == reference)
        if by_code or (found := named(reference)):
            return by_code or found
        if match := _WITH_LOCALITY.match(reference):
            there = search_form(match["locality"])
            return tuple(street for street in named(match["name"]) if search_form(street.locality) == there)
        return ()

    return {reference: meant(reference) for reference in wanted}


def find_districts(references: Iterable[Reference]) -> dict[Reference, tuple[FoundDistrict, ...]]:
    """Find what each reference may mean; an empty tuple where nothing. One query in all.

    A number is the id of a district of any release. A text means a district in force: its code, else its name in any
    language; "LEVEL/CODE" where several levels use the same code.
    """
    wanted = list(dict.fromkeys(references))
    ids = [reference for reference in wanted if isinstance(reference, int)]
    rows = (
        District.objects.filter(Q(release__is_current=True) | Q(pk__in=ids))
        .order_by("release__level__rank", "name", "pk")
        .values_list("pk", "code", "name", "names", "release__level__name", "release__is_current")
    )
    every: dict[int, FoundDistrict] = {}
    by_text: dict[str, dict[str, list[FoundDistrict]]] = {"code": defaultdict(list), "name": defaultdict(list)}
    for pk, code, name, names, level, is_current in rows:
        district = every[pk] = FoundDistrict(pk, code, name, level)
        if not is_current:
            continue
        for spelling in (code, f"{level}/{code}"):
            by_text["code"][spelling].append(district)
        for form in {search_form(spelling) for spelling in (name, *names.values())} - {""}:
            by_text["name"][form].append(district)

    def meant(reference: Reference) -> tuple[FoundDistrict, ...]:
        if isinstance(reference, int):
            return (every[reference],) if reference in every else ()
        return tuple(by_text["code"].get(reference) or by_text["name"].get(search_form(reference)) or ())

    return {reference: meant(reference) for reference in wanted}
