"""Mailing one person, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

from geoparticipation.accounts.models import User


def mail_person(person: User, template: str, context: Mapping[str, Any], *, language: str = "") -> None:
    """Send a template to a person, in this language, else in theirs, else in the site's.

    The first line of the template is the subject. Sends at once: for tasks, which are tried again when it fails.
    """
    with translation.override(language or person.language or settings.LANGUAGE_CODE):
        text = render_to_string(template, dict(context))
    subject, _blank, body = text.strip().partition("\n")
    send_mail(subject.strip(), body.strip() + "\n", None, [person.email])
