"""Consultations in the workspace: who may open what, what is kept, what is explained."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState
from geoparticipation.consultations.models import Consultation, Phase
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from tests.fixtures.tiny_town import TinyTown

LIST = "/workspace/consultations/"
NEW = f"{LIST}new/"
ENGLISH = {"accept-language": "en"}
BRUSSELS = ZoneInfo("Europe/Brussels")

ABOUT = {
    "title": "The park tomorrow",
    "summary": "What should change?",
    "description": "First.\n\nSecond.",
    "language": "en",
    "identity_level": "0",
    "voices_per": "letterbox",
    "moderation": "after",
    "place_privacy": "exact",
    "max_area_m2": "5000",
}


def steps(*rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """What the browser sends for these steps."""
    sent: dict[str, Any] = {"phases-TOTAL_FORMS": len(rows), "phases-INITIAL_FORMS": initial}
    for at, row in enumerate(rows):
        sent |= {f"phases-{at}-{field}": value for field, value in row.items()}
    return sent


def step(kind: str, starts_at: str, ends_at: str = "", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "starts_at": starts_at, "ends_at": ends_at, **more}


@pytest.fixture
def draft(tiny_town: TinyTown) -> Consultation:
    return Consultation.objects.create(slug="draft", title="Still a draft", summary="-")


@pytest.fixture
def published(tiny_town: TinyTown) -> Consultation:
    made = Consultation.objects.create(slug="open", title="Open to all", summary="-", state=ConsultationState.PUBLISHED)
    Phase.objects.create(
        consultation=made, kind="contribution", starts_at=datetime(2026, 1, 5, tzinfo=BRUSSELS), ends_at=None
    )
    return made


@pytest.mark.parametrize("path", [LIST, NEW, f"{LIST}open/"])
def test_a_visitor_is_sent_to_sign_in_and_back(client: Client, published: Consultation, path: str) -> None:
    assert client.get(path)["Location"] == f"/compte/login/?next={path}"


@pytest.mark.parametrize(
    ("person", "of_list", "of_edit"),
    [
        ("agent", 200, 200),
        ("planner", 200, 403),
        ("councillor", 200, 403),
        ("moderator", 403, 403),
        ("citizen", 403, 403),
    ],
)
def test_who_may_open_what(
    client: Client, cast: dict[str, User], published: Consultation, person: str, of_list: int, of_edit: int
) -> None:
    client.force_login(cast[person])

    assert client.get(LIST).status_code == of_list
    assert [client.get(path).status_code for path in (NEW, f"{LIST}open/")] == [of_edit, of_edit]
    assert client.post(f"{LIST}open/state/", {"to": "archived"}).status_code == (302 if of_edit == 200 else 403)
    published.refresh_from_db()
    assert published.state == ("archived" if person == "agent" else "published")


def test_a_planner_sees_results_and_no_drafts(
    client: Client, planner: User, draft: Consultation, published: Consultation
) -> None:
    client.force_login(planner)

    html = client.get(LIST).content.decode()

    assert "/consultations/open/results/" in html
    assert "Still a draft" not in html
    assert "/workspace/consultations/open/" not in html


def test_unknown_slug_and_other_methods(client: Client, agent: User, published: Consultation) -> None:
    client.force_login(agent)

    assert [client.get(f"{LIST}nowhere/").status_code, client.post(f"{LIST}nowhere/state/").status_code] == [404, 404]
    assert [client.post(LIST).status_code, client.get(f"{LIST}open/state/").status_code] == [405, 405]
    assert client.delete(f"{LIST}open/").status_code == 405


def test_a_new_consultation_is_a_draft_with_the_steps_of_its_process(
    client: Client, agent: User, tiny_town: TinyTown
) -> None:
    client.force_login(agent)

    answer = client.post(NEW, {**ABOUT, "process": "ideas", "starts_on": "2026-12-01"})

    made = Consultation.objects.get()
    assert answer["Location"] == f"{LIST}the-park-tomorrow/"
    assert (made.state, made.created_by, made.process_template) == ("draft", agent, "ideas")
    assert made.description.replace("\n", "") == "<p>First.</p><p>Second.</p>"
    assert [phase.kind for phase in made.phases.all()] == ["contribution", "synthesis", "vote", "follow_up"]
    assert made.phases.first().starts_at == datetime(2026, 12, 1, tzinfo=BRUSSELS)


def test_what_is_missing_is_said_and_nothing_is_kept(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)

    answer = client.post(NEW, {**ABOUT, "title": "", "inside_target_only": "on", "process": "ideas"}, headers=ENGLISH)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"title", "target"}
    assert set(answer.context["process"].errors) == {"starts_on"}
    assert "What should change?" in answer.content.decode()
    assert not Consultation.objects.exists()


def test_editing_saves_texts_target_and_steps_together(
    client: Client, agent: User, published: Consultation, tiny_town: TinyTown
) -> None:
    client.force_login(agent)
    target = save_target(
        name="West", parts=[PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.west.pk)], user=agent
    )
    phase = published.phases.get()
    rows = steps(
        step("contribution", "2026-02-01T09:00", "2026-03-01T18:00", id=phase.pk, title="Ideas"),
        step("vote", "2026-03-01T18:00"),
        step("", ""),  # an empty row
        initial=1,
    )

    answer = client.post(
        f"{LIST}open/",
        {**ABOUT, **rows, "target": target.pk, "inside_target_only": "on", "help_phone": "02 123 45 67"},
    )

    assert answer.status_code == 302
    published.refresh_from_db()
    assert (published.title, published.target, published.inside_target_only) == ("The park tomorrow", target, True)
    assert published.slug == "open"  # links live
    ideas, vote = published.phases.all()
    assert (ideas.pk, ideas.title, ideas.starts_at) == (phase.pk, "Ideas", datetime(2026, 2, 1, 9, tzinfo=BRUSSELS))
    assert (vote.kind, vote.ends_at) == ("vote", None)


def test_overlapping_steps_of_one_kind_are_both_named_and_nothing_is_saved(
    client: Client, agent: User, published: Consultation
) -> None:
    client.force_login(agent)
    rows = steps(
        step("vote", "2026-02-01T00:00", "2026-03-01T00:00", title="First vote"),
        step("debate", "2026-02-01T00:00", "2026-03-01T00:00"),  # another kind may overlap
        step("vote", "2026-02-20T00:00", "2026-04-01T00:00", title="Second vote"),
    )

    answer = client.post(f"{LIST}open/", {**ABOUT, **rows}, headers=ENGLISH)

    assert answer.status_code == 422
    [error] = answer.context["phases"].forms[2].errors["starts_at"]
    assert "“Second vote”" in error
    assert "“First vote”" in error
    assert not answer.context["phases"].forms[1].errors
    published.refresh_from_db()
    assert published.title == "Open to all"
    assert published.phases.get().kind == "contribution"


def test_a_step_that_ends_before_it_starts_is_refused(client: Client, agent: User, published: Consultation) -> None:
    client.force_login(agent)
    rows = steps(step("vote", "2026-02-01T00:00", "2026-01-01T00:00"))

    answer = client.post(f"{LIST}open/", {**ABOUT, **rows}, headers=ENGLISH)

    assert answer.status_code == 422
    assert "This step ends before it starts." in answer.content.decode()


def test_publishing_needs_steps(client: Client, agent: User, draft: Consultation) -> None:
    client.force_login(agent)

    refused = client.post(f"{LIST}draft/state/", {"to": "published"}, headers=ENGLISH, follow=True)
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert "Add at least one phase" in refused.content.decode()

    Phase.objects.create(consultation=draft, kind="debate", starts_at=datetime(2026, 1, 5, tzinfo=BRUSSELS))
    client.post(f"{LIST}draft/state/", {"to": "published"})
    draft.refresh_from_db()
    assert draft.state == "published"


def test_scripts_in_a_description_are_gone(client: Client, agent: User, tiny_town: TinyTown) -> None:
    client.force_login(agent)
    described = {**ABOUT, "description": "<p>Fine</p><script>alert(1)</script>"}

    client.post(NEW, {**described, "process": "ideas", "starts_on": "2026-12-01"})

    assert Consultation.objects.get().description == "<p>Fine</p>"


def test_paragraphs_come_back_as_they_were_typed(client: Client, agent: User, published: Consultation) -> None:
    published.description = "<p>First &amp; last.</p>\n\n<p>Second<br>line.</p>"
    published.save()
    client.force_login(agent)

    form = client.get(f"{LIST}open/").context["form"]

    assert form["description"].value() == "First & last.\n\nSecond\nline."


def test_list_and_form_take_the_same_queries_for_one_and_three(
    client: Client, agent: User, published: Consultation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(agent)
    client.get(LIST)  # fills the cache of the town's name

    def queries() -> None:
        with django_assert_num_queries(5):  # session, user, consultations, phases, badge
            client.get(LIST)
        with django_assert_num_queries(6):  # session, user, consultation, targets, phases, badge
            client.get(f"{LIST}open/")

    queries()
    for year in (2027, 2028):
        starts_at = datetime(year, 1, 1, tzinfo=BRUSSELS)
        for consultation in (published, Consultation.objects.create(slug=f"of-{year}", title="-", summary="-")):
            Phase.objects.create(
                consultation=consultation, kind="vote", starts_at=starts_at, ends_at=starts_at.replace(month=2)
            )
    queries()
