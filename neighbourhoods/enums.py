"""Closed lists of the territory."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Side(models.TextChoices):
    """Which house numbers of a street are meant."""

    BOTH = "both", _("both sides")
    EVEN = "even", _("even side")
    ODD = "odd", _("odd side")


class PartKind(models.TextChoices):
    """What one part of a target is made of."""

    DISTRICT = "district", _("district")
    STREET = "street", _("street")
    SHAPE = "shape", _("drawn shape")


class PartOperation(models.TextChoices):
    """Whether a part adds homes to the target or takes them away."""

    INCLUDE = "include", _("plus")
    EXCLUDE = "exclude", _("minus")


class GroundKind(models.TextChoices):
    """What the quiet base of the map shows beside streets and districts."""

    PARK = "park", _("park")
    WATER = "water", _("water")
    BUILDING = "building", _("building")


class RegisterKind(models.TextChoices):
    """What a register that an agent uploads is a list of."""

    ADDRESSES = "addresses", _("addresses")
    STREETS = "streets", _("streets")
    DISTRICTS = "districts", _("districts")


class UploadState(models.TextChoices):
    """Where an uploaded register is on its way into the territory."""

    RECEIVED = "received", _("being read")
    UNREADABLE = "unreadable", _("cannot be read")
    READY = "ready", _("to be checked")
    WAITING = "waiting", _("waiting")
    LOADING = "loading", _("being loaded")
    LOADED = "loaded", _("loaded")
    REFUSED = "refused", _("not loaded")
    CANCELLED = "cancelled", _("cancelled")
