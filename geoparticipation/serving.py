"""What only processes that serve the web do, and commands and workers do not."""

from __future__ import annotations

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections


def limit_queries() -> None:
    """Let PostgreSQL end a request's query after WEB_STATEMENT_TIMEOUT_S; for connections opened from now on."""
    milliseconds = settings.WEB_STATEMENT_TIMEOUT_S * 1000
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c statement_timeout={milliseconds}".strip()
