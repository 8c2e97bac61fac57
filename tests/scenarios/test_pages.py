"""Pages and API of plans: who opens them, what they say, and how many queries they take."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import geopandas
import pandas as pd
import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, ModerationRule, PhaseKind
from geoparticipation.contributions.domain.support import give_support
from geoparticipation.contributions.enums import Kind, Status
from geoparticipation.contributions.errors import CannotBeSupported
from geoparticipation.contributions.models import Contribution, Support
from geoparticipation.dashboards.queries import figures_of
from geoparticipation.scenarios.domain.places import add_place
from geoparticipation.scenarios.domain.plans import save_plan
from geoparticipation.scenarios.domain.variants import replace_features
from geoparticipation.scenarios.models import Plan, Preference
from geoparticipation.scenarios.queries import elements_at_places
from layers.errors import Refusal
from layers.features import feature_collection
from layers.geometry import to_shapely
from layers.registry import get_layer
from tests.fixtures.question import MakeConsultation, actor_of
from tests.scenarios.conftest import CORNER, MIDDLE, STREET, TRAM, TREES, MakePlan, ParkPlan, tree
from tests.scenarios.test_results import answer as answer_at
from tests.scenarios.test_results import end_phases

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


def get(client: Client, path: str) -> str:
    answer = client.get(path, headers=ENGLISH)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.parametrize(
    ("person", "status"),
    [("agent", 200), ("moderator", 403), ("planner", 403), ("councillor", 403), ("citizen", 403)],
)
def test_who_makes_plans(client: Client, cast: dict[str, User], park: ParkPlan, person: str, status: int) -> None:
    client.force_login(cast[person])
    pages = [
        "/workspace/plans/",
        "/workspace/plans/new/",
        f"/workspace/plans/{park.plan.code}/",
        f"/workspace/plans/variants/{park.tram.code}/",
        f"/workspace/plans/places/{park.corner.code}/",
    ]

    assert [client.get(page).status_code for page in pages] == [status] * 5
    assert client.post(pages[3], {"act": "delete"}).status_code == (302 if status == 200 else 403)


def test_drafts_are_seen_by_agents_only(
    client: Client, make_plan: MakePlan, make_consultation: MakeConsultation, agent: User
) -> None:
    draft = make_plan(published=False, title="Secret")
    hidden = make_plan(into=make_consultation(state=ConsultationState.DRAFT), title="Hidden")

    addresses = [
        path
        for park in (draft, hidden)
        for path in (
            f"/plans/{park.plan.code}/",
            f"/plans/{park.plan.code}/results.csv",
            f"/plans/{park.plan.code}/plan.gpkg",
            f"/plans/places/{park.corner.code}/",
            f"/plans/pictures/{park.tram.code}.svg",
            f"/plans/pictures/{park.tram.code}/{park.corner.code}.svg",
            f"/api/v1/plans/{park.plan.code}/",
        )
    ]
    assert {client.get(path).status_code for path in addresses} == {404}
    for layer in ("scenarios", "plan-places"):
        assert client.get(f"/tiles/{layer}/0/0/0.mvt").status_code == 204
        assert not get_layer(layer).public_rows().exists()
    assert Contribution.objects.public().count() == 0
    client.force_login(agent)
    assert {client.get(path).status_code for path in addresses} == {200}


def test_from_making_to_preferring_and_commenting_by_the_pages(
    client: Client, agent: User, citizen: User, make_consultation: MakeConsultation
) -> None:
    consultation = make_consultation(PhaseKind.DEBATE, moderation=ModerationRule.BEFORE, language="en")
    client.force_login(agent)
    client.post(
        "/workspace/plans/new/",
        {"title": "The square", "consultation": consultation.pk, "results_shown": "after", "token": str(uuid4())},
    )
    plan = Plan.objects.get()
    workspace = f"/workspace/plans/{plan.code}/"
    for name in ("As it is", "Trees"):
        client.post(workspace, {"act": "add-variant", "name": name})
    trees = plan.variants.get(position=2)
    content = json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"nom": "Lime", "prix": 800, "lieu": "Corner"},
                    "geometry": json.loads(point.geojson),
                }
                for point in (*TREES, TRAM)
            ]
            + [
                {"type": "Feature", "properties": {"nom": "Lost"}, "geometry": {"type": "Point", "coordinates": [5, 5]}}
            ],
        }
    )
    page = f"/workspace/plans/variants/{trees.code}/"
    client.post(page, {"act": "read", "file": SimpleUploadedFile("trees.geojson", content.encode())})
    look = get(client, page)
    assert "4 rows can be taken" in look
    assert "1 row is refused" in look
    client.post(page, {"act": "take"})
    assert trees.features.count() == 4
    point = json.dumps({"type": "Point", "coordinates": [4.412, 50.845]})
    client.post(page, {"act": "draw", "label": "A bench", "cost": "300", "geometry": point})
    client.post(workspace, {"act": "make-places"})
    client.post(workspace, {"act": "add-place", "name": "Haute", "place_text": "Rue Haute"})
    corner, haute = plan.places.all()
    today = plan.variants.get(position=1)
    notes = {f"note_{today.code}": "Cars stay.", f"note_{trees.code}": "Shade at last."}
    client.post(
        f"/workspace/plans/places/{corner.code}/",
        {"act": "save", "name": "Corner", "text": "", **notes},
    )
    client.post(workspace, {"act": "publish"})

    client.force_login(citizen)
    text = get(client, f"/plans/{plan.code}/")
    for words in ("The square", "Shade at last.", "Cars stay.", "4 × Lime", "cost: 3,500 €", "0 of 2"):
        assert words in text
    client.post(f"/plans/places/{corner.code}/", {"act": "prefer", "variant": str(trees.code), "on": "plan"})
    client.post(f"/plans/places/{haute.code}/", {"act": "prefer", "variant": "none"})
    client.post(f"/plans/places/{haute.code}/", {"act": "prefer", "variant": "nonsense"})
    assert "2 of 2" in get(client, f"/plans/{plan.code}/")
    said = {"act": "comment", "body": "Limes, please.", "token": str(uuid4())}
    for _twice in range(2):
        client.post(f"/plans/places/{corner.code}/", said)
    assert dict(Preference.objects.values_list("place__name", "variant__name")) == {"Corner": "Trees", "Haute": None}
    comment = Contribution.objects.get(kind=Kind.COMMENT)
    assert (comment.parent.code, comment.status) == (corner.code, Status.SUBMITTED)
    assert shapely.equals(to_shapely(comment.geometry), to_shapely(corner.geometry))
    assert "Limes, please." in get(client, f"/plans/places/{corner.code}/")
    client.logout()
    assert "Limes, please." not in get(client, f"/plans/places/{corner.code}/")


def test_comment_that_is_refused_keeps_what_was_typed(client: Client, park: ParkPlan, citizen: User) -> None:
    client.force_login(citizen)
    said = {"act": "comment", "body": "Kept words", "place_text": "Nowhere Street", "token": str(uuid4())}
    answer = client.post(f"/plans/places/{park.corner.code}/", said, headers=ENGLISH)

    assert answer.status_code == 400
    assert "Kept words" in answer.content.decode()
    assert not Contribution.objects.filter(kind=Kind.COMMENT).exists()


def test_place_is_reached_from_the_contributions_and_is_no_idea(client: Client, park: ParkPlan) -> None:
    answer = client.get(f"/contributions/{park.corner.code}/")
    assert answer.headers["Location"] == f"/plans/places/{park.corner.code}/"
    kinds = Contribution.objects.values_list("kind", "status", "author")
    assert set(kinds) == {("plan", "published", None)}
    assert not Contribution.objects.filter(reviewed_at=None).exists()
    home = get(client, f"/consultations/{park.plan.consultation.slug}/")
    assert "Compare and say what you prefer" in home
    assert "0 ideas" in home


def test_place_takes_no_support(park: ParkPlan, citizen: User) -> None:
    place = Contribution.objects.get(code=park.corner.code)
    with pytest.raises(CannotBeSupported):
        give_support(actor=actor_of(citizen), contribution=place)
    assert not Support.objects.exists()


def test_comments_answer_the_title_that_the_plan_has_now(park: ParkPlan, agent: User) -> None:
    save_plan(agent=agent, plan=park.plan, consultation=park.plan.consultation, title="The square")

    titles = Contribution.objects.filter(kind=Kind.PLAN).order_by("pk").values_list("title", flat=True)
    assert list(titles) == ["Corner – The square", "Middle – The square", "Stop – The square"]


def test_results_list_places_to_the_last_and_count_them_for_no_district(client: Client, park: ParkPlan) -> None:
    said = Contribution.objects.filter(consultation=park.plan.consultation)
    assert said.count() == 3

    page = get(client, f"/consultations/{park.plan.consultation.slug}/results/")
    assert [
        place.name for place in (park.corner, park.middle, park.street) if f"{place.name} – The park" not in page
    ] == []
    figures = figures_of(Contribution.objects.public(), QueryDict(f"consultation={park.plan.consultation.slug}"))
    assert (figures.contributions, figures.ideas, figures.districts, figures.streets) == (3, 0, (), ())


@pytest.mark.parametrize("pages", [("plan", 6), ("plan-place", 7)])
def test_pages_have_constant_queries(
    client: Client,
    park: ParkPlan,
    agent: User,
    pages: tuple[str, int],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    name, count = pages
    path = reverse(name, args=[park.plan.code if name == "plan" else park.corner.code])
    client.get(path)
    with django_assert_num_queries(count):
        client.get(path)
    for number in range(5):
        add_place(agent=agent, plan=park.plan, name=f"Place {number}", geometry=MIDDLE)
    replace_features(agent=agent, variant=park.today, features=[tree(point) for point in TREES * 4])
    with django_assert_num_queries(count):
        client.get(path)


def test_workspace_list_has_constant_queries(
    client: Client, make_plan: MakePlan, agent: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(agent)
    make_plan()
    with django_assert_num_queries(5):
        client.get("/workspace/plans/")
    make_plan(title="Two")
    make_plan(title="Three")
    with django_assert_num_queries(5):
        client.get("/workspace/plans/")


def test_what_is_built_at_each_place_equals_a_count_on_the_drawing(park: ParkPlan) -> None:
    places = {one.pk: one.name for one in (park.corner, park.middle, park.street)}
    variants = {one.pk: one.name for one in park.variants}
    found = {
        (places[place], variants[variant]): [(one.label, one.count, one.cost) for one in elements]
        for (place, variant), elements in elements_at_places(park.plan).items()
    }
    assert found == {
        ("Corner", "Many trees"): [("Tree", 2, 1600)],
        ("Middle", "Many trees"): [("Tree", 1, 800)],
        **{(place, "A tram"): [("Tram line", 1, 1_000_000)] for place in places.values()},
    }


def test_pictures_show_what_is_built(client: Client, park: ParkPlan) -> None:
    pictures = {
        name: client.get(f"/plans/pictures/{variant.code}.svg")
        for name, variant in (("today", park.today), ("trees", park.trees), ("tram", park.tram))
    }
    circles = {name: answer.content.decode().count("<circle") for name, answer in pictures.items()}
    assert circles == {"today": 0, "trees": 3, "tram": 0}
    assert park.tram.colour_code in pictures["tram"].content.decode()
    at_corner = client.get(f"/plans/pictures/{park.trees.code}/{park.corner.code}.svg")
    assert at_corner.content.decode().count("<circle") == 3
    assert "stroke-dasharray" in at_corner.content.decode()
    tag = at_corner.headers["ETag"]
    again = client.get(f"/plans/pictures/{park.trees.code}/{park.corner.code}.svg", headers={"if-none-match": tag})
    assert again.status_code == 304


def test_picture_of_a_place_of_another_plan_is_refused(client: Client, park: ParkPlan, make_plan: MakePlan) -> None:
    other = make_plan(title="Another")
    assert client.get(f"/plans/pictures/{park.trees.code}/{other.corner.code}.svg").status_code == 400


def test_api_gives_a_plan_that_geopandas_reads_and_takes_preferences(
    client: Client, park: ParkPlan, citizen: User
) -> None:
    answer = client.get(f"/api/v1/plans/{park.plan.code}/")
    frame = geopandas.GeoDataFrame.from_features(answer.json()["features"])
    built = {shape.wkt for shape in frame[frame["type"] == "element"].geometry}
    assert built == {to_shapely(one).wkt for one in (*TREES, TRAM)}
    assert list(frame[frame["type"] == "place"]["name"]) == ["Corner", "Middle", "Stop"]
    assert sum(Decimal(cost) for cost in frame["cost"].dropna()) == 1_002_400

    client.force_login(citizen)
    path = f"/api/v1/plans/places/{park.corner.code}/preference/"
    for wanted in (str(park.trees.code), None):
        said = client.put(path, json.dumps({"variant": wanted}), content_type="application/json")
        assert (said.status_code, said.json()) == (200, {"variant": wanted, "place": str(park.corner.code)})
    own = client.get(f"/api/v1/plans/{park.plan.code}/").json()["features"]
    assert [one["properties"]["own"] for one in own if one["properties"]["type"] == "place"] == ["none", None, None]
    wrong = client.put(path, json.dumps({"variant": str(uuid4())}), content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "variant_unknown")
    assert client.delete(path).status_code == 204
    assert not Preference.objects.exists()


def test_file_opens_in_geopandas_with_the_same_geometries_and_told_figures(
    client: Client, park: ParkPlan, tmp_path: Path
) -> None:
    answer_at(park, park.corner, 5, 12, 2, 0)
    end_phases(park.plan)
    path = tmp_path / "plan.gpkg"
    path.write_bytes(client.get(f"/plans/{park.plan.code}/plan.gpkg").content)

    built = geopandas.read_file(path, layer="scenarios")
    assert built.crs.to_epsg() == 4326
    assert [shape.wkt for shape in built.geometry] == [to_shapely(one).wkt for one in (*TREES, TRAM)]
    assert list(built["variant_name"]) == [*["Many trees"] * 3, "A tram"]
    assert list(built["cost"]) == [800, 800, 800, 1_000_000]
    assert set(built["colour"]) == {park.trees.colour_code, park.tram.colour_code}
    places = geopandas.read_file(path, layer="plan-places")
    assert [shape.wkt for shape in places.geometry] == [to_shapely(one).wkt for one in (CORNER, MIDDLE, STREET)]
    figures = places[["people", "people_a", "people_b", "people_c", "people_none"]].astype("Int64").values.tolist()
    assert [[None if one is pd.NA else one for one in row] for row in figures] == [
        [19, None, 12, None, None],
        [0] * 5,
        [0] * 5,
    ]


def test_layers_hold_what_is_public(park: ParkPlan) -> None:
    page = json.loads(feature_collection(get_layer("plan-places").public_rows(), get_layer("plan-places"), limit=10))
    assert [one["properties"]["name"] for one in page["features"]] == ["Corner", "Middle", "Stop"]
    assert {one["properties"]["results"] for one in page["features"]} == {None}
    built = get_layer("scenarios")
    narrowed = built.filters(built.public_rows(), QueryDict(f"plan={park.plan.code}"))
    assert len(json.loads(feature_collection(narrowed, built, limit=10))["features"]) == 4
    assert not built.filters(built.public_rows(), QueryDict(f"plan={uuid4()}")).exists()
    with pytest.raises(Refusal):
        built.filters(built.public_rows(), QueryDict("plan=nonsense"))


def test_changed_plan_changes_the_tag_of_its_tiles(client: Client, park: ParkPlan, agent: User) -> None:
    path = "/tiles/scenarios/14/8392/5494.mvt"
    before = client.get(path).headers["ETag"]
    replace_features(agent=agent, variant=park.tram, features=[])
    assert client.get(path).headers["ETag"] != before


def test_profile_tells_what_one_prefers(client: Client, park: ParkPlan, citizen: User) -> None:
    client.force_login(citizen)
    assert "What I prefer in plans" not in get(client, reverse("profile"))
    client.post(f"/plans/places/{park.corner.code}/", {"act": "prefer", "variant": str(park.tram.code)})
    text = get(client, reverse("profile"))
    assert "The park – Corner" in text
    assert "A tram" in text


def test_preference_of_a_visitor_is_kept_with_the_cookie(client: Client, park: ParkPlan) -> None:
    client.post(f"/plans/places/{park.corner.code}/", {"act": "prefer", "variant": str(park.tram.code)})
    client.post(f"/plans/places/{park.corner.code}/", {"act": "prefer", "variant": "none"})
    assert Preference.objects.get().variant is None
    assert Preference.objects.get().device is not None
    client.post(f"/plans/places/{park.corner.code}/", {"act": "withdraw"})
    assert not Preference.objects.exists()
