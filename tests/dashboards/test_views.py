"""Home, finding a place, a consultation and its results."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, PhaseKind
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import District, Street
from tests.fixtures.question import MakeConsultation, Submit
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(client: Client) -> None:
    cache.clear()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def test_home_of_an_empty_town_invites(client: Client) -> None:
    page = client.get("/").content.decode()

    assert "No consultation is running at the moment" in page
    assert "Nobody has put in an idea yet" in page


def test_home_shows_what_runs_and_not_drafts(client: Client, make_consultation: MakeConsultation) -> None:
    make_consultation(title="Trees for Rue Haute")
    make_consultation(title="Secret plan", state=ConsultationState.DRAFT)

    page = client.get("/").content.decode()

    assert "Trees for Rue Haute" in page
    assert "6 days left" in page
    assert "Secret plan" not in page


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/", 5),  # consultations, phases, parts of targets, open surveys, latest ideas
        ("/consultations/", 3),  # consultations, phases, parts of targets
        (
            "/consultations/{slug}/",
            9,
        ),  # consultation, phases, parts; plans; open surveys, those with results; meetings; ideas, the latest
        (
            "/consultations/{slug}/results/",
            11,
        ),  # those three; surveys; districts; filter; editions; three figures; page
        ("/contributions/", 4),  # consultations and districts to filter by; count and page
        ("/places/?q=rue+haute", 6),  # the search, the street's shape, consultations, phases, parts, ideas
    ],
)
def test_pages_take_a_constant_number_of_queries(
    client: Client,
    make_consultation: MakeConsultation,
    submit: Submit,
    tiny_town: TinyTown,
    agent: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
    count: int,
) -> None:
    parts = [
        PartSpec(kind=PartKind.STREET, street_id=Street.objects.get(name="Rue Haute").pk, buffer_m=50),
        PartSpec(kind=PartKind.DISTRICT, district_id=District.objects.latest("pk").pk),
    ]
    for number in range(count):
        consultation = make_consultation(target=save_target(name=f"Target {number}", parts=parts, user=agent))
        submit(title=f"Idea {number}", into=consultation)
    path = path.format(slug=consultation.slug)
    client.get(path)  # fills the cache of the town's name, extent and attribution

    with django_assert_num_queries(queries):
        client.get(path)


def test_places_shows_the_one_place_meant(client: Client, submit: Submit, tiny_town: TinyTown) -> None:
    idea = submit(title="More trees")

    response = client.get(reverse("places"), {"q": "rue haute"})

    assert response.context["chosen"].label == "Rue Haute"
    assert list(response.context["nearby"]) == [idea]
    assert response.context["place"]["type"] == "MultiLineString"


def test_places_asks_where_several_are_meant(client: Client, tiny_town: TinyTown) -> None:
    response = client.get(reverse("places"), {"q": "rue"})

    assert response.context["chosen"] is None
    assert "Which one do you mean?" in response.content.decode()


def test_places_finds_nothing_kindly(client: Client, tiny_town: TinyTown) -> None:
    assert "We found no “Xyz”" in client.get(reverse("places"), {"q": "Xyz"}).content.decode()


def test_consultation_tells_who_answers_for_it(client: Client, make_consultation: MakeConsultation) -> None:
    consultation = make_consultation(
        political_lead="Anne Alderwoman", help_phone="+32 2 123", charter="Be kind.", video_url="https://example.org/v"
    )

    page = client.get(reverse("consultation", args=[consultation.slug])).content.decode()

    for words in ("Anne Alderwoman", "tel:+322123", "Be kind.", 'href="https://example.org/v"', "the whole town"):
        assert words in page


def test_draft_consultation_is_for_agents(
    client: Client, make_consultation: MakeConsultation, agent: User, outsider: User
) -> None:
    draft = make_consultation(state=ConsultationState.DRAFT)
    address = reverse("consultation", args=[draft.slug])

    assert client.get(address).status_code == 404
    client.force_login(outsider)
    assert client.get(address).status_code == 404
    client.force_login(agent)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (PhaseKind.CONTRIBUTION, "Put in an idea"),
        (PhaseKind.DEBATE, "Discuss the ideas"),
        (None, "This consultation is over"),
    ],
)
def test_consultation_says_the_one_thing_to_do(
    client: Client, make_consultation: MakeConsultation, phase: PhaseKind | None, words: str
) -> None:
    consultation = make_consultation(phase)

    assert words in client.get(reverse("consultation", args=[consultation.slug])).content.decode()


# --- Results ------------------------------------------------------------------------------------------------------


def test_results_count_what_is_online(
    client: Client, consultation: Consultation, submit: Submit, tiny_town: TinyTown
) -> None:
    idea = submit()
    submit(parent=idea, body="Yes")
    hidden = submit(title="Hidden")
    Contribution.objects.filter(pk=hidden.pk).update(status=Status.HIDDEN)

    figures = client.get(reverse("consultation-results", args=[consultation.slug])).context["figures"]

    assert (figures.ideas, figures.comments, figures.supports) == (1, 1, 0)
    assert [(row.name, row.count, row.share) for row in figures.districts] == [("West", 2, 1.0)]
    assert [(row.name, row.count) for row in figures.streets] == [("Rue Haute", 2)]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"kind": "comment"}, 0),
        ({"district": "W"}, 1),
        ({"district": "E"}, 0),
        ({"street": "rue haute"}, 1),
        ({"submitted_after": "2000-01-01"}, 1),
        ({"submitted_before": "2000-01-01"}, 0),
        ({"submitted_after": "not a day"}, 1),
    ],
)
def test_results_filters(
    client: Client, consultation: Consultation, submit: Submit, query: dict[str, str], count: int
) -> None:
    submit()

    response = client.get(reverse("consultation-results", args=[consultation.slug]), query)

    assert response.context["page"].paginator.count == count


def test_results_up_to_a_day_include_that_day(client: Client, consultation: Consultation, submit: Submit) -> None:
    idea = submit()
    day = idea.submitted_at.astimezone().date().isoformat()

    response = client.get(
        reverse("consultation-results", args=[consultation.slug]), {"submitted_before": day, "submitted_after": day}
    )

    assert response.context["page"].paginator.count == 1


def test_results_of_another_consultation_stay_out(
    client: Client, make_consultation: MakeConsultation, submit: Submit
) -> None:
    submit()
    other = make_consultation()

    response = client.get(reverse("consultation-results", args=[other.slug]), {"consultation": "question-1"})

    assert response.context["page"].paginator.count == 0


def test_results_are_downloaded_with_the_filters_of_the_page(
    client: Client, consultation: Consultation, submit: Submit
) -> None:
    submit(title="Chosen")
    submit(title="Another", body="about buses")

    page = client.get(reverse("consultation-results", args=[consultation.slug]), {"q": "buses"}).content.decode()
    (address,) = re.findall(r'href="([^"]*format=csv[^"]*)"', page)
    rows = list(csv.DictReader(io.StringIO(b"".join(client.get(html.unescape(address))).decode("utf-8-sig"))))

    assert [(row["title"], row["consultation"]) for row in rows] == [("Another", consultation.slug)]
