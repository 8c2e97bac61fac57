"""Entry point for WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoparticipation.settings")
site = get_wsgi_application()

from geoparticipation.serving import limit_queries, patient_with_bodies  # noqa: E402 (needs the applications)

application = patient_with_bodies(site)
limit_queries()
