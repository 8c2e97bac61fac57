"""What the columns of an address register mean: guessed by their names, or said by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from neighbourhoods.importers.errors import ColumnMissing, ColumnOptionWrong

GUESSES: dict[str, tuple[str, ...]] = {
    "id": ("id", "address_id", "register_id", "cle_interop", "uid", "addressid"),
    "house_number": (
        *("housenumber", "house_number", "addr:housenumber", "numero", "number", "num", "hausnummer", "huisnummer"),
        *("nr", "no"),
    ),
    "suffix": ("rep", "suffix", "suffixe", "indice_repetition", "indice"),
    "street": (
        *("street", "street_name", "streetname", "addr:street", "nom_voie", "voie", "rue", "strasse", "straße"),
        "straat",
    ),
    "street_code": ("street_code", "code_voie", "streetcode", "id_street"),
    "box": ("box", "boite", "boîte", "bus", "unit"),
    "postcode": ("postcode", "postal_code", "postalcode", "addr:postcode", "code_postal", "cp", "plz", "zip"),
    "locality": ("city", "locality", "addr:city", "nom_commune", "commune", "ville", "municipality", "town", "ort"),
    "lon": ("lon", "longitude", "lng", "long", "x"),
    "lat": ("lat", "latitude", "y"),
    "dwellings": ("dwellings", "logements", "nb_logements", "flats"),
    "no_flyers": ("no_flyers", "stop_pub"),
}
"""Meanings that a column can have, and the names it goes by."""
PLACE = ("lon", "lat")
NEEDED = ("street", *PLACE)


def find_columns(
    header: Sequence[str],
    *,
    said: Mapping[str, str],
    name: str,
    guesses: Mapping[str, Sequence[str]] = GUESSES,
) -> dict[str, str]:
    """Meaning → column as the header spells it: those said, then those guessed, each column for one meaning.

    A meaning may stay without a column; `require_columns` judges that. Raises ColumnOptionWrong and ColumnMissing for
    what a person said.
    """
    spelled: dict[str, str] = {}
    for title in header:
        spelled.setdefault(title.casefold(), title)
    found: dict[str, str] = {}
    for meaning, title in said.items():
        if meaning not in GUESSES:
            raise ColumnOptionWrong(
                _("“%(meaning)s” is nothing that an address has. There are: %(known)s.")
                % {"meaning": meaning, "known": ", ".join(GUESSES)}
            )
        if not title:  # said to be in no column
            continue
        if title.casefold() not in spelled:
            raise ColumnMissing(
                _("%(file)s has no column “%(column)s”. It has: %(columns)s.")
                % {"file": name, "column": title, "columns": in_words(header)},
                field=title,
            )
        found[meaning] = spelled[title.casefold()]
    for meaning, titles in guesses.items():
        if meaning not in found and meaning not in said:
            guessed = next((spelled[title] for title in titles if title in spelled), None)
            if guessed is not None and guessed not in found.values():
                found[meaning] = guessed
    return found


def in_words(header: Sequence[str]) -> str:
    """The names of the columns for a sentence, not all of them where there are very many."""
    return ", ".join(header[:60]) + (" …" if len(header) > 60 else "")


def require_columns(
    columns: Mapping[str, str], *, header: Sequence[str], name: str, needed: Sequence[str] = NEEDED
) -> None:
    """Raise ColumnMissing where a meaning that no address can do without has no column."""
    for meaning in needed:
        if meaning not in columns:
            raise ColumnMissing(
                _(
                    "%(file)s has no column for “%(meaning)s”: say which with --column %(meaning)s=NAME. "
                    "It has: %(columns)s."
                )
                % {"file": name, "meaning": meaning, "columns": in_words(header)},
                field=meaning,
            )
