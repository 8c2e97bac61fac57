"""Making, changing, publishing and archiving a consultation."""

from __future__ import annotations

from typing import Any, Final, cast
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.models import User
from geoparticipation.consultations.domain.identity_levels import require_level_may_change
from geoparticipation.consultations.enums import ConsultationState, ModerationRule, PlacePrivacy, VoicesPer
from geoparticipation.consultations.errors import ConsultationIncomplete, NoPhases, UnsafeLink
from geoparticipation.consultations.models import Consultation
from geoparticipation.consultations.rules import require_may_manage
from neighbourhoods.models import Target

DESCRIPTION_TAGS: Final = {
    "a", "blockquote", "br", "em", "h3", "h4", "hr", "i", "b", "li", "ol", "p", "strong", "ul",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip

TEXT_FIELDS: Final = (
    "political_lead",
    "operational_lead",
    "help_place",
    "help_phone",
    "help_hours",
    "charter",
)
_CHOICES: Final[dict[str, set[str]]] = {
    "language": {code for code, _name in settings.LANGUAGES},
    "moderation": set(ModerationRule.values),
    "place_privacy": set(PlacePrivacy.values),
    "voices_per": set(VoicesPer.values),
}
_CHANGED: Final = (
    "title", "summary", "description", "language", "target", "inside_target_only", "identity_level", "voices_per",
    "moderation", "place_privacy", "max_area_m2", "video_url", *TEXT_FIELDS, "updated_at",
)  # fmt: skip
_RESERVED_SLUGS: Final = {"new", "nouvelle"}


def clean_html(html: str) -> str:
    """Keep what describes a project (headings, lists, links, tables) and drop everything that could run or load."""
    return nh3.clean(
        html,
        tags=DESCRIPTION_TAGS,
        attributes={"a": {"href"}, "th": {"scope"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def web_address(url: str, field: str) -> str:
    """Return the address when it is http(s) with a host, or empty; raise UnsafeLink otherwise."""
    url = url.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        safe = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        safe = False
    if not safe or any(character.isspace() or ord(character) < 32 for character in url) or len(url) > 200:
        raise UnsafeLink(field)
    return url


def _free_slug(title: str) -> str:
    base = slugify(title)[:70].strip("-") or "consultation"
    if base in _RESERVED_SLUGS:
        base = f"{base}-1"
    taken = set(Consultation.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, 9999))) if slug not in taken)


def _require_text(value: str, field: str, longest: int) -> str:
    value = " ".join(value.split())
    if not value:
        raise ConsultationIncomplete(_("Please fill this in."), field=field)
    if len(value) > longest:
        raise ConsultationIncomplete(
            _("This is %(length)d characters long; at most %(longest)d fit.")
            % {"length": len(value), "longest": longest},
            field=field,
        )
    return value


@transaction.atomic
def write_consultation(
    *,
    user: User,
    title: str,
    summary: str,
    consultation: Consultation | None = None,
    description: str = "",
    language: str = "",
    target: Target | None = None,
    inside_target_only: bool = False,
    identity_level: int = IdentityLevel.DEVICE,
    voices_per: str = VoicesPer.LETTERBOX,
    moderation: str = ModerationRule.AFTER,
    place_privacy: str = PlacePrivacy.EXACT,
    max_area_m2: int = 2_000_000,
    video_url: str = "",
    **texts: str,
) -> Consultation:
    """Make a consultation (a draft), or change the one given; all of its texts are set to what is passed.

    What is not passed (state, slug, process) stays as the database has it, whatever the given object says.
    `description` is HTML and is cleaned; `texts` are those of TEXT_FIELDS. The slug is made from the title once and
    stays, so that links live. Whoever calls this has made sure that `user` may; the pages and commands of agents call
    `save_consultation`. Raises ConsultationIncomplete (with `field`), UnsafeLink.
    """
    unknown = set(texts) - set(TEXT_FIELDS)
    if unknown:
        raise TypeError(f"save_consultation() has no field {', '.join(sorted(unknown))}")
    consultation = consultation or Consultation(created_by=user)
    consultation.title = _require_text(title, "title", 160)
    consultation.summary = _require_text(summary, "summary", 300)
    consultation.description = clean_html(description)
    chosen: dict[str, Any] = {
        "language": language or consultation.language or settings.LANGUAGE_CODE,
        "moderation": moderation,
        "place_privacy": place_privacy,
        "voices_per": voices_per,
    }
    for field, value in chosen.items():
        if value not in _CHOICES[field]:
            raise ConsultationIncomplete(_("Please choose one from the list."), field=field)
        setattr(consultation, field, value)
    if identity_level not in IdentityLevel.values:
        raise ConsultationIncomplete(_("Please choose one from the list."), field="identity_level")
    if not 1 <= max_area_m2 <= 2_000_000_000:
        raise ConsultationIncomplete(_("Please give an area between 1 and 2,000,000,000 m²."), field="max_area_m2")
    if inside_target_only and target is None:
        raise ConsultationIncomplete(
            _("Choose a target, or let people place their ideas everywhere."), field="inside_target_only"
        )
    if consultation.pk is not None:
        require_level_may_change(consultation, identity_level)
    consultation.identity_level = identity_level
    consultation.max_area_m2 = max_area_m2
    consultation.target = target
    consultation.inside_target_only = inside_target_only
    consultation.video_url = web_address(video_url, "video_url")
    for field in TEXT_FIELDS:
        text = texts.get(field, "").strip()
        longest = cast("int | None", Consultation._meta.get_field(field).max_length)  # type: ignore[union-attr]
        if longest is not None and len(text) > longest:
            raise ConsultationIncomplete(
                _("This is %(length)d characters long; at most %(longest)d fit.")
                % {"length": len(text), "longest": longest},
                field=field,
            )
        setattr(consultation, field, text)
    if consultation.pk is not None:
        consultation.save(update_fields=_CHANGED)
        return consultation
    consultation.slug = _free_slug(consultation.title)
    try:
        with transaction.atomic():
            consultation.save()
    except IntegrityError:  # another agent took the same slug at this very moment
        consultation.slug = _free_slug(consultation.title)
        consultation.save()
    return consultation


def save_consultation(*, user: User, **said: Any) -> Consultation:
    """Let an agent make or change a consultation: `write_consultation`, which says what is `said`.

    Raises NotAllowed and what that raises.
    """
    require_may_manage(user)
    return write_consultation(user=user, **said)


@transaction.atomic
def publish_consultation(*, consultation: Consultation, user: User) -> Consultation:
    """Put it online (again). Raises NotAllowed, NoPhases. Does nothing to one that is online."""
    require_may_manage(user)
    return open_consultation(consultation=consultation)


@transaction.atomic
def open_consultation(*, consultation: Consultation) -> Consultation:
    """Put it online for whoever may, which the caller has made sure of. Raises NoPhases."""
    if not consultation.phases.exists():
        raise NoPhases
    return _set_state(consultation, ConsultationState.PUBLISHED)


@transaction.atomic
def archive_consultation(*, consultation: Consultation, user: User) -> Consultation:
    """Close it for good while everybody may still read it. Raises NotAllowed."""
    require_may_manage(user)
    return close_consultation(consultation=consultation)


@transaction.atomic
def close_consultation(*, consultation: Consultation) -> Consultation:
    """Close it for whoever may, which the caller has made sure of."""
    return _set_state(consultation, ConsultationState.ARCHIVED)


def _set_state(consultation: Consultation, state: ConsultationState) -> Consultation:
    consultation.state = state
    consultation.save(update_fields=["state", "updated_at"])
    return consultation
