"""The clock of the follow-up, and the mails it causes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from geoparticipation.accounts.mail import mail_person
from geoparticipation.contributions.models import Contribution
from geoparticipation.followup.domain.cases import open_cases
from geoparticipation.followup.domain.commitments import plan_meetings
from geoparticipation.followup.domain.reminders import may_be_reminded, pass_on, remind
from geoparticipation.followup.models import AnswerNotice, OfficialAnswer, Reminder

_RETRY = RetryStrategy(max_attempts=5, exponential_wait=5)
AT_ONCE: Final = 50
"""How many people one job tells of an answer."""
TOLD_WITHIN: Final = timedelta(days=2)
"""So long, people who were not told of an answer yet are looked for, where a worker died or a mail server was away."""


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="follow_up", pass_context=False)
def follow_up(timestamp: int) -> None:
    """Every hour, take up what has enough supports, plan the college's meetings, and see to the mails that are due."""
    today = timezone.localdate()
    open_cases()
    plan_meetings(today=today)
    remind(today=today)
    late = AnswerNotice.objects.filter(told_at=None, answer__answered_on__gte=today - TOLD_WITHIN)
    for answer_id in late.order_by("answer").values_list("answer", flat=True).distinct():
        tell_of_answer.defer(answer_id=answer_id)


@app.task(retry=_RETRY)
def send_reminder(reminder_id: int) -> None:
    """Queue the mails of a reminder, one for each person, once."""
    with transaction.atomic():
        for person in pass_on(reminder_id):
            mail_reminder.defer(reminder_id=reminder_id, user_id=person.pk)


@app.task(retry=_RETRY)
def mail_reminder(reminder_id: int, user_id: int) -> None:
    """Mail a reminder to one agent. Skipped when it was answered meanwhile, or when they are no agent any more."""
    reminder = (
        Reminder.objects.select_related("case__contribution").filter(pk=reminder_id, case__answer__isnull=True).first()
    )
    person = may_be_reminded().filter(pk=user_id).first()
    if reminder is None or person is None:
        return
    idea = reminder.case.contribution
    url = settings.SITE_URL + reverse("workspace-case", args=[idea.code])
    context = {"reminder": reminder, "case": reminder.case, "idea": idea, "url": url}
    mail_person(person, "followup/mail/reminder.txt", context)


@app.task(retry=_RETRY)
def tell_of_answer(answer_id: int) -> None:
    """Queue the mails about an answer to whoever is to be told and was not yet, some people to a job."""
    waiting = AnswerNotice.objects.filter(answer=answer_id, told_at=None).order_by("pk")
    notices = list(waiting.values_list("pk", flat=True))
    with transaction.atomic():
        for start in range(0, len(notices), AT_ONCE):
            tell_people.defer(notice_ids=notices[start : start + AT_ONCE])


@app.task(retry=_RETRY)
def tell_people(notice_ids: list[int]) -> None:
    """Mail an answer to some people, each once, whoever else runs and however often this is tried again.

    An address that cannot be reached keeps nobody else from being told; the job then fails at its end.
    """
    failure: Exception | None = None
    for pk in notice_ids:
        try:
            _tell(pk)
        except Exception as error:
            failure = error
    if failure is not None:
        raise failure


@transaction.atomic
def _tell(notice_id: int) -> None:
    """Mail one person and note it, with the notice locked: another run passes it by."""
    waiting = AnswerNotice.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=notice_id, told_at=None)
    notice = waiting.select_related("user", "answer__case__contribution").first()
    if notice is None or not Contribution.objects.public().filter(case__answer=notice.answer_id).exists():
        return
    if notice.user.is_active:
        answer: OfficialAnswer = notice.answer
        idea = answer.case.contribution
        url = settings.SITE_URL + reverse("contribution", args=[idea.code])
        context = {"answer": answer, "idea": idea, "url": url, "own": notice.user_id == idea.author_id}
        mail_person(notice.user, "followup/mail/answer.txt", context)
    notice.told_at = timezone.now()
    notice.save(update_fields=["told_at"])
