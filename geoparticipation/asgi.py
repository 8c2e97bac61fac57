"""Entry point for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

from geoparticipation.serving import limit_queries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoparticipation.settings")
application = get_asgi_application()
limit_queries()
