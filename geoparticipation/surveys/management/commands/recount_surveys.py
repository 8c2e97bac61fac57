"""`manage.py recount_surveys`: the tallies of surveys, compared with the responses themselves."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from geoparticipation.surveys.models import Survey
from geoparticipation.surveys.results.tallies import recount


class Command(BaseCommand):
    """Count every response again, one survey after another, and put right what differs."""

    help = "Counts the responses to all surveys again and puts the tallies right: after triggers were switched off."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say for each survey how many tallies were wrong."""
        for survey in Survey.objects.order_by("pk"):
            wrong = recount(survey)
            self.stdout.write(_("%(slug)s: %(count)d tallies put right.") % {"slug": survey.slug, "count": wrong})
