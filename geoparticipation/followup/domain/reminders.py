"""Reminding whoever is in charge, once of each thing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from geoparticipation.accounts.enums import Role
from geoparticipation.accounts.models import User
from geoparticipation.followup.enums import ReminderKind
from geoparticipation.followup.models import Case, Reminder

DAYS_BEFORE: Final = 7


@transaction.atomic
def remind(*, today: date) -> list[Reminder]:
    """Queue the reminders that are due today and were never sent; returns them. Three queries and one for each mail.

    Of a study or an answer from seven days before its last day on, of a late answer from the day after. Nobody in
    charge: every agent is written to. May run again on the same day: nothing is sent twice.
    """
    from geoparticipation.followup.tasks import send_reminder

    soon = today + timedelta(days=DAYS_BEFORE)
    cases = (
        Case.objects.public()
        .filter(answer__isnull=True)
        .filter(Q(study__isnull=True, study_due_on__lte=soon) | Q(answer_due_on__lte=soon))
        .select_related("study")
        .order_by("pk")
    )
    wanted = [Reminder(case=case, kind=kind, sent_on=today) for case in cases for kind in _kinds(case, today)]
    known = set(Reminder.objects.filter(case__in=[one.case_id for one in wanted]).values_list("case_id", "kind"))
    fresh = [one for one in wanted if (one.case_id, one.kind) not in known]
    # Two processes at once: the second breaks the constraint here and sends nothing.
    Reminder.objects.bulk_create(fresh)
    for reminder in fresh:
        send_reminder.defer(reminder_id=reminder.pk)
    return fresh


def _kinds(case: Case, today: date) -> list[ReminderKind]:
    """What there is to say of a case without an answer, at most one thing about each last day."""
    soon = today + timedelta(days=DAYS_BEFORE)
    kinds = []
    if not hasattr(case, "study") and today <= case.study_due_on <= soon:
        kinds.append(ReminderKind.STUDY_SOON)
    if case.answer_due_on < today:
        kinds.append(ReminderKind.OVERDUE)
    elif case.answer_due_on <= soon:
        kinds.append(ReminderKind.ANSWER_SOON)
    return kinds


@transaction.atomic
def pass_on(reminder_id: int) -> list[User]:
    """Say once of a reminder whom to mail; nobody when that was said before or nothing is owed any more."""
    waiting = Reminder.objects.select_for_update(of=("self",)).filter(pk=reminder_id, passed_on_at=None)
    reminder = waiting.select_related("case").first()
    if reminder is None or not Case.objects.public().filter(pk=reminder.case_id, answer=None).exists():
        return []
    reminder.passed_on_at = timezone.now()
    reminder.save(update_fields=["passed_on_at"])
    return people_to_remind(reminder.case)


def people_to_remind(case: Case) -> list[User]:
    """Who is written to about a case: the person in charge as long as they are an agent, or else every agent."""
    agents = may_be_reminded()
    in_charge = list(agents.filter(pk=case.in_charge_id)) if case.in_charge_id is not None else []
    return in_charge or list(agents.order_by("pk"))


def may_be_reminded() -> QuerySet[User]:
    """The agents with an account that is open."""
    return User.objects.filter(role=Role.AGENT, is_active=True)
