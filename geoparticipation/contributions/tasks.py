"""What happens outside the request: mails, files that take long to write, and clearing away."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from geoparticipation.accounts.mail import mail_person
from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain.clear_photos import forget_lost_files
from geoparticipation.contributions.domain.exports import (
    forget_exports,
    give_up_export,
    token_of,
    write_export_file,
)
from geoparticipation.contributions.domain.hold_photo import forget_held_photos
from geoparticipation.contributions.enums import ExportState, Scope
from geoparticipation.contributions.models import Contribution, Export, PhotoRemoval, StatusChange

_RETRY = RetryStrategy(max_attempts=5, exponential_wait=5)


def _send(user: User, contribution: Contribution, template: str, **context: object) -> None:
    """Mail one person in their language, else in that of the contribution."""
    mail_person(
        user,
        f"contributions/mail/{template}.txt",
        {
            "contribution": contribution,
            "consultation": contribution.consultation,
            "url": settings.SITE_URL + reverse("contribution", args=[contribution.code]),
            **context,
        },
        language=user.language or contribution.language,
    )


@app.task(retry=_RETRY)
def send_receipt(contribution_id: int) -> None:
    """Tell the author that it arrived and what happens next. Skipped when it or the author is gone by now."""
    contribution = Contribution.objects.select_related("author", "consultation").filter(pk=contribution_id).first()
    if contribution is not None and contribution.author is not None and contribution.author.is_active:
        _send(contribution.author, contribution, "receipt")


@app.task(retry=_RETRY)
def send_decision(status_change_id: int) -> None:
    """Tell the author what a moderator decided, and why. Skipped when the author is gone by now."""
    change = (
        StatusChange.objects.select_related("contribution__author", "contribution__consultation")
        .filter(pk=status_change_id)
        .first()
    )
    if change is not None and change.contribution.author is not None and change.contribution.author.is_active:
        _send(change.contribution.author, change.contribution, "decision", change=change)


@app.task(retry=_RETRY)
def send_photo_removed(removal_id: int) -> None:
    """Tell the author which photo a moderator took off, and why. Skipped when the author is gone by now."""
    removal = (
        PhotoRemoval.objects.select_related("contribution__author", "contribution__consultation")
        .filter(pk=removal_id)
        .first()
    )
    if removal is not None and removal.contribution.author is not None and removal.contribution.author.is_active:
        _send(removal.contribution.author, removal.contribution, "photo_removed", removal=removal)


@app.periodic(cron="27 * * * *")
@app.task(queueing_lock="clear_photos", pass_context=False)
def clear_photos(timestamp: int) -> None:
    """Every hour, forget photos whose text never came, and files that belong to nothing any more."""
    forget_held_photos()
    forget_lost_files()


_ATTEMPTS = 4
_RETRY_WRITING = RetryStrategy(max_attempts=_ATTEMPTS, exponential_wait=5)


@app.task(retry=_RETRY_WRITING, pass_context=True)
def write_export(context: JobContext, export_id: int) -> None:
    """Write the file of an export and have the person told. May run again, after a kill as well."""
    try:
        write_export_file(export_id=export_id)
    except Exception:
        if context.job.attempts + 1 >= _ATTEMPTS:
            give_up_export(export_id=export_id, reason=_("The file could not be written. Please ask again."))
            tell_of_export.defer(export_id=export_id)
        raise
    tell_of_export.defer(export_id=export_id)


@app.task(retry=_RETRY)
def tell_of_export(export_id: int) -> None:
    """Mail the link, or why there is no file, once. Skipped when the row or the person is gone by now.

    The link of a public file opens it for whoever has the mail; that of another asks to sign in.
    """
    export = Export.objects.select_related("requested_by").filter(pk=export_id, told_at=None).first()
    if export is None or export.requested_by is None or not export.requested_by.is_active:
        return
    if export.state not in {ExportState.READY, ExportState.FAILED}:
        return
    url = settings.SITE_URL + reverse("export", args=[export.code])
    if export.scope == Scope.PUBLIC:
        url += f"?token={token_of(export)}"
    context = {"export": export, "url": url}
    mail_person(export.requested_by, "contributions/mail/export.txt", context, language=export.language)
    Export.objects.filter(pk=export.pk).update(told_at=timezone.now())


@app.periodic(cron="37 * * * *")
@app.task(queueing_lock="forget_exports", pass_context=False)
def forget_old_exports(timestamp: int) -> None:
    """Every hour, remove the files whose days are over."""
    forget_exports()
