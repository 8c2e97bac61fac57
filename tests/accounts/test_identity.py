"""Who acts, from which address, how well known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from rest_framework.authtoken.models import Token

from geoparticipation.accounts.domain.devices import keep_device
from geoparticipation.accounts.domain.people import save_person
from geoparticipation.accounts.domain.rates import count_action, prune_rates
from geoparticipation.accounts.enums import IdentityLevel, Role
from geoparticipation.accounts.errors import TooOften
from geoparticipation.accounts.identity import (
    Actor,
    actor_for,
    connection_address,
    identity_level,
    keyed_hash,
    source_of,
)
from geoparticipation.accounts.models import Device, RateCount, User
from tests.fixtures.cast import MakeUser

NOON = datetime(2026, 5, 4, 12, 40, tzinfo=UTC)


def a_request(method: str = "get", user: User | None = None, **meta: Any) -> Any:
    request = getattr(RequestFactory(), method)("/", **meta)
    request.user = user or AnonymousUser()
    return request


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1, 203.0.113.9, 198.51.100.2", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "nonsense", ""),
    ],
)
def test_only_trusted_proxies_are_believed(proxies: int, forwarded: str | None, expected: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}

    assert connection_address(a_request(REMOTE_ADDR="192.0.2.1", **headers)) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("::ffff:192.0.2.1", "192.0.2.1"), ("", "")],
)
def test_one_household_counts_as_one(address: str, expected: str) -> None:
    assert connection_address(a_request(REMOTE_ADDR=address)) == expected


def test_source_is_another_one_tomorrow_and_never_the_address() -> None:
    request = a_request(REMOTE_ADDR="192.0.2.1")
    today, tomorrow = source_of(request, date(2026, 5, 4)), source_of(request, date(2026, 5, 5))

    assert today != tomorrow
    assert len(today) == 64
    assert "192" not in today or "192.0.2.1" not in today
    assert keyed_hash("a", "bc") != keyed_hash("ab", "c")


def test_address_is_stored_nowhere(db: None) -> None:
    client = Client(REMOTE_ADDR="192.0.2.77")
    client.post("/api/v1/contributions/", "{}", content_type="application/json")
    with connection.cursor() as cursor:
        for table in ("accounts_ratecount", "accounts_device"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%%192.0.2.77%%'")
            assert cursor.fetchone() == (0,)


def test_reader_has_no_device_and_who_acts_gets_one_that_is_not_stored(db: None) -> None:
    assert actor_for(a_request("get")).device is None
    request = a_request("post")

    actor = actor_for(request)

    assert actor.device is not None
    assert actor.device.pk is None
    assert actor_for(request) is actor
    assert Device.objects.count() == 0
    kept = keep_device(actor=actor)
    assert kept is actor.device
    assert keep_device(actor=actor).pk == kept.pk  # type: ignore[union-attr]
    assert Device.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "confirmed", "level"),
    [
        (Role.CITIZEN, False, IdentityLevel.DEVICE),
        (Role.CITIZEN, True, IdentityLevel.EMAIL),
        (Role.AGENT, False, IdentityLevel.EMAIL),
        (Role.MODERATOR, False, IdentityLevel.EMAIL),
        (Role.PLANNER, False, IdentityLevel.EMAIL),
        (Role.COUNCILLOR, False, IdentityLevel.EMAIL),
    ],
)
def test_level_of_everybody(role: Role, confirmed: bool, level: IdentityLevel, make_user: MakeUser) -> None:
    assert identity_level(make_user("somebody", role, confirmed=confirmed)) == level
    assert identity_level(None) == IdentityLevel.DEVICE


def test_limit_holds_within_an_hour_and_for_each_source_alone(db: None, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "submit": 2}
    actor, other = Actor(source="a"), Actor(source="b")
    count_action(actor=actor, action="submit", at=NOON)
    count_action(actor=actor, action="submit", at=NOON)

    with pytest.raises(TooOften) as refusal:
        count_action(actor=actor, action="submit", at=NOON)

    assert refusal.value.retry_after == 20 * 60
    count_action(actor=other, action="submit", at=NOON)
    count_action(actor=actor, action="comment", at=NOON)
    count_action(actor=actor, action="submit", at=NOON + timedelta(minutes=20))


def test_confirmed_people_are_counted_by_account_and_staff_not_at_all(
    citizen: User, agent: User, settings: Any
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "submit": 1}
    settings.RATE_FACTOR_CONFIRMED = 2
    for source in ("home", "work"):
        count_action(actor=Actor(citizen, None, IdentityLevel.EMAIL, source), action="submit", at=NOON)
    with pytest.raises(TooOften):
        count_action(actor=Actor(citizen, None, IdentityLevel.EMAIL, "mobile"), action="submit", at=NOON)
    for _time in range(5):
        count_action(actor=Actor(agent, None, IdentityLevel.EMAIL, "home"), action="submit", at=NOON)
        count_action(actor=Actor(), action="submit", at=NOON)
    assert RateCount.objects.count() == 1


def test_old_counts_are_forgotten(db: None) -> None:
    count_action(actor=Actor(source="a"), action="submit", at=NOON)
    count_action(actor=Actor(source="a"), action="submit")

    assert prune_rates() == 1
    assert RateCount.objects.count() == 1


def test_api_token_prints_the_same_token_each_time(citizen: User) -> None:
    outputs = [StringIO(), StringIO()]
    for output in outputs:
        call_command("api_token", "Citizen@Example.org", stdout=output)

    assert outputs[0].getvalue() == outputs[1].getvalue() == f"{Token.objects.get(user=citizen).key}\n"
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        call_command("api_token", "nobody@example.org")


def test_save_person_changes_rather_than_doubles(db: None) -> None:
    first = save_person(email="Ana@example.org", password="a-long-password")
    second = save_person(email="ana@Example.org", role=Role.AGENT, name="Ana")

    assert first.pk == second.pk
    assert (second.role, second.name) == (Role.AGENT, "Ana")
    assert second.check_password("a-long-password")
    assert identity_level(User.objects.get()) == IdentityLevel.EMAIL


def test_same_actor_is_not_kept_beyond_signing_in(citizen: User) -> None:
    request = a_request("post")
    before = actor_for(request)
    request.user = citizen

    assert before.user is None
    assert actor_for(request).user == citizen
