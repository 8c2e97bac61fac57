"""Mails about accounts."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client, override_settings

from geoparticipation.accounts.models import User


@pytest.mark.django_db
@override_settings(TOWN_NAME="Tinyville", SITE_URL="https://tinyville.example")
def test_mail_after_signing_up_is_signed_with_the_town() -> None:
    Client().post("/compte/signup/", {"email": "new@example.org", "password1": "a long enough phrase"})

    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    assert "Tinyville" in message.body
    assert "tinyville.example" in message.body
    assert "example.com" not in message.body


@pytest.mark.django_db
def test_signing_up_says_the_same_to_whom_has_an_account_and_who_has_not(citizen: User) -> None:
    answers = [
        Client().post("/compte/signup/", {"email": email, "password1": "a long enough phrase"})
        for email in (citizen.email, "nobody@example.org")
    ]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/compte/confirm-email/")] * 2
    assert [message.to for message in mail.outbox] == [[citizen.email], ["nobody@example.org"]]
