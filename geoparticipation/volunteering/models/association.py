"""Associations and who may act for them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geoparticipation.volunteering.enums import AssociationState
from neighbourhoods.models import District, Street


class AssociationQuerySet(models.QuerySet["Association"]):
    """Answers about associations."""

    def public(self) -> AssociationQuerySet:
        """Those that an agent has checked."""
        return self.filter(state=AssociationState.CHECKED)

    def of(self, user: object) -> AssociationQuerySet:
        """Those for which this person may act."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(members__user=user)

    def visible_to(self, user: object) -> AssociationQuerySet:
        """Agents see all, members their own beside what is public."""
        if getattr(user, "is_agent", False):
            return self
        if not getattr(user, "is_authenticated", False):
            return self.public()
        own = AssociationMember.objects.filter(user=user).values("association")
        return self.filter(models.Q(state=AssociationState.CHECKED) | models.Q(pk__in=own))


class Association(models.Model):
    """An association with its seat (Point, SRID 4326, public) and how to reach it.

    `district` and `street` are where the seat is. Public once an agent has checked it; `reason` is what that agent
    wrote.
    """

    slug = models.SlugField(_("address of the page"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    summary = models.CharField(_("what it does, in a sentence"), max_length=300)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    website = models.URLField(_("website"), blank=True)
    contact_email = models.EmailField(_("e-mail address in public"), blank=True)
    contact_phone = models.CharField(_("telephone in public"), max_length=40, blank=True)
    geometry = models.PointField(_("seat"), srid=4326)
    district = models.ForeignKey(District, models.SET_NULL, null=True, blank=True, related_name="associations")
    street = models.ForeignKey(Street, models.SET_NULL, null=True, blank=True, related_name="associations")
    state = models.CharField(
        _("state"), max_length=10, choices=AssociationState, default=AssociationState.WAITING, editable=False
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = AssociationQuerySet.as_manager()

    class Meta:
        verbose_name = _("association")
        verbose_name_plural = _("associations")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it."""
        return self.state == AssociationState.CHECKED


class AssociationMember(models.Model):
    """A person who may act for an association."""

    association = models.ForeignKey(Association, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    since = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["association", "user"], name="member_once_per_association")]
