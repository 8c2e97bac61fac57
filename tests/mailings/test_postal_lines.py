"""Address lines of each country, letter by letter."""

from __future__ import annotations

import pytest
from django.db import connection
from psycopg import sql

from geoparticipation.mailings.domain.postal_lines import postal_lines

pytestmark = pytest.mark.django_db

COLUMNS = ("street", "house_number", "number", "number_suffix", "box", "postcode", "locality")


def lines(country: str, *values: object) -> list[str]:
    """The four lines of one address, given as COLUMNS."""
    query = sql.SQL("SELECT {} FROM (VALUES ({})) AS letterbox({})").format(
        sql.SQL(", ").join(postal_lines(country=country, addressee="To the residents")),
        sql.SQL(", ").join(
            sql.SQL("{}::int" if name == "number" else "{}::text").format(sql.Literal(value))
            for name, value in zip(COLUMNS, values, strict=True)
        ),
        sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        first, *others = cursor.fetchone()
    assert first == "To the residents"
    return others


@pytest.mark.parametrize(
    ("country", "address", "expected"),
    [
        ("FR", ("Rue Haute", "12 bis", 12, "bis", "", "75009", "Paris"), ["12 BIS RUE HAUTE", "75009 PARIS", ""]),
        ("FR", ("Rue Haute", "12a", 12, "a", "", "75009", "Paris"), ["12 A RUE HAUTE", "75009 PARIS", ""]),
        (
            "FR",
            ("Rue de l'Église", "3", 3, "", "4b", "93200", "Saint-Denis"),
            ["BOITE 4B", "3 RUE DE L EGLISE", "93200 SAINT DENIS"],
        ),
        ("FR", ("Œuvre", "", None, "", "", "", "Évry"), ["OEUVRE", "EVRY", ""]),
        ("BE", ("Rue Haute", "12", 12, "", "3", "1000", "Bruxelles"), ["Rue Haute 12 boîte 3", "1000 Bruxelles", ""]),
        ("BE", ("Rue Haute", "12a", 12, "a", "", "1000", "Bruxelles"), ["Rue Haute 12A", "1000 Bruxelles", ""]),
        ("BE", ("Rue Haute", "12-14", 12, "-14", "", "1000", "Bruxelles"), ["Rue Haute 12-14", "1000 Bruxelles", ""]),
        ("LU", ("rue Haute", "12", 12, "", "", "1234", "Luxembourg"), ["12, rue Haute", "L-1234 Luxembourg", ""]),
        ("LU", ("rue Haute", "12", 12, "", "", "L-1234", "Luxembourg"), ["12, rue Haute", "L-1234 Luxembourg", ""]),
        ("LI", ("Dorfstrasse", "24", 24, "", "", "9495", "Triesen"), ["Dorfstrasse 24", "9495 Triesen", ""]),
        ("CH", ("Dorfstrasse", "24a", 24, "a", "", "9470", "Buchs"), ["Dorfstrasse 24a", "9470 Buchs", ""]),
        ("DE", ("Dorfstraße", "24", 24, "", "7", "88131", "Lindau"), ["Dorfstraße 24 // 7", "88131 Lindau", ""]),
        ("AT", ("Dorfstraße", "24", 24, "", "7", "6800", "Feldkirch"), ["Dorfstraße 24/7", "6800 Feldkirch", ""]),
        (
            "FI",
            ("Mannerheimintie", "12a 3", 12, "a", "3", "00100", "Helsinki"),
            ["Mannerheimintie 12 A 3", "00100 HELSINKI", ""],
        ),
        ("FI", ("Tie", "1", 1, "", "", "63700", "Ähtäri"), ["Tie 1", "63700 ÄHTÄRI", ""]),
        (
            "NL",
            ("Hoofdstraat", "12", 12, "", "3", "1011 AB", "Amsterdam"),
            ["Hoofdstraat 12-3", "1011 AB  AMSTERDAM", ""],
        ),
        ("XX", ("High Street", "Farm", None, "", "", "", "Town"), ["High Street Farm", "Town", ""]),
    ],
)
def test_lines_of_a_country(country: str, address: tuple[object, ...], expected: list[str]) -> None:
    assert lines(country, *address) == expected
