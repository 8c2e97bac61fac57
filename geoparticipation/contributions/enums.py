"""Closed lists of contributions."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a contribution is."""

    PROPOSAL = "proposal", _("idea")
    COMMENT = "comment", _("comment")
    OFFER = "offer", _("offer of help")
    MISSION = "mission", _("help wanted")
    RESPONSE = "response", _("answer to a survey")
    PLAN = "plan", _("place of a plan")


class Status(models.TextChoices):
    """Where a contribution is on its way; `rules.STATUS_CHANGES` lists the allowed changes."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("waiting to be read")
    PUBLISHED = "published", _("online")
    COUNTED = "counted", _("counted in the results, never shown by itself")
    HIDDEN = "hidden", _("hidden")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Origin(models.TextChoices):
    """How a contribution came in."""

    WEB = "web", _("website")
    API = "api", _("another program")
    PAPER = "paper", _("paper")
    PHONE = "phone", _("telephone")
    MEETING = "meeting", _("meeting")


class LocatedBy(models.TextChoices):
    """How its place was given."""

    PIN = "pin", _("a pin on the map")
    DRAWN = "drawn", _("drawn on the map")
    ADDRESS = "address", _("an address")
    LETTERBOX = "letterbox", _("the code on a flyer")
    STREET = "street", _("a street")
    DISTRICT = "district", _("a district")
    INHERITED = "inherited", _("the place of what it answers")


class PhotoMoment(models.TextChoices):
    """When a picture of something that changes was taken."""

    BEFORE = "before", _("before")
    AFTER = "after", _("after")


class PublicPlace(models.TextChoices):
    """How exactly everybody sees where one contribution is; the first two are also a consultation's choice."""

    EXACT = "exact", _("the exact place")
    STREET = "street", _("the street only")
    AREA = "area", _("an area of several homes")


class Scope(models.TextChoices):
    """Which columns, which places and which rows an export has; `rules.EXPORTERS` says for whom."""

    PUBLIC = "public", _("what is online, as everybody sees it")
    PLANNING = "planning", _("what is online, with what planners need")
    INTERNAL = "internal", _("everything, with the exact places")


class ExportState(models.TextChoices):
    """How far the file of an export is."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("being written")
    READY = "ready", _("ready")
    FAILED = "failed", _("not written")
    SENT = "sent", _("sent at once")
    EXPIRED = "expired", _("removed")
