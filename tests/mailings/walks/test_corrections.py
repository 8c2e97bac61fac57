"""What people noted of addresses changes the register once an agent accepts it, and leaves a trace."""

from __future__ import annotations

import pytest
from django.test import Client

from geoparticipation.accounts.models import User
from geoparticipation.mailings.domain.walks.record_acts import record_act
from geoparticipation.mailings.models import AddressCorrection, MailingLetterbox, Round, RoundEvent
from neighbourhoods.models import Address
from tests.fixtures.tiny_town import TinyTown

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


def noted(round_: Round, register_id: str, act: str, text: str = "") -> RoundEvent:
    letterbox = MailingLetterbox.objects.get(mailing=round_.mailing, address__register_id=register_id)
    record_act(round_=round_, act=act, letterbox=letterbox.pk, text=text)
    return RoundEvent.objects.get(letterbox=letterbox, act=act)


def page(round_: Round) -> str:
    return f"/workspace/mailings/{round_.mailing_id}/corrections/"


def decide(desk: Client, event: RoundEvent, decision: str, **more: str) -> int:
    return desk.post(page(event.round), {"event": str(event.pk), "decision": decision, **more}).status_code


def address(register_id: str) -> Address:
    return Address.objects.get(register_id=register_id)


def test_nothing_changes_before_an_agent_accepts(desk: Client, walked: Round, agent: User) -> None:
    event = noted(walked, "haute 1", "no_flyers")
    assert not address("haute 1").no_flyers

    assert decide(desk, event, "no_flyers") == 302

    assert address("haute 1").no_flyers
    trace = AddressCorrection.objects.get()
    assert (trace.event, trace.address, trace.decided_by) == (event, address("haute 1"), agent)
    assert (trace.before, trace.after) == ({"no_flyers": False}, {"no_flyers": True})


def test_a_wrong_address_is_closed_or_moved(desk: Client, walked: Round, tiny_town: TinyTown) -> None:
    gone, elsewhere = noted(walked, "haute 1", "wrong_address"), noted(walked, "parc 1", "wrong_address", "at 3")

    assert decide(desk, gone, "closed") == 302
    assert decide(desk, elsewhere, "moved", place="Nowhere") == 422
    assert decide(desk, elsewhere, "moved", place="Rue Haute 3") == 302

    assert address("haute 1").closed_at is not None
    moved = address("parc 1")
    assert moved.geometry.coords == address("haute 3").geometry.coords
    assert moved.district == tiny_town.west
    trace = AddressCorrection.objects.get(event=elsewhere)
    assert trace.before["geometry"] == [4.4153, 50.844]


def test_what_is_refused_changes_nothing(desk: Client, walked: Round) -> None:
    event = noted(walked, "haute 1", "wrong_address")

    assert decide(desk, event, "refused") == 302

    assert address("haute 1").closed_at is None
    assert AddressCorrection.objects.get().after == {}
    assert desk.get(page(walked)).context["page"].paginator.count == 0
    assert decide(desk, event, "closed") == 422


def test_what_was_taken_back_or_is_no_matter_of_the_register_waits_for_nobody(desk: Client, walked: Round) -> None:
    noted(walked, "haute 1", "no_access")
    noted(walked, "haute 2", "no_flyers")
    noted(walked, "haute 2", "cleared")
    waits = noted(walked, "haute 3", "no_flyers")

    assert [event.pk for event in desk.get(page(walked)).context["page"]] == [waits.pk]


def test_a_note_that_was_taken_back_meanwhile_is_not_carried_out(desk: Client, walked: Round) -> None:
    event = noted(walked, "haute 1", "wrong_address")
    noted(walked, "haute 1", "cleared")

    assert decide(desk, event, "closed") == 422

    assert address("haute 1").closed_at is None
    assert not AddressCorrection.objects.exists()


def test_an_address_that_the_register_closed_is_not_corrected(desk: Client, walked: Round) -> None:
    event = noted(walked, "haute 1", "wrong_address")
    assert decide(desk, event, "closed") == 302
    other = RoundEvent.objects.create(
        id="00000000-0000-4000-8000-000000000001",
        round=walked,
        act="no_flyers",
        letterbox=event.letterbox,
        made_at=event.made_at,
    )

    assert decide(desk, other, "no_flyers") == 422


def test_only_agents_decide(client: Client, walked: Round, moderator: User) -> None:
    event = noted(walked, "haute 1", "no_flyers")
    client.force_login(moderator)

    assert decide(client, event, "no_flyers") == 403
    assert not address("haute 1").no_flyers
