"""Answering, and telling everybody concerned."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.contributions.models import Support
from geoparticipation.contributions.text import clean_text
from geoparticipation.followup.domain.cases import LINE_LENGTH, TEXT_LENGTH, lock_unanswered, require_text
from geoparticipation.followup.enums import Decision
from geoparticipation.followup.errors import SayMore
from geoparticipation.followup.models import AnswerNotice, Case, CollegeMeeting, OfficialAnswer
from geoparticipation.followup.rules import require_may_follow_up


@transaction.atomic
def publish_answer(
    *,
    case: Case,
    agent: User,
    decision: str,
    text: str,
    signed_by: str,
    meeting: CollegeMeeting | None = None,
    at: datetime | None = None,
) -> OfficialAnswer:
    """Publish the commune's answer; it stays. The author and the supporters with an account are told by e-mail, once.

    The mails are queued with the same transaction. Raises NotAllowed, AlreadyAnswered,
    NotOnline, SayMore.
    """
    require_may_follow_up(agent)
    locked = lock_unanswered(case)
    text, signed_by = clean_text(text, lines=True), clean_text(signed_by, lines=False)
    if decision not in Decision.values:
        raise SayMore(_("Choose what was decided."), field="decision")
    require_text(text, "text", TEXT_LENGTH, _("Write the answer: what was decided, and why."))
    require_text(signed_by, "signed_by", LINE_LENGTH, _("Say who answers: name and office."))
    day = timezone.localdate(at)
    if meeting is not None and meeting.held_on > day:
        raise SayMore(_("This meeting has not been held yet."), field="meeting")
    if meeting is not None and meeting.held_on < locked.opened_on:
        raise SayMore(_("This meeting was held before the idea was taken up."), field="meeting")
    answer = OfficialAnswer.objects.create(
        case=locked,
        decision=decision,
        text=text,
        signed_by=signed_by,
        meeting=meeting,
        answered_on=day,
        published_by=agent,
    )
    _queue_notices(answer)
    return answer


def _queue_notices(answer: OfficialAnswer) -> None:
    from geoparticipation.followup.tasks import tell_of_answer

    idea = answer.case.contribution
    people = set(Support.objects.filter(contribution=idea, user__isnull=False).values_list("user", flat=True))
    if idea.author_id is not None:
        people.add(idea.author_id)
    notices = AnswerNotice.objects.bulk_create(
        [AnswerNotice(answer=answer, user_id=pk) for pk in sorted(people)], batch_size=1000
    )
    if notices:
        tell_of_answer.defer(answer_id=answer.pk)
