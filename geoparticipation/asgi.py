"""Entry point for ASGI servers: the live streams under /live/, and the site.

Beside the WSGI program one runs this for the streams alone (docs/adr/0028).
"""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoparticipation.settings")
site = get_asgi_application()

from geoparticipation.meetings.live.stream import PREFIX, serve_stream  # noqa: E402 (needs the applications)
from geoparticipation.serving import limit_queries  # noqa: E402

limit_queries()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Streams, the site, and the server's own start and end, for which nothing is to be done."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
        await serve_stream(scope, receive, send)
    else:
        await site(scope, receive, send)
