"""Names that a register of addresses gives its streets in several languages."""

from __future__ import annotations

from collections.abc import Mapping

from neighbourhoods.domain.naming import search_form
from neighbourhoods.importers.store.staging import run, stage


def store_register_names(names: Mapping[str, Mapping[str, str]], *, source: str) -> None:
    """Add the names (register's street code → language → name) to the streets that its addresses were given to.

    Call it after `store_addresses`, in its transaction: the rows it staged have the register's codes, and the stored
    addresses the streets. Names are added and never taken away.
    """
    stage(
        "staged_register_name",
        [("street_code", "text"), ("language", "text"), ("name", "text"), ("search_name", "text")],
        (
            (code, language, name, search_form(name)[:200])
            for code, by_language in names.items()
            for language, name in by_language.items()
        ),
    )
    run(
        """
        INSERT INTO neighbourhoods_streetname (street_id, language, name, search_name)
        SELECT DISTINCT address.street_id, named.language, named.name, named.search_name
        FROM staged_register_name AS named
        JOIN staged_address AS staged USING (street_code)
        JOIN neighbourhoods_address AS address
            ON address.source = %s AND address.register_id = staged.register_id
        ON CONFLICT (street_id, language, name) DO NOTHING
        """,
        [source],
    )
