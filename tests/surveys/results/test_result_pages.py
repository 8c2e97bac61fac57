"""The pages of results: who reads them, what they say, how many queries they take."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain import change_status
from geoparticipation.contributions.enums import Status
from geoparticipation.contributions.models import Contribution
from geoparticipation.surveys.domain.release_results import public_release, told_figures
from geoparticipation.surveys.enums import ResultsShown, SurveyState
from geoparticipation.surveys.models import ReleasedHexagon, Survey, SurveyResponse
from tests.fixtures.question import actor_of
from tests.fixtures.survey import MakeSurvey
from tests.surveys.results.generating import generate_responses


@pytest.fixture
def answered(make_survey: MakeSurvey) -> Survey:
    """A closed survey with 300 responses, whose results everybody may read."""
    survey = make_survey()
    generate_responses(survey, 300)
    close(survey)
    return survey


def close(survey: Survey) -> None:
    survey.state = SurveyState.CLOSED
    survey.save(update_fields=["state"])


@pytest.mark.parametrize(
    ("state", "shown", "public"),
    [
        (SurveyState.OPEN, ResultsShown.ALWAYS, True),
        (SurveyState.OPEN, ResultsShown.AFTERWARDS, False),
        (SurveyState.OPEN, ResultsShown.NEVER, False),
        (SurveyState.CLOSED, ResultsShown.ALWAYS, True),
        (SurveyState.CLOSED, ResultsShown.AFTERWARDS, True),
        (SurveyState.CLOSED, ResultsShown.NEVER, False),
    ],
)
def test_when_everybody_reads_results(
    make_survey: MakeSurvey, client: Client, cast: dict[str, User], state: str, shown: str, public: bool
) -> None:
    survey = make_survey(results_shown=shown)
    generate_responses(survey, 60)
    Contribution.objects.update(submitted_at=timezone.now() - timedelta(days=2))
    survey.state = state
    survey.save(update_fields=["state"])

    for person in (None, *cast.values()):
        if person is not None:
            client.force_login(person)
        page = client.get(reverse("survey-results", args=[survey.consultation.slug, survey.slug])).content.decode()
        assert ('data-figure="responses"' in page) is public
        tile = client.get(f"/tiles/survey-hexagons/12/2098/1374.mvt?survey={survey.slug}")
        assert tile.status_code == (200 if public else 204)


def test_a_draft_has_no_results(make_survey: MakeSurvey, client: Client) -> None:
    survey = make_survey(state=SurveyState.DRAFT, results_shown=ResultsShown.ALWAYS)

    assert client.get(reverse("survey-results", args=[survey.consultation.slug, survey.slug])).status_code == 404


@pytest.mark.parametrize("name", ["workspace-survey-results", "workspace-survey-answers", "workspace-survey-export"])
def test_only_agents_read_everything(answered: Survey, cast: dict[str, User], client: Client, name: str) -> None:
    arguments = {"workspace-survey-answers": ["story"], "workspace-survey-export": ["csv"]}.get(name, [])
    address = reverse(name, args=[answered.slug, *arguments])

    assert client.get(address).status_code == 302
    for role, person in cast.items():
        client.force_login(person)
        assert client.get(address).status_code == (200 if role == "agent" else 403)


def test_only_agents_see_the_places(answered: Survey, cast: dict[str, User], client: Client) -> None:
    address = f"/tiles/survey-places/14/8392/5496.mvt?survey={answered.slug}"

    assert client.get(address).status_code == 404
    for role, person in cast.items():
        client.force_login(person)
        assert client.get(address).status_code == (200 if role == "agent" else 404)


def test_no_figure_on_the_page_is_of_a_few(answered: Survey, client: Client) -> None:
    page = client.get(reverse("survey-results", args=[answered.consultation.slug, answered.slug])).content.decode()
    tables = re.findall(r"<table>.*?</table>", page, re.DOTALL)
    figures = [
        int(cell.replace("\xa0", ""))
        for table in tables
        if "On average" not in table and "En moyenne" not in table
        for cell in re.findall(r'<td class="number">([\d\xa0]+)</td>', table)
    ]

    assert len(figures) > 60
    assert min(figures) >= 5
    assert all(hexagon.people >= 5 for hexagon in ReleasedHexagon.objects.all())
    assert ReleasedHexagon.objects.filter(question="danger").count() > 3
    assert "HYPERLINK" not in page
    assert "Every night" not in page


def test_agents_read_what_is_stored(answered: Survey, agent: User, client: Client) -> None:
    counted = SurveyResponse.objects.filter(survey=answered, contribution__status=Status.COUNTED)
    client.force_login(agent)

    response = client.get(reverse("workspace-survey-results", args=[answered.slug]))
    narrowed = client.get(reverse("workspace-survey-results", args=[answered.slug]), {"origin": "paper"})

    assert response.context["figures"].responses.n == counted.count()
    (mode, tables, _places) = response.context["questions"][0]
    assert {line.label: line.n for line in tables[0][0].lines}["Foot (fr)"] == counted.filter(
        answers__mode="foot"
    ).count()
    assert mode.answered == counted.filter(answers__has_key="mode").count()
    assert narrowed.context["figures"].responses.n == counted.filter(contribution__origin="paper").count()


def test_filters_count_as_the_rows_do(answered: Survey, agent: User, client: Client) -> None:
    counted = SurveyResponse.objects.filter(survey=answered, contribution__status=Status.COUNTED)
    client.force_login(agent)
    some = (
        counted.select_related("contribution__street", "contribution__district")
        .exclude(contribution__district=None)[7]
        .contribution
    )
    day = timezone.localdate(some.submitted_at)
    asked = {
        "street": some.street.name,
        "district": some.district_id,
        "first_day": day - timedelta(days=9),
        "last_day": day,
    }

    for names in (("street",), ("district",), ("first_day", "last_day"), ("district", "last_day"), tuple(asked)):
        found = client.get(
            reverse("workspace-survey-results", args=[answered.slug]), {name: asked[name] for name in names}
        )
        rows = counted
        if "street" in names:
            rows = rows.filter(contribution__street=some.street_id)
        if "district" in names:
            rows = rows.filter(contribution__district=some.district_id)
        if "first_day" in names:
            rows = rows.filter(contribution__submitted_at__date__gte=asked["first_day"])
        if "last_day" in names:
            rows = rows.filter(contribution__submitted_at__date__lte=day)
        assert found.context["figures"].responses.n == rows.count() > 0


def test_a_street_that_is_none_is_said(answered: Survey, agent: User, client: Client) -> None:
    client.force_login(agent)

    page = client.get(reverse("workspace-survey-results", args=[answered.slug]), {"street": "Nowhere"})

    assert "Nowhere" in page.content.decode()
    assert page.context["filters"].errors["street"]


def test_figures_for_everybody_stay_when_a_response_is_taken_out(answered: Survey, agent: User, client: Client) -> None:
    before = told_figures(public_release(survey=answered)).responses.n
    one = Contribution.objects.filter(status=Status.COUNTED).first()
    change_status(contribution=one, to_status=Status.HIDDEN, actor=actor_of(agent), reason="Twice.")

    assert told_figures(public_release(survey=answered)).responses.n == before

    client.force_login(agent)
    client.post(reverse("workspace-survey-release", args=[answered.slug]))

    assert told_figures(public_release(survey=answered)).responses.n == before - 1


def test_while_it_is_open_figures_are_of_yesterday_and_in_fives(make_survey: MakeSurvey) -> None:
    survey = make_survey(results_shown=ResultsShown.ALWAYS)
    generate_responses(survey, 43)
    some = Contribution.objects.filter(status=Status.COUNTED)
    some.update(submitted_at=timezone.now() - timedelta(days=2))
    Contribution.objects.filter(pk__in=list(some.values_list("pk", flat=True)[:3])).update(submitted_at=timezone.now())

    told = told_figures(public_release(survey=survey))

    assert told.responses.n == (some.count() - 3) // 5 * 5
    assert all(tallied.n % 5 == 0 for part in told.parts.values() for tallied in part.values())
    before = told_figures(public_release(survey=survey))
    some.update(submitted_at=timezone.now() - timedelta(days=2))
    assert told_figures(public_release(survey=survey)) == before
    later = public_release(survey=survey, at=timezone.now() + timedelta(days=1))
    assert told_figures(later).responses.n == some.count() // 5 * 5


def test_what_people_wrote(answered: Survey, agent: User, client: Client) -> None:
    client.force_login(agent)

    words = client.get(reverse("workspace-survey-answers", args=[answered.slug, "word"])).content.decode()

    assert words.count("data-text") == 50
    assert "+33 4" in words
    assert client.get(reverse("workspace-survey-answers", args=[answered.slug, "safe"])).status_code == 404


@pytest.mark.parametrize("count", [60, 300])
def test_queries(
    make_survey: MakeSurvey, agent: User, client: Client, django_assert_num_queries: object, count: int
) -> None:
    survey = make_survey()
    generate_responses(survey, count)
    close(survey)
    public_release(survey=survey)
    client.get("/")

    with django_assert_num_queries(4):  # survey, release, districts, hexagons
        client.get(reverse("survey-results", args=[survey.consultation.slug, survey.slug]))
    client.force_login(agent)
    client.get(reverse("workspace"))
    with django_assert_num_queries(9):  # session, person, survey, districts twice, figures, hexagons, release, queue
        client.get(reverse("workspace-survey-results", args=[survey.slug]))
    with django_assert_num_queries(9):  # the street instead of the hexagons
        client.get(reverse("workspace-survey-results", args=[survey.slug]), {"street": "Rue Haute"})
