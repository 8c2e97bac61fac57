"""A vote that was held elsewhere, from its .pb file: projects with their places, and ballots."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.budgets.domain.import_pabulib_ballots import import_ballots
from geoparticipation.budgets.domain.import_pabulib_projects import import_projects
from geoparticipation.budgets.domain.vote_lock import enter_vote
from geoparticipation.budgets.enums import (
    Method,
    Rule,
    TieRule,
)
from geoparticipation.budgets.errors import BudgetNotOfFile, SlugUnusable, VoteClosed
from geoparticipation.budgets.models import Budget, Envelope
from geoparticipation.budgets.pabulib.reading import PabulibFile
from geoparticipation.consultations.enums import ConsultationState, PhaseKind
from geoparticipation.consultations.models import Consultation, Phase
from layers.plain_text import clean_text
from neighbourhoods.importers.progress import SilentTicker, Ticker
from neighbourhoods.importers.report import ImportReport

_DAY_FORMATS: Final = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%m.%Y", "%Y")


@transaction.atomic
def import_pabulib(
    *, file: PabulibFile, slug: str, report: ImportReport, ticker: Ticker | None = None, at: datetime | None = None
) -> Budget:
    """Store the file's budget, projects and ballots in the consultation of this address, made when there is none.

    A project lies where the file says, else it is its district, else the whole town. Rows that cannot be used are
    refused in the report and the others taken. The same file again changes nothing; a later one changes what
    differs and removes nothing. Raises PabulibUnreadable, BudgetNotOfFile, VoteClosed, SlugUnusable,
    PlaceOfProjectsUnknown.
    """
    ticker = ticker or SilentTicker()
    method, amount = file.method, file.budget
    consultation = Consultation.objects.filter(slug=slug).first() or _make_consultation(slug, file)
    budget = _save_budget(consultation, file, method, amount)
    enter_vote(budget)
    envelope, _made = Envelope.objects.update_or_create(budget=budget, district=None, defaults={"amount": amount})
    import_projects(budget, envelope, file, report=report, ticker=ticker, at=at or timezone.now())
    import_ballots(budget, envelope, file, report=report, ticker=ticker, at=at or timezone.now())
    return budget


def _make_consultation(slug: str, file: PabulibFile) -> Consultation:
    if not re.fullmatch(r"[-a-zA-Z0-9_]{1,80}", slug):
        raise SlugUnusable(slug)
    meta = file.meta
    title = " · ".join(filter(None, (meta.get("description", ""), meta.get("subunit", ""), meta.get("instance", ""))))
    language = meta.get("language", "").lower()
    known = {code for code, _name in settings.LANGUAGES}
    consultation = Consultation.objects.create(
        slug=slug,
        title=clean_text(title, lines=False)[:160] or slug,
        summary=_("A participatory budget read from a file: %(unit)s.") % {"unit": meta.get("unit", slug)},
        language=language if language in known else settings.LANGUAGE_CODE,
        state=ConsultationState.PUBLISHED,
    )
    begins, ends = _day(meta.get("date_begin", "")), _day(meta.get("date_end", ""))
    if begins is not None:
        last = ends + timedelta(days=1) if ends is not None and ends >= begins else None
        Phase.objects.create(consultation=consultation, kind=PhaseKind.VOTE, starts_at=begins, ends_at=last)
    return consultation


def _day(text: str) -> datetime | None:
    for form in _DAY_FORMATS:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=timezone.get_current_timezone())
        except ValueError:
            continue
    return None


def _save_budget(consultation: Consultation, file: PabulibFile, method: Method, amount: Decimal) -> Budget:
    budget = Budget.objects.filter(consultation=consultation).first() or Budget(consultation=consultation)
    if budget.pk and not budget.source:
        raise BudgetNotOfFile
    if budget.closed_at is not None:
        raise VoteClosed
    points = method == Method.POINTS
    budget.method = method
    budget.currency = (file.meta.get("currency") or "EUR").upper()[:3]
    budget.min_projects = 0
    budget.max_projects = 1 if file.meta.get("vote_type", "").lower() == "choose-1" else file.limit("max_length")
    budget.max_points = file.limit("max_sum_points") if points else 0
    budget.max_points_each = file.limit("max_points") if points else 0
    budget.rule = Rule.EQUAL_SHARES if "equal" in file.meta.get("rule", "").lower() else Rule.GREEDY_VOTES
    budget.tie_rule = TieRule.TEXT  # as the tools of Pabulib do
    budget.open_to_outside = True
    budget.source = {"meta": list(file.meta.items()), "projects": file.projects.columns, "votes": file.votes.columns}
    budget.save()
    return budget
