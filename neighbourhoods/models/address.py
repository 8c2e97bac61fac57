"""Addresses: the letterboxes of the territory."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models.district import District
from neighbourhoods.models.street import Street


class AddressQuerySet(models.QuerySet["Address"]):
    """Answers about addresses."""

    def current(self) -> AddressQuerySet:
        """Addresses that their register still has."""
        return self.filter(closed_at__isnull=True)


class Address(models.Model):
    """A letterbox (Point, SRID 4326). It belongs to its street by the register, not by distance.

    `number` and `number_suffix` are the parsed house number ("12 bis" → 12, "bis"); `number` is null where the
    register gives none. `district` is the smallest current district, kept for lists; it is set by the importers.
    An address that its register no longer has is closed, never deleted: `closed_at` says since which import. Look-ups
    take `current()` ones only; what refers to a closed address still reads it.
    """

    register_id = models.CharField(_("identifier in the register"), max_length=120)
    source = models.CharField(_("source"), max_length=40)
    street = models.ForeignKey(Street, models.PROTECT, related_name="addresses", verbose_name=_("street"))
    house_number = models.CharField(_("house number"), max_length=40, blank=True)
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    number_suffix = models.CharField(_("suffix of the number"), max_length=30, blank=True)
    box = models.CharField(_("box"), max_length=40, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    locality = models.CharField(_("locality"), max_length=120, blank=True)
    geometry = models.PointField(_("place"), srid=4326)
    district = models.ForeignKey(
        District, models.SET_NULL, null=True, blank=True, related_name="addresses", verbose_name=_("district")
    )
    dwellings = models.PositiveIntegerField(_("dwellings"), default=1)
    no_flyers = models.BooleanField(_("does not want flyers"), default=False)

    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(fields=["source", "register_id"], name="address_once_per_register"),
        ]
        indexes = [models.Index(fields=["street", "number"], name="address_street_number_idx")]

    def __str__(self) -> str:
        return f"{self.street.name} {self.house_number}".strip()
