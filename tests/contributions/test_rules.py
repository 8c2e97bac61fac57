"""Who may do what, when: the cast against the phases, and the table of status changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.consultations.enums import ConsultationState, Feature, PhaseKind
from geoparticipation.consultations.errors import UnknownConsultation
from geoparticipation.contributions import rules
from geoparticipation.contributions.enums import Origin, Status
from geoparticipation.contributions.errors import IdentityTooLow, PhaseClosed
from geoparticipation.contributions.models import Contribution
from layers.errors import Refusal
from tests.fixtures.cast import MakeUser
from tests.fixtures.question import MakeConsultation, Submit, actor_of, device_actor

CAST = ["agent", "moderator", "planner", "councillor", "citizen", "neighbour", "outsider", "unconfirmed", "visitor"]

# What each kind of phase opens, written down a second time on purpose.
OPEN = {
    None: "",
    PhaseKind.PRESENTATION: "",
    PhaseKind.CONTRIBUTION: "propose comment support prefer",
    PhaseKind.SURVEY: "respond",
    PhaseKind.VOTE: "support ballot prefer",
    PhaseKind.SYNTHESIS: "",
    PhaseKind.DEBATE: "comment support prefer",
    PhaseKind.DECISION: "",
    PhaseKind.FOLLOW_UP: "",
    PhaseKind.VOLUNTEERING: "volunteer",
}


@pytest.fixture
def actors(cast: dict[str, User], make_user: MakeUser) -> dict[str, Actor]:
    known = {name: actor_of(user) for name, user in cast.items()}
    return {**known, "unconfirmed": actor_of(make_user("unconfirmed", confirmed=False)), "visitor": device_actor()}


def answer(actor: Actor, *arguments: object, **options: object) -> str:
    """ "yes", or the code of the refusal."""
    try:
        rules.require_open(actor, *arguments, timezone.now(), **options)  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal.code
    return "yes"


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("kind", OPEN)
def test_everybody_in_every_phase(
    kind: PhaseKind | None, level: int, actors: dict[str, Actor], make_consultation: MakeConsultation
) -> None:
    consultation = make_consultation(kind, identity_level=level)

    answers = {
        (name, feature.value): answer(actors[name], consultation, feature) for name in CAST for feature in Feature
    }

    expected = {}
    for name in CAST:
        for feature in Feature:
            # Who offers help must be reached, whatever the consultation asks for.
            asked = 1 if feature.value == "volunteer" else level
            allowed = "identity_level_too_low" if asked == 1 and name in {"unconfirmed", "visitor"} else "yes"
            expected[name, feature.value] = allowed if feature.value in OPEN[kind].split() else "phase_closed"
    assert answers == expected


@pytest.mark.parametrize("name", CAST)
def test_paper_is_entered_by_agents_and_moderators_only(
    name: str, actors: dict[str, Actor], make_consultation: MakeConsultation
) -> None:
    consultation = make_consultation(identity_level=1)

    for origin in (Origin.PAPER, Origin.PHONE, Origin.MEETING):
        expected = "yes" if name in {"agent", "moderator"} else "not_allowed"
        assert answer(actors[name], consultation, Feature.PROPOSE, origin=origin) == expected


def test_unpublished_consultation_does_not_exist_and_an_archived_one_is_closed(
    citizen: User, make_consultation: MakeConsultation
) -> None:
    now = timezone.now()
    with pytest.raises(UnknownConsultation):
        rules.require_open(actor_of(citizen), make_consultation(state=ConsultationState.DRAFT), Feature.PROPOSE, now)
    with pytest.raises(PhaseClosed):
        rules.require_open(actor_of(citizen), make_consultation(state=ConsultationState.ARCHIVED), Feature.PROPOSE, now)


def test_locked_account_may_do_nothing(citizen: User, make_consultation: MakeConsultation) -> None:
    citizen.is_active = False

    with pytest.raises(NotAllowed):
        rules.require_open(actor_of(citizen), make_consultation(), Feature.SUPPORT, timezone.now())


def test_start_of_a_phase_belongs_to_it_and_its_end_does_not(
    citizen: User, make_consultation: MakeConsultation
) -> None:
    consultation = make_consultation()
    phase = consultation.phases.get()
    actor, tick = actor_of(citizen), timedelta(microseconds=1)

    assert rules.require_open(actor, consultation, Feature.PROPOSE, phase.starts_at) == phase
    assert rules.require_open(actor, consultation, Feature.PROPOSE, phase.ends_at - tick) == phase
    for outside in (phase.starts_at - tick, phase.ends_at):
        with pytest.raises(PhaseClosed):
            rules.require_open(actor, consultation, Feature.PROPOSE, outside)


def test_needed_level_is_told(make_consultation: MakeConsultation) -> None:
    with pytest.raises(IdentityTooLow) as refusal:
        rules.require_open(device_actor(), make_consultation(identity_level=1), Feature.PROPOSE, timezone.now())
    assert refusal.value.extra == {"needed_level": IdentityLevel.EMAIL}


# from → to: who may. Everything that is not here is nobody's.
CHANGES = {
    ("draft", "submitted"): "author",
    ("draft", "withdrawn"): "author",
    ("submitted", "published"): "moderator",
    ("submitted", "hidden"): "moderator",
    ("submitted", "withdrawn"): "author",
    ("published", "hidden"): "moderator",
    ("published", "withdrawn"): "author",
    ("hidden", "published"): "moderator",
    ("hidden", "withdrawn"): "author",
}


def test_every_change_of_status_for_the_whole_cast(submit: Submit, actors: dict[str, Actor]) -> None:
    idea = submit(actor=actors["citizen"])

    allowed = set()
    for from_status in Status:
        idea.status = from_status
        for to_status in Status:
            for name in CAST:
                if rules.may_change_status(actors[name], idea, to_status):
                    allowed.add((from_status.value, to_status.value, name))

    assert allowed == {
        (*change, name)
        for change, who in CHANGES.items()
        for name in (["citizen"] if who == "author" else ["agent", "moderator"])
    }


RESPONSE_CHANGES = {
    ("counted", "hidden"): "moderator",
    ("counted", "withdrawn"): "author",
    ("hidden", "counted"): "moderator",
    ("hidden", "withdrawn"): "author",
}


def test_every_change_of_status_of_a_response_to_a_survey(submit: Submit, actors: dict[str, Actor]) -> None:
    idea = submit(actor=actors["citizen"])
    idea.kind = "response"

    allowed = set()
    for from_status in Status:
        idea.status = from_status
        for to_status in Status:
            for name in CAST:
                if rules.may_change_status(actors[name], idea, to_status):
                    allowed.add((from_status.value, to_status.value, name))

    assert allowed == {
        (*change, name)
        for change, who in RESPONSE_CHANGES.items()
        for name in (["citizen"] if who == "author" else ["agent", "moderator"])
    }


def test_device_is_the_author_of_what_nobody_signed(submit: Submit, citizen: User) -> None:
    idea = submit(actor=device_actor("a"))
    again = Actor(device=idea.device)

    assert rules.is_author(again, idea)
    assert not rules.is_author(device_actor("b"), idea)
    assert not rules.is_author(actor_of(citizen), idea)
    assert not rules.is_author(Actor(), Contribution(author=None, device=None))
