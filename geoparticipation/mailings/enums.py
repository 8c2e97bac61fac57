"""Closed lists of mailings."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How a mailing list was fetched."""

    PAGE = "page", _("page")
    API = "api", _("API")
    COMMAND = "command", _("command")


class FileFormat(models.TextChoices):
    """What a mailing list can be written as."""

    CSV = "csv", _("CSV (spreadsheet)")
    XLSX = "xlsx", _("Excel (XLSX)")
    GPKG = "gpkg", _("GeoPackage (map)")
    LABELS_PDF = "labels-pdf", _("Labels (PDF)")


class LabelSheet(models.TextChoices):
    """The sheets that labels are printed on, by the number of their maker (Avery)."""

    L7160 = "l7160", _("L7160: A4, 21 labels of 63.5 × 38.1 mm")
    US5160 = "5160", _("5160: US Letter, 30 labels of 66.7 × 25.4 mm")


class FlyersPer(models.TextChoices):
    """How many flyers a letterbox gets, each with a code of its own."""

    LETTERBOX = "letterbox", _("one for each letterbox")
    DWELLING = "dwelling", _("one for each dwelling")


class OrderState(models.TextChoices):
    """What became of a mailing that was asked for."""

    WAITING = "waiting", _("being made")
    MADE = "made", _("made")
    REFUSED = "refused", _("could not be made")


class StreetSide(models.TextChoices):
    """The side of a segment, going along it as it was drawn."""

    LEFT = "left", _("left")
    RIGHT = "right", _("right")


class FlyerTemplate(models.TextChoices):
    """What a flyer is printed on."""

    A5 = "a5", _("A5")
    A6 = "a6", _("A6 (postcard)")
    DL = "dl", _("DL (a third of A4)")
    A4 = "a4", _("A4, folded in three")


class RoundSide(models.TextChoices):
    """Which side of a segment is walked, going along it as it was drawn; both where one crosses to and fro."""

    LEFT = "left", _("left")
    RIGHT = "right", _("right")
    BOTH = "both", _("both sides")


class PlanState(models.TextChoices):
    """How far the rounds are that somebody asked for."""

    WAITING = "waiting", _("waiting for the worker")
    PLANNING = "planning", _("being planned")
    READY = "ready", _("planned")
    REFUSED = "refused", _("not planned")


class FlyerRunState(models.TextChoices):
    """How far the writing of a mailing's flyers is."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("being written")
    CANCELLED = "cancelled", _("stopped")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("removed")


class FlyerOrder(models.TextChoices):
    """In which order the flyers are printed."""

    LIST = "list", _("by street and house number")
    WALK = "walk", _("by round, as one walks")


class RoundAct(models.TextChoices):
    """What a person on a round notes: of a stop (the first two), or of a letterbox."""

    DONE = "done", _("done")
    UNDONE = "undone", _("not done after all")
    NO_ACCESS = "no_access", _("no access")
    NO_FLYERS = "no_flyers", _("no flyers")
    WRONG_ADDRESS = "wrong_address", _("wrong address")
    CLEARED = "cleared", _("nothing to note after all")


class Decision(models.TextChoices):
    """What an agent made of a correction that came from a round."""

    NO_FLYERS = "no_flyers", _("marked “no flyers”")
    CLOSED = "closed", _("address closed")
    MOVED = "moved", _("moved to another place")
    REFUSED = "refused", _("refused")
