"""What migrations take from the code: an upgraded site has what its migrations made, not what the code says now."""

from __future__ import annotations

import hashlib

import pytest

from geoparticipation.contributions.cells import CELLS
from geoparticipation.surveys.results.hexagons import hexagon_function_sql
from geoparticipation.surveys.results.tally_sql import tally_sql
from layers import cells, versions

MADE_BY_MIGRATIONS = {
    "cells of contributions": (CELLS.creating_sql, "contributions.0005_cells"),
    "functions of cells": (cells.functions_sql, "layers.0002_versions_and_cells"),
    "versions": (versions.creating_sql, "layers.0002_versions_and_cells"),
    "hexagons of surveys": (hexagon_function_sql, "surveys.0002_results"),
    "tallies of surveys": (lambda: tally_sql("Europe/Brussels"), "surveys.0002_results"),
    "a watched table": (lambda: versions.watching_sql("a_table"), "several"),
}
HASHES = {
    "cells of contributions": "eb48a98981d3d3c1",
    "functions of cells": "45429800fdbc89aa",
    "versions": "e605c83edb9ad651",
    "hexagons of surveys": "bb967623d6934832",
    "tallies of surveys": "e66159364876f6f7",
    "a watched table": "80bead30e38d6359",
}


@pytest.mark.parametrize("what", MADE_BY_MIGRATIONS)
def test_sql_of_a_migration_is_what_it_was(what: str) -> None:
    """Changed on purpose? Then write a migration that makes it anew, and put the new hash here in the same commit."""
    make_sql, migration = MADE_BY_MIGRATIONS[what]

    assert hashlib.sha256("\n".join(make_sql()).encode()).hexdigest()[:16] == HASHES[what], migration
