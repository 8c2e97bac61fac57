"""A mail server that refuses one address, as servers do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.mail.backends.locmem import EmailBackend


class PickyBackend(EmailBackend):
    """Takes every mail but those to `refused@example.org`."""

    def send_messages(self, messages: Sequence[Any]) -> int:
        if any("refused@example.org" in message.to for message in messages):
            raise OSError("refused")
        return int(super().send_messages(messages))
