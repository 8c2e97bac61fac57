"""Finding places: in a bilingual town of three streets, and in Liechtenstein."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext

from neighbourhoods.domain.naming import search_form
from neighbourhoods.domain.search_places import PlaceQuery, read_query, search_places
from neighbourhoods.models import Address, District, Street, StreetName
from tests.neighbourhoods.registers import empty_the_territory, load_liechtenstein

pytestmark = pytest.mark.django_db


def labels(text: str, limit: int = 8) -> list[str]:
    return [place.label for place in search_places(text=text, limit=limit)]


def first(text: str):
    found = search_places(text=text)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "first_form", "number", "suffix", "box", "postcodes"),
    [
        ("rue haute", "rue haute", None, "", "", ()),
        ("rue haute 12", "rue haute", 12, "", "", ()),
        ("12 rue haute", "rue haute", 12, "", "", ()),
        ("12 bis, rue Haute, bte 3", "rue haute", 12, "bis", "3", ()),
        ("12bis rue Haute boîte B3", "rue haute", 12, "bis", "b3", ()),
        ("Rue Haute 12/3", "rue haute", 12, "", "3", ()),
        ("Hoogstraat 12 bus 4, 1000", "hoogstraat", 12, "", "4", ("1000",)),
        ("rue haute 12 b.3 1000 Bruxelles", "rue haute bruxelles", 12, "", "3", ("1000",)),
        ("Dorfstrasse 24a Triesen", "dorfstrasse triesen", 24, "a", "", ()),
        ("12 d'Arlon", "d arlon", 12, "", "", ()),
        ("12 rue du 8 mai 1945", "rue du 8 mai", 12, "", "", ("1945",)),
        ("rue du 8 mai 1945", "rue du mai", 8, "", "", ("1945",)),
        ("1000 rue haute", "rue haute", 1000, "", "", ("1000",)),
    ],
)
def test_a_query_is_taken_apart(text, first_form, number, suffix, box, postcodes):
    query = read_query(text)

    assert query.forms[0] == first_form
    assert (query.number, query.suffix, query.box, query.postcodes) == (number, suffix, box, postcodes)


def test_the_whole_text_stays_a_possible_name():
    assert "rue du 8 mai 1945" in read_query("Rue du 8 Mai 1945").forms


@pytest.mark.parametrize("text", ["", "   ", "%_\\", "'\";--", "\x00", "()*|&!<->:"])
def test_without_letters_or_digits_nothing_is_asked(text):
    assert read_query(text) == PlaceQuery(())
    with CaptureQueriesContext(connection) as queries:
        assert search_places(text=text) == []
    assert len(queries) == 0


class TestTinyTown:
    @pytest.fixture(autouse=True)
    def town(self, tiny_town):
        return tiny_town

    @pytest.mark.parametrize(
        "text", ["rue", "rue h", "RUE HAUTE", "haute", "hau", "rue  haute,", "R. Haute", "rue aute"]
    )
    def test_a_street_by_its_name(self, text, town):
        assert "Rue Haute" in labels(text)

    @pytest.mark.parametrize("text", ["hoo", "hoogstraat", "Hoogstr.", "hogstraat"])
    def test_a_street_by_its_name_in_the_other_language(self, text, town):
        found = first(text)

        assert (found.label, found.detail, found.id) == ("Hoogstraat", "Rue Haute · 1000 Tinyville", town.rue_haute.pk)

    @pytest.mark.parametrize("text", ["av du parc", "Av. du Parc", "ave parc", "avenue parc", "avneue du parc", "parc"])
    def test_abbreviations_and_typing_errors(self, text):
        assert labels(text)[0] == "Avenue du Parc"

    @pytest.mark.parametrize(
        "text",
        ["rue haute 4", "4 rue haute", "4, Rue Haute", "hoogstraat 4", "rue hote 4", "rue haute 4, 1000 Tiny"],
    )
    def test_an_address_before_its_street(self, text, town):
        found = first(text)

        assert found.type == "address"
        assert found.id == town.addresses["haute 4"].pk
        assert (found.lon, found.lat, found.street_id, found.house_number) == (4.4045, 50.8447, town.rue_haute.pk, "4")
        assert found.district == "West"

    def test_the_number_follows_the_street_where_the_country_writes_so(self, settings):
        settings.ADDRESS_COUNTRY = "FR"
        assert labels("rue haute 4")[0] == "4 Rue Haute"
        settings.ADDRESS_COUNTRY = "BE"
        assert labels("4 rue haute")[0] == "Rue Haute 4"

    def test_suffix_and_box(self, town):
        settings_box = Address.objects.create(
            register_id="b", source="tiny", street=town.avenue_du_parc, house_number="3", number=3, box="B",
            postcode="1000", locality="Tinyville", geometry=Point(4.4153, 50.846, srid=4326),
        )  # fmt: skip

        assert first("rue haute 5 bis").house_number == "5 bis"
        assert first("5bis, rue haute").house_number == "5 bis"
        assert first("avenue du parc 3 bte B").id == settings_box.pk
        assert first("3, av. du Parc, boîte A").id == town.addresses["parc 3"].pk
        assert len([place for place in search_places(text="3 avenue du parc") if place.type == "address"]) == 2

    def test_longer_numbers_follow_the_number_typed_so_far(self, town):
        for number in (10, 12, 100, 20):
            Address.objects.create(
                register_id=f"n{number}", source="tiny", street=town.rue_haute, house_number=str(number),
                number=number, geometry=Point(4.405, 50.845, srid=4326),
            )  # fmt: skip

        numbers = [place.house_number for place in search_places(text="rue haute 1") if place.type == "address"]

        assert numbers == ["1", "10", "12", "100"]

    def test_a_district_with_its_box(self, town):
        found = first("tiny")

        assert (found.type, found.label, found.code, found.level) == ("district", "Tinyville", "TINY", "commune")
        assert found.bbox == (4.4, 50.84, 4.42, 50.85)

    def test_a_district_of_an_edition_that_is_not_current_is_not_found(self, town):
        town.commune.release.is_current = False
        town.commune.release.save()

        assert "Tinyville" not in labels("tiny")

    def test_one_or_two_letters_give_what_begins_so(self):
        assert set(labels("h")) == {"Hoogstraat"}
        assert set(labels("ru")) == {"Rue Haute", "Rue Basse"}

    def test_nonsense_finds_nothing(self):
        assert labels("xqzkwj") == []
        assert labels("%%%z_%") == []

    def test_a_very_long_text_is_cut(self):
        assert labels("rue haute " * 3000)[0] in {"Rue Haute", "Rue Basse"}

    def test_markup_in_names_comes_back_as_it_is(self, town):
        name = "Rue <b>Gras</b>"
        street = Street.objects.create(code="x", name=name)
        StreetName.objects.create(street=street, name=name, search_name=search_form(name))

        assert labels("rue b gras")[0] == name

    def test_the_locality_narrows(self, town):
        for place in ("Upton", "Downham"):
            street = Street.objects.create(code=place, name="Dorfstrasse", locality=place)
            StreetName.objects.create(street=street, name="Dorfstrasse", search_name="dorfstrasse")

        for text in ("dorfstr. downham", "downham dorfstrasse", "Dorfstrasse, dow", "dorfstrase downham"):
            assert first(text).detail == "Downham", text

    def test_the_street_with_most_addresses_comes_first(self, town):
        for code, houses in (("a", 1), ("b", 3), ("c", 2)):
            street = Street.objects.create(code=code, name="Ring", locality=code)
            StreetName.objects.create(street=street, name="Ring", search_name="ring")
            for number in range(houses):
                Address.objects.create(
                    register_id=f"{code}{number}", source="x", street=street, geometry=Point(4.4, 50.84, srid=4326)
                )

        assert [place.detail for place in search_places(text="ring")] == ["b", "c", "a"]

    @pytest.mark.parametrize(("text", "most"), [("rue", 1), ("rue haute", 1), ("rue haute 4", 2), ("rue hote 4", 2)])
    def test_queries(self, text, most):
        with CaptureQueriesContext(connection) as queries:
            search_places(text=text)
        assert len(queries) == most

    def test_the_likeness_is_set_for_the_statement_alone(self):
        search_places(text="rue hote")

        # Inside the test's transaction it lasts until the end; outside of one it is gone with the statement.
        with connection.cursor() as cursor:
            cursor.execute("SELECT source FROM pg_settings WHERE name = 'pg_trgm.word_similarity_threshold'")
            assert cursor.fetchone() == ("session",)


class TestLiechtenstein:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def town(cls, django_db_setup, django_db_blocker):
        with django_db_blocker.unblock():
            load_liechtenstein()
            yield
            empty_the_territory()

    def test_every_street_is_found_by_its_name_and_locality(self):
        streets = list(Street.objects.exclude(locality="").order_by("pk"))[::25]

        missed = [
            street.name
            for street in streets
            if street.pk not in {place.id for place in search_places(text=f"{street.name} {street.locality}")}
        ]

        assert missed == []

    def test_every_address_is_found_by_what_is_written_on_an_envelope(self):
        addresses = Address.objects.exclude(house_number="").exclude(postcode="").select_related("street")
        addresses = list(addresses.order_by("pk"))[::300]
        missed = []
        for address in addresses:
            text = f"{address.street.name} {address.house_number}, {address.postcode} {address.locality}"
            found = first(text)
            asked = (address.street_id, address.house_number, address.postcode)
            if (found.street_id, found.house_number, found.postcode) != asked:
                missed.append(text)

        assert missed == []

    @pytest.mark.parametrize(
        ("text", "label"),
        [
            ("fürst-franz-josef", "Fürst-Franz-Josef-Strasse"),
            ("furst franz josef str", "Fürst-Franz-Josef-Strasse"),
            ("fürst franz jsoef", "Fürst-Franz-Josef-Strasse"),
            ("aeulestrase", "Aeulestrasse"),
            ("äul", "Äulestrasse"),
            ("vad", "Vaduz"),
            ("Schelenberg", "Schellenberg"),
        ],
    )
    def test_first_answer(self, text, label):
        assert labels(text)[0] == label

    def test_the_trigram_index_is_used(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a thousand names are quicker read through
            cursor.execute(
                "EXPLAIN SELECT id FROM neighbourhoods_streetname WHERE search_name LIKE ANY(ARRAY['fur%', 'fuer%'])"
            )
            explained = "\n".join(row[0] for row in cursor.fetchall())
        assert "streetname_search_trgm" in explained

    def test_districts_are_there(self):
        assert District.objects.count() == 11
