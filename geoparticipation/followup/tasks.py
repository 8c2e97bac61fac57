"""The clock of the follow-up, and the mails it causes."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from geoparticipation.accounts.mail import mail_person
from geoparticipation.followup.domain.cases import open_cases
from geoparticipation.followup.domain.commitments import plan_meetings
from geoparticipation.followup.domain.reminders import people_to_remind, remind
from geoparticipation.followup.models import AnswerNotice, OfficialAnswer, Reminder

_RETRY = RetryStrategy(max_attempts=5, exponential_wait=5)


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="follow_up", pass_context=False)
def follow_up(timestamp: int) -> None:
    """Every hour, take up what has enough supports, plan the college's meetings and remind of what is due."""
    today = timezone.localdate()
    open_cases()
    plan_meetings(today=today)
    remind(today=today)


@app.task(retry=_RETRY)
def send_reminder(reminder_id: int) -> None:
    """Mail a reminder. Skipped when the case is gone or was answered meanwhile."""
    reminder = (
        Reminder.objects.select_related("case__in_charge", "case__contribution", "case__answer")
        .filter(pk=reminder_id, case__answer__isnull=True)
        .first()
    )
    if reminder is None:
        return
    idea = reminder.case.contribution
    url = settings.SITE_URL + reverse("workspace-case", args=[idea.code])
    for person in people_to_remind(reminder.case):
        mail_person(
            person,
            "followup/mail/reminder.txt",
            {"reminder": reminder, "case": reminder.case, "idea": idea, "url": url},
        )


@app.task(retry=_RETRY)
def tell_of_answer(answer_id: int) -> None:
    """Mail the answer to whoever is to be told and was not yet; a run that failed goes on where it was."""
    answer = OfficialAnswer.objects.select_related("case__contribution").filter(pk=answer_id).first()
    if answer is None:
        return
    idea = answer.case.contribution
    url = settings.SITE_URL + reverse("contribution", args=[idea.code])
    for notice in answer.notices.filter(told_at=None).select_related("user").order_by("pk"):
        if notice.user.is_active:
            own = notice.user_id == idea.author_id
            mail_person(
                notice.user, "followup/mail/answer.txt", {"answer": answer, "idea": idea, "url": url, "own": own}
            )
        AnswerNotice.objects.filter(pk=notice.pk).update(told_at=timezone.now())
