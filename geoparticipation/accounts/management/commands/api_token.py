"""`manage.py api_token EMAIL`: the key with which another program acts as a person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from geoparticipation.accounts.domain.tokens import issue_token
from geoparticipation.accounts.errors import UnknownAccount


class Command(BaseCommand):
    """Prints the token of one person, making it on first use."""

    help = "Print the API token of the person with this e-mail address (made on first use)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        """Print the token alone, so that scripts can take it as it is."""
        try:
            self.stdout.write(issue_token(email=email))
        except UnknownAccount as refusal:
            raise CommandError(refusal.detail) from refusal
