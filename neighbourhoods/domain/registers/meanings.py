"""What the columns of a register can mean, and which column most likely means what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from neighbourhoods.enums import RegisterKind

Words = str | Promise


@dataclass(frozen=True)
class Meaning:
    """One thing that a column can hold. `key` is the importers' word; `candidates` are usual titles, best first."""

    key: str
    label: Words
    hint: Words = ""
    required: bool = False
    candidates: tuple[str, ...] = ()
    rare: bool = False
    """Shown further down, since few registers have it."""


LANGUAGES: dict[str, Words] = {
    "fr": _("French"),
    "nl": _("Dutch"),
    "de": _("German"),
    "en": _("English"),
    "lb": _("Luxembourgish"),
    "it": _("Italian"),
    "es": _("Spanish"),
}
_ISO = {
    "fr": ("fr", "fre", "fra", "french", "francais"),
    "nl": ("nl", "dut", "nld", "du", "dutch", "nederlands"),
    "de": ("de", "ger", "deu", "german", "deutsch"),
    "en": ("en", "eng", "english"),
    "lb": ("lb", "ltz"),
    "it": ("it", "ita"),
    "es": ("es", "spa"),
}


def _names_in(language: str) -> Meaning:
    """The name in a language: `name_fr`, `PW_NAME_FR`, `nom_fre` …"""
    ends = _ISO[language]
    starts = ("name", "nom", "naam", "streetname", "street_name", "pw_name", "pn_nam", "nam")
    return Meaning(
        key=f"name:{language}",
        label=LANGUAGES[language],
        candidates=tuple(f"{start}_{end}" for start in starts for end in ends),
        rare=True,
    )


_NAMES = tuple(_names_in(language) for language in LANGUAGES)

ADDRESS_MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        "street",
        _("Name of the street"),
        required=True,
        candidates=(
            *("street", "street_name", "streetname", "addr:street", "nom_voie", "voie", "rue", "nom_rue", "adresse"),
            *("strasse", "straße", "straat", "straatnaam", "streetname_fr", "streetname_nl", "libelle_voie"),
        ),
    ),
    Meaning(
        "house_number",
        _("House number"),
        candidates=(
            *("housenumber", "house_number", "addr:housenumber", "numero", "num_voie", "number", "num", "hausnummer"),
            *("huisnummer", "nr", "no", "n°"),
        ),
    ),
    Meaning(
        "suffix",
        _("What follows the number"),
        _("bis, ter, A …, where it has a column of its own."),
        candidates=("rep", "suffix", "suffixe", "indice_repetition", "indice", "bis"),
    ),
    Meaning("box", _("Box"), candidates=("box", "boite", "boîte", "bte", "bus", "busnummer", "box_number", "unit")),
    Meaning(
        "postcode",
        _("Postcode"),
        candidates=(
            *(
                "postcode",
                "postal_code",
                "postalcode",
                "addr:postcode",
                "code_postal",
                "codepostal",
                "cp",
                "plz",
                "zip",
            ),
        ),
    ),
    Meaning(
        "locality",
        _("Town or village"),
        candidates=(
            *("city", "locality", "localite", "addr:city", "nom_commune", "commune", "ville", "municipality", "town"),
            *("ort", "gemeente", "municipality_name_fr"),
        ),
    ),
    Meaning(
        "lon",
        _("Longitude, or x"),
        _("Where it lies from west to east."),
        required=True,
        candidates=("lon", "longitude", "lng", "long", "x", "coord_x", "x_coord", "easting"),
    ),
    Meaning(
        "lat",
        _("Latitude, or y"),
        _("Where it lies from south to north."),
        required=True,
        candidates=("lat", "latitude", "y", "coord_y", "y_coord", "northing"),
    ),
    Meaning(
        "id",
        _("Identifier of the address in the register"),
        _("With it, an address is known again at the next loading even if its street is renamed."),
        candidates=(
            *("id", "address_id", "register_id", "cle_interop", "uid", "addressid", "id_adr", "id_adresse", "objectid"),
        ),
    ),
    Meaning(
        "street_code",
        _("Code of the street"),
        candidates=("street_code", "code_voie", "streetcode", "id_street", "id_rue", "code_rue", "rrnstreetcode"),
        rare=True,
    ),
    Meaning(
        "dwellings",
        _("Number of dwellings"),
        _("How many homes share this letterbox address; 1 where nothing is said."),
        candidates=("dwellings", "logements", "nb_logements", "nb_log", "flats", "households"),
        rare=True,
    ),
    Meaning(
        "no_flyers",
        _("Wants no flyers"),
        _("Yes or no, 1 or 0."),
        candidates=("no_flyers", "stop_pub", "stoppub"),
        rare=True,
    ),
)

STREET_MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        "name",
        _("Name of the street"),
        required=True,
        candidates=(
            *("name", "street", "nom", "nom_voie", "voie", "rue", "street_name", "streetname", "strasse", "straße"),
            *("pw_name_fr", "name_fr", "nom_fr", "straatnaam", "libelle", "label"),
        ),
    ),
    Meaning(
        "code",
        _("Code of the street"),
        _("With it, a street is known again at the next loading even if it is renamed."),
        candidates=("code", "street_code", "code_voie", "id_street", "code_rue", "id_rue", "inspireid", "id", "osm_id"),
    ),
    Meaning(
        "locality",
        _("Town or village"),
        candidates=(
            "locality",
            "localite",
            "city",
            "commune",
            "nom_commune",
            "municipality",
            "town",
            "district",
            "ort",
        ),
    ),
    *_NAMES,
)

DISTRICT_MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        "name",
        _("Name of the district"),
        required=True,
        candidates=(
            *("name", "nom", "quartier", "nom_quartier", "sectorname", "district", "secteur", "l_qu", "l_ar", "label"),
            *("libelle", "name_fr", "nom_fr", "naam", "title"),
        ),
    ),
    Meaning(
        "code",
        _("Code of the district"),
        _("Made of the name when there is none."),
        candidates=(
            *("code", "id", "c_qu", "c_ar", "code_quartier", "num_quartier", "sectorcode", "nis", "insee", "c_quinsee"),
            "osm_id",
        ),
    ),
    *_NAMES,
)

_BY_KIND: Mapping[str, tuple[Meaning, ...]] = {
    RegisterKind.ADDRESSES: ADDRESS_MEANINGS,
    RegisterKind.STREETS: STREET_MEANINGS,
    RegisterKind.DISTRICTS: DISTRICT_MEANINGS,
}


def meanings_of(kind: str, *, has_shapes: bool) -> tuple[Meaning, ...]:
    """What the columns of such a register can mean; a file with shapes needs no columns for the coordinates."""
    return tuple(
        meaning
        for meaning in _BY_KIND[kind]
        if not (has_shapes and kind == "addresses" and meaning.key in ("lon", "lat"))
    )


def guess_columns(kind: str, columns: Sequence[str], *, has_shapes: bool) -> dict[str, str]:
    """The likely column of each meaning, no column twice; titles match whatever their case, accents and signs."""
    by_form = {_form(column): column for column in reversed(columns)}
    guessed: dict[str, str] = {}
    for meaning in meanings_of(kind, has_shapes=has_shapes):
        for candidate in meaning.candidates:
            column = by_form.get(_form(candidate))
            # A name in French may well be the name, too: both meanings may have that column.
            if column and (column not in guessed.values() or meaning.key.startswith("name:")):
                guessed[meaning.key] = column
                break
    return guessed


def _form(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.casefold())
    return re.sub(r"[^a-z0-9]+", "_", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip("_")


def in_words(kind: str, keys: Iterable[str]) -> list[str]:
    """The labels of some meanings of a kind."""
    labels = {meaning.key: meaning.label for meaning in _BY_KIND[kind]}
    return [str(labels.get(key, key)) for key in keys]


KIND_WORDS: Mapping[str, Words] = {
    RegisterKind.ADDRESSES: pgettext_lazy("register", "Addresses"),
    RegisterKind.STREETS: pgettext_lazy("register", "Streets"),
    RegisterKind.DISTRICTS: pgettext_lazy("register", "Districts"),
}
