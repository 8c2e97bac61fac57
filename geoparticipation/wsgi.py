"""Entry point for WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application

from geoparticipation.serving import limit_queries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoparticipation.settings")
application = get_wsgi_application()
limit_queries()
