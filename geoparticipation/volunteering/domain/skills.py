"""The list of skills, which agents keep."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _

from geoparticipation.accounts.models import User
from geoparticipation.contributions.text import clean_text
from geoparticipation.volunteering.errors import OfferIncomplete
from geoparticipation.volunteering.models import Skill
from geoparticipation.volunteering.rules import require_agent

NAME_LENGTH = 60


def save_skill(*, user: User, names: Mapping[str, str], skill: Skill | None = None, is_offered: bool = True) -> Skill:
    """Add a skill or change the one given; `names` by language, of which all the site's are needed.

    One that is no longer offered stays with the offers and missions that have it. Raises NotAllowed, OfferIncomplete.
    """
    require_agent(user)
    cleaned = {code: clean_text(names.get(code, ""), lines=False) for code, _name in settings.LANGUAGES}
    for code, name in cleaned.items():
        if not name or len(name) > NAME_LENGTH:
            raise OfferIncomplete(
                _("Give it a name of at most %(longest)d characters in every language.") % {"longest": NAME_LENGTH},
                field=f"name_{code}",
            )
    skill = skill or Skill(slug=_free_slug(cleaned[settings.LANGUAGE_CODE[:2]]))
    skill.names, skill.is_offered = cleaned, is_offered
    skill.save()
    return skill


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "skill"
    taken = set(Skill.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, 9999))) if slug not in taken)
