"""A neighbourhood council."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import models
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models import Target


class CouncilQuerySet(models.QuerySet["Council"]):
    """Answers about councils."""

    def active(self) -> CouncilQuerySet:
        """Those that exist today: the public sees no others."""
        return self.filter(is_active=True)

    def visible_to(self, user: object) -> CouncilQuerySet:
        """Agents see all, everybody else those that are active."""
        return self if getattr(user, "is_agent", False) else self.active()

    def touching(self, shape: GEOSGeometry) -> CouncilQuerySet:
        """Those whose area has a point in common with the shape (SRID 4326); on a border, those of both sides."""
        return self.filter(area__geometry__intersects=shape)


class Council(models.Model):
    """The people of a neighbourhood who speak for it within `area`.

    `may_publish` lets its councillors put their consultations online themselves; otherwise an agent reads them first.
    """

    slug = models.SlugField(_("address of the page"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    text = models.TextField(_("in a few words"), max_length=5000, blank=True)
    language = models.CharField(_("language of the text"), max_length=5, default="fr", choices=settings.LANGUAGES)
    area = models.ForeignKey(Target, models.PROTECT, related_name="councils", verbose_name=_("area"))
    contact = models.CharField(_("where and when to meet it"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail of the council"), blank=True)
    may_publish = models.BooleanField(_("puts its consultations online itself"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = CouncilQuerySet.as_manager()

    class Meta:
        verbose_name = _("neighbourhood council")
        verbose_name_plural = _("neighbourhood councils")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
