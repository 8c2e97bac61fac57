"""Consultations, their phases and their API."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain import (
    PhaseInput,
    apply_process_template,
    archive_consultation,
    publish_consultation,
    save_consultation,
    save_phases,
)
from geoparticipation.consultations.enums import ConsultationState, Feature, PhaseKind
from geoparticipation.consultations.errors import (
    ConsultationIncomplete,
    NoPhases,
    PhaseEndsBeforeStart,
    PhaseInUse,
    PhasesOverlap,
    UnknownProcess,
    UnsafeLink,
)
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.phases import PHASE_TYPES, open_features, open_phase
from geoparticipation.consultations.processes import PROCESS_TEMPLATES
from neighbourhoods.models import Target
from tests.fixtures.question import MakeConsultation, Submit
from tests.fixtures.tiny_town import WEST_BOX

URL = "/api/v1/consultations/"


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def save(user: User, **fields: Any) -> Consultation:
    return save_consultation(user=user, **{"title": "Un parc rue Haute", "summary": "Donnez votre avis.", **fields})


def test_description_keeps_what_describes_and_drops_what_runs(agent: User) -> None:
    consultation = save(
        agent,
        description='<h3>Le projet</h3><p onclick="x()">Un <strong>parc</strong>'
        '<script>alert(1)</script><img src=x onerror=y><a href="javascript:z()">ici</a>'
        '<a href="https://example.org/">là</a><iframe src="//evil"></iframe></p>',
    )

    assert consultation.description == (
        '<h3>Le projet</h3><p>Un <strong>parc</strong><a rel="noopener noreferrer">ici</a>'
        '<a href="https://example.org/" rel="noopener noreferrer">là</a></p>'
    )


def test_slug_is_made_once_and_is_free(agent: User) -> None:
    first, second = save(agent), save(agent)
    renamed = save(agent, consultation=first, title="Autre titre")

    assert (first.slug, second.slug, renamed.slug) == ("un-parc-rue-haute", "un-parc-rue-haute-2", first.slug)
    assert first.state == ConsultationState.DRAFT
    assert save(agent, title="???").slug == "consultation"


def test_change_made_from_an_old_page_leaves_the_state_alone(agent: User) -> None:
    consultation = save(agent)
    opened_before = Consultation.objects.get(pk=consultation.pk)
    save_phases(consultation=consultation, phases=[PhaseInput(PhaseKind.CONTRIBUTION, day(1))], user=agent)
    publish_consultation(consultation=consultation, user=agent)

    save(agent, consultation=opened_before, title="Autre titre")

    consultation.refresh_from_db()
    assert (consultation.title, consultation.state) == ("Autre titre", ConsultationState.PUBLISHED)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://x/y", "data:text/html,x", "//example.org/x", "https://", "http://[", "video"]
)
def test_video_is_a_web_address(url: str, agent: User) -> None:
    with pytest.raises(UnsafeLink) as refusal:
        save(agent, video_url=url)
    assert refusal.value.field == "video_url"
    assert Consultation.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("title", "x" * 161),
        ("summary", ""),
        ("language", "xx"),
        ("moderation", "never"),
        ("voices_per", "street"),
        ("place_privacy", "all"),
        ("identity_level", 9),
        ("max_area_m2", 0),
        ("inside_target_only", True),
        ("help_phone", "0" * 41),
    ],
)
def test_missing_or_wrong_field_is_named(field: str, value: Any, agent: User) -> None:
    with pytest.raises(ConsultationIncomplete) as refusal:
        save(agent, **{field: value})
    assert refusal.value.field == field
    assert Consultation.objects.count() == 0


@pytest.mark.parametrize("name", ["moderator", "planner", "councillor", "citizen", "outsider"])
def test_only_agents_manage(name: str, cast: dict[str, User]) -> None:
    consultation = save(cast["agent"])
    for act in (
        save,
        lambda user: save_phases(consultation=consultation, phases=[], user=user),
        lambda user: publish_consultation(consultation=consultation, user=user),
        lambda user: archive_consultation(consultation=consultation, user=user),
    ):
        with pytest.raises(NotAllowed):
            act(cast[name])


def test_publishing_needs_a_phase(agent: User) -> None:
    consultation = save(agent)
    with pytest.raises(NoPhases):
        publish_consultation(consultation=consultation, user=agent)
    save_phases(consultation=consultation, phases=[PhaseInput(PhaseKind.DECISION, day(1))], user=agent)

    assert publish_consultation(consultation=consultation, user=agent).state == "published"
    assert archive_consultation(consultation=consultation, user=agent).state == "archived"


def test_phases_become_exactly_those_given(agent: User) -> None:
    consultation = save(agent)
    first, second = save_phases(
        consultation=consultation,
        phases=[
            PhaseInput(PhaseKind.CONTRIBUTION, day(1), day(5), title="One"),
            PhaseInput(PhaseKind.CONTRIBUTION, day(5), day(9), title="Two"),
        ],
        user=agent,
    )

    # The two change places, which collides on the way; a third one comes.
    saved = save_phases(
        consultation=consultation,
        phases=[
            PhaseInput(PhaseKind.CONTRIBUTION, day(5), day(9), title="One", pk=first.pk),
            PhaseInput(PhaseKind.CONTRIBUTION, day(1), day(5), title="Two", pk=second.pk),
            PhaseInput(PhaseKind.DEBATE, day(2)),
        ],
        user=agent,
    )

    assert (saved[0].pk, saved[0].title, saved[0].starts_at) == (second.pk, "Two", day(1))
    assert [str(phase.kind) for phase in saved] == ["contribution", "debate", "contribution"]
    assert len(save_phases(consultation=consultation, phases=[PhaseInput("debate", day(3))], user=agent)) == 1


@pytest.mark.parametrize(
    ("phases", "refusal"),
    [
        ([PhaseInput("contribution", day(5), day(5))], PhaseEndsBeforeStart),
        ([PhaseInput("contribution", day(5), day(4))], PhaseEndsBeforeStart),
        ([PhaseInput("debate", day(1), day(5)), PhaseInput("debate", day(4), day(9))], PhasesOverlap),
        ([PhaseInput("debate", day(1)), PhaseInput("debate", day(4), day(9))], PhasesOverlap),
        ([PhaseInput("party", day(1))], ConsultationIncomplete),
        ([PhaseInput("debate", day(1), title="x" * 121)], ConsultationIncomplete),
        ([PhaseInput("debate", day(1), pk=999_999)], ConsultationIncomplete),
    ],
)
def test_wrong_phases_change_nothing(phases: list[PhaseInput], refusal: type[Exception], agent: User) -> None:
    consultation = save(agent)
    save_phases(consultation=consultation, phases=[PhaseInput("presentation", day(1))], user=agent)

    with pytest.raises(refusal):
        save_phases(consultation=consultation, phases=phases, user=agent)

    assert [phase.kind for phase in consultation.phases.all()] == ["presentation"]


def test_phase_in_which_somebody_took_part_stays(submit: Submit, consultation: Consultation, agent: User) -> None:
    submit()
    with pytest.raises(PhaseInUse):
        save_phases(consultation=consultation, phases=[], user=agent)


@pytest.mark.parametrize(
    ("template", "kinds", "titles"),
    [
        (
            "consultation",
            ["presentation", "contribution", "synthesis", "debate", "decision"],
            ["Présentation", "Concertation", "Synthèse", "Débat", "Décision"],
        ),
        (
            "ideas",
            ["contribution", "synthesis", "vote", "follow_up"],
            ["Idées", "Étude de faisabilité", "Vote", "Suivi"],
        ),
    ],
)
def test_process_template_lays_phases_end_to_end(
    template: str, kinds: list[str], titles: list[str], agent: User
) -> None:
    consultation = save(agent, language="fr")
    with translation.override("en"):
        phases = apply_process_template(
            consultation=consultation, template=template, starts_on=date(2026, 3, 1), user=agent
        )

    assert [phase.kind for phase in phases] == kinds
    with translation.override("fr"):
        assert [str(phase) for phase in phases] == titles
    assert timezone.localtime(phases[0].starts_at).isoformat() == "2026-03-01T00:00:00+01:00"
    # Summer time begins on the way: still midnight in the town.
    assert {timezone.localtime(phase.starts_at).hour for phase in phases} == {0}
    for earlier, later in itertools.pairwise(phases):
        assert earlier.ends_at == later.starts_at
    assert phases[-1].ends_at is None
    assert consultation.process_template == template


def test_process_template_takes_other_lengths_and_refuses_nonsense(agent: User) -> None:
    consultation = save(agent)
    arguments: dict[str, Any] = {"consultation": consultation, "starts_on": date(2026, 3, 1), "user": agent}
    phases = apply_process_template(template="ideas", days=[7, 7, 7, 7], **arguments)
    assert phases[-1].ends_at - phases[0].starts_at == timedelta(days=28)

    with pytest.raises(UnknownProcess):
        apply_process_template(template="none", **arguments)
    for days in ([7, 7], [None, 7, 7, 7], [0, 7, 7, 7]):
        with pytest.raises(ConsultationIncomplete):
            apply_process_template(template="ideas", days=days, **arguments)


def test_every_kind_of_phase_says_what_it_opens() -> None:
    assert set(PHASE_TYPES) == set(PhaseKind)
    assert set(PROCESS_TEMPLATES) == {"consultation", "ideas", "volunteering"}


def test_open_phase_is_the_one_that_opens_the_feature(make_consultation: MakeConsultation) -> None:
    consultation = make_consultation(PhaseKind.DEBATE)

    assert open_phase(consultation, Feature.PROPOSE) is None
    assert open_phase(consultation, Feature.COMMENT) == consultation.phases.get()
    assert open_features(consultation) == {Feature.COMMENT, Feature.SUPPORT, Feature.PREFER}
    assert open_features(consultation, timezone.now() + timedelta(days=30)) == set()
    consultation.state = ConsultationState.ARCHIVED
    assert open_features(consultation) == set()


# --- API -------------------------------------------------------------------------------------------------------------


def test_detail_tells_phases_target_and_figures(
    make_consultation: MakeConsultation, submit: Submit, moderator: User
) -> None:
    box = MultiPolygon(Polygon.from_bbox(WEST_BOX), srid=4326)
    target = Target.objects.create(name="West", geometry=box, area_m2=782_000, letterboxes=8, dwellings=13)
    consultation = make_consultation(target=target)
    idea = submit(into=consultation)
    submit(into=consultation, parent=idea)
    type(idea).objects.filter(pk=idea.pk).update(support_count=3)

    body = Client().get(f"{URL}{consultation.slug}/").json()

    assert body["figures"] == {"proposals": 1, "comments": 1, "supports": 3}
    assert body["target"]["name"] == "West"
    assert (body["target"]["letterboxes"], body["target"]["dwellings"]) == (8, 13)
    assert body["target"]["geometry"]["type"] == "MultiPolygon"
    (phase,) = body["phases"]
    assert (phase["kind"], phase["is_open"], phase["opens"]) == (
        "contribution",
        True,
        ["propose", "comment", "support", "prefer"],
    )
    assert set(phase) == {"kind", "title", "description", "outcome", "starts_at", "ends_at", "is_open", "opens"}
    assert body["url"] == f"http://testserver/consultations/{consultation.slug}/"


@pytest.mark.parametrize("how_many", [1, 3])
def test_list_takes_two_queries_and_hides_drafts(
    how_many: int, make_consultation: MakeConsultation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(how_many):
        make_consultation()
    make_consultation(state="draft", slug="secret")

    with django_assert_num_queries(2):
        results = Client().get(URL).json()["results"]

    assert len(results) == how_many
    assert results[0]["slug"] == f"question-{how_many}"
    assert "geometry" not in (results[0]["target"] or {})


def test_draft_is_for_agents_only(make_consultation: MakeConsultation, cast: dict[str, User]) -> None:
    make_consultation(state="draft", slug="secret")
    for name, user in cast.items():
        client = Client()
        client.force_login(user)
        assert client.get(f"{URL}secret/").status_code == (200 if name == "agent" else 404)
        assert len(client.get(URL).json()["results"]) == (1 if name == "agent" else 0)
    assert Client().get(f"{URL}secret/").json()["code"] == "not_found"
