"""Mails about accounts."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client, override_settings


@pytest.mark.django_db
@override_settings(TOWN_NAME="Tinyville", SITE_URL="https://tinyville.example")
def test_mail_after_signing_up_is_signed_with_the_town() -> None:
    Client().post("/compte/signup/", {"email": "new@example.org", "password1": "a long enough phrase"})

    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    assert "Tinyville" in message.body
    assert "tinyville.example" in message.body
    assert "example.com" not in message.body
