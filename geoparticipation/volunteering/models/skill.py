"""What people can do for one another: a list that agents keep."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Skill(models.Model):
    """One entry of the list; `names` by language. One that is no longer offered stays with those who chose it."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    names = models.JSONField(_("names by language"), default=dict)
    is_offered = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["slug"]

    def __str__(self) -> str:
        """Give the name in the reader's language, else in the site's, else in any."""
        names: dict[str, str] = self.names
        for language in ((get_language() or "")[:2], settings.LANGUAGE_CODE[:2]):
            if names.get(language):
                return names[language]
        return next(iter(names.values()), self.slug)
