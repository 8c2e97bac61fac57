"""What happens after a contribution was stored, outside the request: mails, and clearing away photos."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from geoparticipation.accounts.models import User
from geoparticipation.contributions.domain.clear_photos import forget_lost_files
from geoparticipation.contributions.domain.hold_photo import forget_held_photos
from geoparticipation.contributions.models import Contribution, PhotoRemoval, StatusChange

_RETRY = RetryStrategy(max_attempts=5, exponential_wait=5)


def _send(user: User, contribution: Contribution, template: str, **context: object) -> None:
    """Mail one person in their language (or the site's). The first line of the template is the subject."""
    with translation.override(user.language or contribution.language or settings.LANGUAGE_CODE):
        text = render_to_string(
            f"contributions/mail/{template}.txt",
            {
                "contribution": contribution,
                "consultation": contribution.consultation,
                "url": settings.SITE_URL + reverse("contribution", args=[contribution.code]),
                **context,
            },
        )
    subject, _blank, body = text.strip().partition("\n")
    send_mail(subject.strip(), body.strip() + "\n", None, [user.email])


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
