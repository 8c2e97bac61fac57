"""Answering, telling everybody concerned, and noting what came of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.contributions.errors import OutsideTerritory
from geoparticipation.contributions.models import Support
from geoparticipation.contributions.text import clean_text
from geoparticipation.followup.domain.cases import (
    LINE_LENGTH,
    TEXT_LENGTH,
    lock_unanswered,
    require_euros,
    require_text,
)
from geoparticipation.followup.enums import Decision, Progress
from geoparticipation.followup.errors import DayMissing, NotAnswered, SayMore
from geoparticipation.followup.models import AnswerNotice, Case, CollegeMeeting, Measure, OfficialAnswer
from geoparticipation.followup.rules import require_may_follow_up
from layers.geometry import check_geometry
from neighbourhoods.domain.territory import territory_covers

PROGRESS_LENGTH: Final = 2000


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

    The mails are queued with the same transaction. Raises NotAllowed, AlreadyAnswered, SayMore.
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


@transaction.atomic
def record_progress(
    *,
    case: Case,
    agent: User,
    progress: str,
    text: str = "",
    spent: Decimal | None = None,
    done_on: date | None = None,
    geometry: GEOSGeometry | None = None,
    at: datetime | None = None,
) -> Measure:
    """Note how far an accepted idea is; `done_on` only and always where it is done. `geometry` in SRID 4326.

    Raises NotAllowed, NotAnswered, SayMore, DayMissing, OutsideTerritory and what `check_geometry` raises.
    """
    require_may_follow_up(agent)
    locked = Case.objects.select_for_update(of=("self",), no_key=True).select_related("answer").get(pk=case.pk)
    if not hasattr(locked, "answer") or locked.answer.decision == Decision.REFUSED:
        raise NotAnswered
    if progress not in Progress.values:
        raise SayMore(_("Choose how far it is."), field="progress")
    text = clean_text(text, lines=True)
    if len(text) > PROGRESS_LENGTH:
        raise SayMore(_("Shorten this to %(longest)d characters.") % {"longest": PROGRESS_LENGTH}, field="text")
    require_euros(spent, "spent")
    is_done = progress == Progress.DONE
    if is_done and (done_on is None or done_on > timezone.localdate(at)):
        raise DayMissing
    if geometry is not None:
        geometry = check_geometry(geometry)
        if not territory_covers(geometry):
            raise OutsideTerritory
    measure, _made = Measure.objects.update_or_create(
        case=locked,
        defaults={
            "progress": progress,
            "text": text,
            "spent": spent,
            "done_on": done_on if is_done else None,
            **({"geometry": geometry} if geometry is not None else {}),
        },
    )
    return measure
