"""Names and house numbers: one form to compare, nothing that raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.domain.naming import (
    ABBREVIATIONS,
    SEARCH_FORM_LENGTH,
    HouseNumber,
    parse_house_number,
    search_form,
    search_variants,
)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Rue Haute", "rue haute"),
        ("Bd. St-Michel", "boulevard saint michel"),
        ("BOULEVARD SAINT-MICHEL", "boulevard saint michel"),
        ("av. de l’Opéra", "avenue de l opera"),
        ("Ave Foch", "avenue foch"),
        ("Pl. de l'Étoile", "place de l etoile"),
        ("R. du Gal de Gaulle", "rue du general de gaulle"),
        ("r. Ste-Anne", "rue sainte anne"),
        ("Rte d'Arlon", "route d arlon"),
        ("Imp. des Lilas", "impasse des lilas"),
        ("All. des Tilleuls", "allee des tilleuls"),
        ("Sq. du Temple", "square du temple"),
        ("Fg St-Honoré", "faubourg saint honore"),
        ("Rue du Dr. Roux", "rue du docteur roux"),
        ("Rue N.-D. des Champs", "rue notre dame des champs"),
        ("Rue du Chan. Kir", "rue du chanoine kir"),
        ("Rue du Prof. Curie", "rue du professeur curie"),
        ("Rue du Mal Foch", "rue du marechal foch"),
        ("Rue du Lt Col Rol", "rue du lieutenant colonel rol"),
        ("Chée de Haecht", "chaussee de haecht"),
        ("Ch. des Vignes", "chemin des vignes"),
        ("Haachtsestwg.", "haachtsesteenweg"),
        ("Dorfstr.", "dorfstrasse"),
        ("Dorfstraße", "dorfstrasse"),
        ("Lange Str.", "lange strasse"),
        ("Herreng.", "herrengasse"),
        ("Fürst-Franz-Josef-Strasse", "furst franz josef strasse"),
        ("Aleksanterink.", "aleksanterinkatu"),
        ("Mannerheimint.", "mannerheimintie"),
        ("Main St.", "main street"),
        ("Ocean Dr", "ocean drive"),
        ("Mill Rd", "mill road"),
        ("Œuvre à Ångström, ÆØ", "oeuvre a angstrom aeo"),
        ("  --  ", ""),
    ],
)
def test_search_form_of_a_name(name, form):
    assert search_form(name) == form


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("rue st", "Rue Saint-Jean"),
        ("rue st", "Rue Stephenson"),
        ("main st", "Main Street"),
        ("st anna", "Sint-Annastraat"),
        ("st anna", "St. Annastraat"),
        ("sint anna", "St. Annastraat"),
        ("st gallen", "Sankt Gallen"),
        ("hoogstr", "Hoogstraat"),
        ("dorfstr.", "Dorfstraße"),
        ("ch de wavre", "Chaussée de Wavre"),
        ("ch. des vignes", "Chemin des Vignes"),
        ("pl", "Platz der Republik"),
        ("bou", "Bd Anspach"),
        ("herreng", "Herrengasse"),
    ],
)
def test_some_variant_of_a_query_begins_the_stored_form(query, stored):
    assert any(search_form(stored).startswith(variant) for variant in search_variants(query))


def test_the_first_variant_is_the_search_form():
    assert search_variants("Bd St-Michel")[0] == search_form("Bd St-Michel")


def test_every_abbreviation_names_its_source_and_is_stable():
    for entry in ABBREVIATIONS:
        assert entry.source
        assert search_form(entry.short) == search_form(search_form(entry.short))


names = st.text(max_size=300) | st.lists(
    st.sampled_from([e.short for e in ABBREVIATIONS] + ["rue", "12", "Dorfstr.", "N.", "D.", "-", "é", "ſt", "İ"])
).map(" ".join)


@given(names)
def test_search_form_of_a_search_form_is_itself(name):
    form = search_form(name)
    assert search_form(form) == form
    assert len(form) <= SEARCH_FORM_LENGTH


@given(names)
def test_variants_are_few_and_not_too_long(query):
    variants = search_variants(query, limit=6)
    assert 1 <= len(variants) <= 6
    assert all(len(variant) <= SEARCH_FORM_LENGTH for variant in variants)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("12", HouseNumber(12)),
        ("12 bis", HouseNumber(12, "bis")),
        ("12BIS", HouseNumber(12, "bis")),
        ("12 A", HouseNumber(12, "a")),
        ("12a", HouseNumber(12, "a")),
        ("12/a", HouseNumber(12, "a")),
        ("12/3", HouseNumber(12, "", "3")),
        ("12 bte 4", HouseNumber(12, "", "4")),
        ("12 b.3", HouseNumber(12, "", "3")),
        ("12-14", HouseNumber(12, "-14")),
        ("12 – 14", HouseNumber(12, "-14")),
        ("12 boîte 4", HouseNumber(12, "", "4")),
        ("12, boîte B12", HouseNumber(12, "", "b12")),
        ("12 bus 4", HouseNumber(12, "", "4")),
        ("12 bis, bte 3", HouseNumber(12, "bis", "3")),
        ("12 A 3", HouseNumber(12, "a", "3")),
        ("12b3", HouseNumber(12, "b", "3")),
        ("12-14 bte 2", HouseNumber(12, "-14", "2")),
        ("12;14", HouseNumber(12, "14")),
        ("A 12", HouseNumber(12, "a")),
        ("１２", HouseNumber(12)),
        ("0", HouseNumber(0)),
        ("", HouseNumber(None)),
        ("s/n", HouseNumber(None)),
        ("4294967296", HouseNumber(None)),
        ("9" * 5000, HouseNumber(None)),
    ],
)
def test_parse_house_number(text, parsed):
    assert parse_house_number(text) == parsed


@given(st.text() | st.from_regex(r"[0-9]{1,12}[ /\-;a-zé.]{0,9}[0-9]{0,5}.*"))
def test_parse_house_number_never_raises_and_fits_the_columns(text):
    parsed = parse_house_number(text)
    assert parsed.number is None or 0 <= parsed.number <= 999_999
    assert len(parsed.suffix) <= 30
    assert len(parsed.box) <= 40
