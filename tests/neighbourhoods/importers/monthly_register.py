"""A made-up address register of any size, and the same register a month later."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

HOMES_IN_STREET = 100
WEST, SOUTH, EAST, NORTH = 4.30, 50.80, 4.50, 50.90
COLUMNS = ("id", "street", "house_number", "box", "postcode", "locality", "lon", "lat", "dwellings")


@dataclass(frozen=True)
class Home:
    """One line of the register."""

    id: str
    street: str
    house_number: str
    box: str
    postcode: str
    locality: str
    lon: float
    lat: float
    dwellings: int


def homes_of_a_town(count: int, *, first: int = 0) -> list[Home]:
    """`count` homes in streets of a hundred, on a grid of the town's box; the same at every call."""
    across = 1000
    homes = []
    for at in range(first, first + count):
        street, in_street = divmod(at, HOMES_IN_STREET)
        column, row = at % across, (at // across) % 500
        homes.append(
            Home(
                id=f"A{at}",
                street=f"Rue {street} du Registre",
                house_number=str(in_street + 1),
                box="",
                postcode=str(1000 + street % 20),
                locality="Villeneuve",
                lon=round(WEST + (EAST - WEST) * (column + 0.5) / across, 6),
                lat=round(SOUTH + (NORTH - SOUTH) * (row + 0.5) / 500, 6),
                dwellings=1 + at % 3,
            )
        )
    return homes


@dataclass(frozen=True)
class NextMonth:
    """The register again, and what is different in it: identifiers of the lines gone, and changes by column."""

    homes: list[Home]
    gone: set[str]
    added: set[str]
    changed: dict[str, set[str]]


def a_month_later(homes: list[Home], *, share: float = 0.01) -> NextMonth:
    """The register with this share of its lines changed, gone and added, spread over the whole town.

    One change in four is of the place, the number, the postcode and the dwellings.
    """
    step = round(1 / share)
    kinds = ("geometry", "house_number", "postcode", "dwellings")
    changed: dict[str, set[str]] = {kind: set() for kind in kinds}
    gone, later = set(), []
    for at, home in enumerate(homes):
        turn = at % step
        if turn == 7:
            gone.add(home.id)
            continue
        if turn == 31:
            kind = kinds[at // step % len(kinds)]
            changed[kind].add(home.id)
            later.append(_changed(home, kind))
            continue
        later.append(home)
    new = homes_of_a_town(len(homes) // step, first=len(homes))
    return NextMonth(later + new, gone, {home.id for home in new}, changed)


def _changed(home: Home, kind: str) -> Home:
    match kind:
        case "geometry":
            return replace(home, lon=round(home.lon + 0.00002, 6))
        case "house_number":
            return replace(home, house_number=f"{home.house_number} bis")
        case "postcode":
            return replace(home, postcode="1999")
        case _:
            return replace(home, dwellings=home.dwellings + 5)


def write_register(path: Path, homes: list[Home]) -> Path:
    """The register as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([getattr(home, column) for column in COLUMNS] for home in homes)
    return path
