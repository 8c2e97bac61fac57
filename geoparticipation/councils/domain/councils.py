"""Making and changing councils, and who sits in them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.consultations.rules import require_may_manage
from geoparticipation.councils.errors import AlreadySeated, CouncilIncomplete
from geoparticipation.councils.models import Council, CouncilMember
from layers.plain_text import clean_text
from neighbourhoods.models import Target

_RESERVED_SLUGS: Final = {"new"}


@transaction.atomic
def save_council(
    *,
    agent: User,
    name: str,
    area: Target,
    council: Council | None = None,
    text: str = "",
    language: str = "",
    contact: str = "",
    email: str = "",
    may_publish: bool = False,
    is_active: bool = True,
) -> Council:
    """Make a council or change the one given. The address of its page is made from its name once and stays.

    Consultations that it started keep their target when the area changes: what is online stays so, and a draft that
    now reaches beyond the area is refused when it is next saved or put online by the council. Raises NotAllowed,
    CouncilIncomplete.
    """
    require_may_manage(agent)
    kept = Council(made_by=agent) if council is None else Council.objects.select_for_update().get(pk=council.pk)
    kept.name = _words(name, "name", 120, lines=False)
    kept.text = _words(text, "text", 5000)
    kept.contact = _words(contact, "contact", 300, lines=False)
    if not kept.name:
        raise CouncilIncomplete(_("Give the council a name."), field="name")
    if area.geometry is None:
        raise CouncilIncomplete(_("This target has no shape on the map. Choose one that has."), field="area")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise CouncilIncomplete(_("This is no e-mail address."), field="email") from None
    kept.language = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    kept.area, kept.email = area, email
    kept.may_publish, kept.is_active = may_publish, is_active
    if kept.pk is not None:
        kept.save()
        return kept
    kept.slug = _free_slug(kept.name)
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:  # another agent took the same address at this very moment
        kept.slug = _free_slug(kept.name)
        kept.save()
    return kept


def save_member(
    *,
    agent: User,
    council: Council,
    name: str,
    since: date,
    member: CouncilMember | None = None,
    until: date | None = None,
    user: User | None = None,
    office: str = "",
    is_shown: bool = False,
) -> CouncilMember:
    """Give somebody a seat in the council, or change a term. A term that is over is kept: `until` ends it.

    `user` is the person's account, or null; only councillors act for the council, which their role says. Raises
    NotAllowed, CouncilIncomplete, AlreadySeated.
    """
    require_may_manage(agent)
    said: dict[str, Any] = {
        "name": _words(name, "name", 80, lines=False),
        "office": _words(office, "office", 80, lines=False),
        "is_shown": is_shown,
        "user": user,
        "since": since,
        "until": until,
    }
    if not said["name"]:
        raise CouncilIncomplete(_("Say who it is."), field="name")
    if until is not None and until < since:
        raise CouncilIncomplete(_("The last day comes after the first one."), field="until")
    kept = CouncilMember(council=council) if member is None else member
    for field, value in said.items():
        setattr(kept, field, value)
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        raise AlreadySeated from None
    return kept


def remove_member(*, agent: User, member: CouncilMember) -> None:
    """Take back a seat that was given by mistake, or whose name somebody wants deleted. Raises NotAllowed."""
    require_may_manage(agent)
    member.delete()


def _words(text: str, field: str, longest: int, *, lines: bool = True) -> str:
    text = clean_text(text, lines=lines)
    if len(text) > longest:
        raise CouncilIncomplete(_("Shorten this to %(longest)d characters.") % {"longest": longest}, field=field)
    return text


def _free_slug(name: str) -> str:
    base = slugify(name)[:70].strip("-") or "council"
    if base in _RESERVED_SLUGS:
        base = f"{base}-1"
    taken = set(Council.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, 9999))) if slug not in taken)
