"""Addresses as each country's post wants them on an envelope, written by PostgreSQL.

Sources: Universal Postal Union, "Postal addressing systems in member countries", the sheet of each country; for France
La Poste's norm NF Z 10-011 (capitals, no accents, no punctuation in the last lines, the flat above the street); for
Belgium bpost's addressing guide (number, then "boîte"); for Finland Posti's (stairway and flat after the number, post
town in capitals); for Germany DIN 5008 (flat after two slashes); for Austria Österreichische Post (flat after a slash).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from psycopg import sql

_ACCENTS: Final = ("ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸ", "AAAAAACEEEEIIIINOOOOOUUUUYY")
_PUNCTUATION: Final = "'’,.;-"


@dataclass(frozen=True, kw_only=True)
class PostalFormat:
    """How one country writes the street's line and the town's.

    `between` stands between number and street; `box` before the box: on the street's line, or on a line of its own
    above it (`box_line`). `town_prefix` stands before the postcode, `after_postcode` behind it. `capitals`: whole lines
    in plain capitals, the town only, or nothing.
    """

    number_first: bool = False
    between: str = " "
    suffix: Literal["joined", "spaced"] = "joined"
    suffix_in_capitals: bool = False
    box: str = " / "
    box_line: bool = False
    town_prefix: str = ""
    after_postcode: str = " "
    capitals: Literal["nothing", "town", "lines"] = "nothing"


MOST_COMMON: Final = PostalFormat()
"""Street and number, postcode and town: what most posts of the continent ask for, and any country not listed."""

FORMATS: Final[dict[str, PostalFormat]] = {
    "AT": PostalFormat(box="/"),
    "BE": PostalFormat(suffix_in_capitals=True, box=" boîte "),
    "CH": MOST_COMMON,
    "DE": PostalFormat(box=" // "),
    "FI": PostalFormat(suffix="spaced", suffix_in_capitals=True, box=" ", capitals="town"),
    "FR": PostalFormat(
        number_first=True, suffix="spaced", suffix_in_capitals=True, box="BOITE ", box_line=True, capitals="lines"
    ),
    "LI": MOST_COMMON,
    "LU": PostalFormat(number_first=True, between=", ", suffix_in_capitals=True, box=" boîte ", town_prefix="L-"),
    "MC": PostalFormat(
        number_first=True, suffix="spaced", suffix_in_capitals=True, box="BOITE ", box_line=True, capitals="lines"
    ),
    "NL": PostalFormat(suffix_in_capitals=True, box="-", after_postcode="  ", capitals="town"),
    "SE": PostalFormat(suffix_in_capitals=True, box=" lgh ", capitals="town"),
}


def postal_lines(
    *, country: str, addressee: str, street: sql.Composable | None = None, town: sql.Composable | None = None
) -> list[sql.Composable]:
    """Give four SQL expressions, line1 to line4, over columns of CHOSEN_LETTERBOXES; empty lines come last.

    `country` is an ISO 3166-1 code; the format of one that is not in FORMATS is MOST_COMMON. `street` and `town` are
    what gives these two as `street_as_posted` and `town_as_posted` do, if that is known already.
    """
    form = FORMATS.get(country.upper(), MOST_COMMON)
    street_line = _street_line(form, street or street_as_posted(country, sql.SQL("street")))
    town_line = _town_line(form, town or town_as_posted(country, sql.SQL("locality")))
    if not form.box_line:
        return [sql.Literal(addressee), street_line, town_line, sql.Literal("")]
    box_line = sql.SQL("{} || upper(box)").format(sql.Literal(form.box))
    either = sql.SQL("CASE box WHEN '' THEN {} ELSE {} END")
    return [
        sql.Literal(addressee),
        either.format(street_line, box_line),
        either.format(town_line, street_line),
        either.format(sql.Literal(""), town_line),
    ]


def street_as_posted(country: str, name: sql.Composable) -> sql.Composable:
    """Give a street's name, an SQL expression, as the country's post wants it: in plain capitals, or as it is."""
    return _capitals(name, plain=True) if FORMATS.get(country.upper(), MOST_COMMON).capitals == "lines" else name


def town_as_posted(country: str, name: sql.Composable) -> sql.Composable:
    """Give a town's name, an SQL expression, as the country's post wants it: in capitals, plain or not, or as it is."""
    capitals = FORMATS.get(country.upper(), MOST_COMMON).capitals
    return name if capitals == "nothing" else _capitals(name, plain=capitals == "lines")


def _street_line(form: PostalFormat, street: sql.Composable) -> sql.Composable:
    suffix: sql.Composable = sql.SQL("upper(number_suffix)" if form.suffix_in_capitals else "number_suffix")
    unspaced = sql.SQL("number_suffix LIKE '-%'")
    if form.suffix == "joined":
        unspaced = sql.SQL("length(number_suffix) <= 1 OR number_suffix LIKE '-%'")
    number = sql.SQL(
        "CASE WHEN number_suffix = '' AND number IS NOT NULL THEN number::text WHEN number IS NULL THEN house_number"
        " WHEN {} THEN number || {} ELSE number || ' ' || {} END"
    ).format(unspaced, suffix, suffix)
    first, second = (number, street) if form.number_first else (street, number)
    line = sql.SQL("CASE WHEN number IS NULL AND house_number = '' THEN {} ELSE {} || {} || {} END").format(
        street, first, sql.Literal(form.between), second
    )
    if form.box_line:
        return line
    box = sql.SQL("CASE box WHEN '' THEN '' ELSE {} || box END").format(sql.Literal(form.box))
    return sql.SQL("{} || {}").format(line, box)


def _town_line(form: PostalFormat, town: sql.Composable) -> sql.Composable:
    postcode: sql.Composable = sql.SQL("postcode")
    if form.town_prefix:
        prefix = sql.Literal(form.town_prefix)
        postcode = sql.SQL("{} || ltrim(postcode, {})").format(prefix, prefix)
    return sql.SQL("CASE postcode WHEN '' THEN {} ELSE {} || {} || {} END").format(
        town, postcode, sql.Literal(form.after_postcode), town
    )


def _capitals(expression: sql.Composable, *, plain: bool) -> sql.Composable:
    """Write an expression in capitals; plain ones have no accents and no punctuation."""
    # The database's own locale may know no capitals but A to Z. ICU knows them all but is slow, as is a long
    # `translate`; most names need neither.
    ascii_only = sql.SQL("octet_length({0}) = length({0})").format(expression)
    quick = sql.SQL("upper({})").format(expression)
    thorough: sql.Composable = sql.SQL('upper({} COLLATE "und-x-icu")').format(expression)
    if plain:
        accents, letters = _ACCENTS
        thorough = sql.SQL("translate(replace({}, 'Œ', 'OE'), {}, {})").format(
            thorough, sql.Literal(accents), sql.Literal(letters)
        )
    capitals = sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(ascii_only, quick, thorough)
    if not plain:
        return capitals
    return sql.SQL("replace(btrim(translate({}, {}, {})), '  ', ' ')").format(
        capitals, sql.Literal(_PUNCTUATION), sql.Literal(" " * len(_PUNCTUATION))
    )
