"""What a person is told about a contribution that is not taken or not changed."""

from __future__ import annotations

from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.consultations.enums import Feature
from layers.errors import Refusal


class PhaseClosed(Refusal):
    """Nothing opens this at the moment; `extra["feature"]` says what was tried."""

    code = "phase_closed"
    status = 403

    def __init__(self, feature: Feature) -> None:
        sentence = {
            Feature.PROPOSE: _("This consultation does not take ideas at the moment."),
            Feature.COMMENT: _("This consultation does not take comments at the moment."),
            Feature.SUPPORT: _("This consultation does not take support at the moment."),
            Feature.RESPOND: _("This consultation does not take answers to its survey at the moment."),
            Feature.VOLUNTEER: _("This consultation does not take offers of help at the moment."),
            Feature.BALLOT: _("There is no vote at the moment."),
            Feature.PREFER: _("One cannot say at the moment what one prefers."),
        }[feature]
        super().__init__(sentence, feature=feature.value)


class IdentityTooLow(Refusal):
    """The consultation asks for a better known voice; `extra["needed_level"]` is the level."""

    code = "identity_level_too_low"
    status = 403

    def __init__(self, needed: int) -> None:
        sentence = (
            _("Please sign in with a confirmed e-mail address to take part here.")
            if needed == IdentityLevel.EMAIL
            else _("Please type the code on your flyer to take part here: every home has its own.")
        )
        super().__init__(sentence, needed_level=int(needed))


class CharterNotAccepted(Refusal):
    """The consultation has a charter that must be accepted."""

    code = "charter_not_accepted"

    def __init__(self) -> None:
        super().__init__(_("Please read and accept the charter first."), field="accept_charter")


class TextMissing(Refusal):
    """A title or a text is missing; `field` says which."""

    code = "text_missing"

    def __init__(self, field: str) -> None:
        sentence = _("Give your idea a title.") if field == "title" else _("Write something first.")
        super().__init__(sentence, field=field)


class TextTooLong(Refusal):
    """A title or a text is longer than what fits; `field` says which."""

    code = "text_too_long"

    def __init__(self, field: str, length: int, longest: int) -> None:
        super().__init__(
            _("This is %(length)d characters long; at most %(longest)d fit.") % {"length": length, "longest": longest},
            field=field,
            length=length,
            longest=longest,
        )


class UnknownChoice(Refusal):
    """A value that is not in a closed list; `field` says of which."""

    code = "unknown_choice"

    def __init__(self, field: str, choices: list[str]) -> None:
        super().__init__(
            _("Please choose one of these: %(choices)s.") % {"choices": ", ".join(choices)},
            field=field,
            choices=choices,
        )


class PaperFileUnreadable(Refusal):
    """A file of answers on paper that cannot be read as a table with the columns that it needs."""

    code = "paper_file_unreadable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="file")


class PlaceMissing(Refusal):
    """Neither a geometry nor a street, a district or an idea to take the place from."""

    code = "place_missing"

    def __init__(self) -> None:
        super().__init__(_("Say where it is: on the map, by an address, a street or a district."), field="geometry")


class OutsideTerritory(Refusal):
    """The place is not wholly in the town; `lon` and `lat` are of a point outside, where known."""

    code = "outside_territory"

    def __init__(self, **where: Any) -> None:
        super().__init__(_("This place is outside the town, or partly so."), field="geometry", **where)


class OutsideTarget(Refusal):
    """The place is not wholly in the consultation's target; `lon` and `lat` are of a point outside."""

    code = "outside_target"

    def __init__(self, **where: Any) -> None:
        super().__init__(
            _("This place is outside the area that this consultation is about, or partly so."),
            field="geometry",
            **where,
        )


class LineTooLong(Refusal):
    """Lines longer in all than anybody draws on purpose; `extra["max_length_m"]` is the limit in metres."""

    code = "line_too_long"

    def __init__(self, max_length_m: float) -> None:
        limit = formats.number_format(max_length_m / 1000, decimal_pos=0, force_grouping=True)
        super().__init__(
            _("What you drew is longer than %(limit)s km. Please draw a shorter line.") % {"limit": limit},
            field="geometry",
            max_length_m=max_length_m,
        )


class AreaTooLarge(Refusal):
    """The drawn area is larger than the consultation takes."""

    code = "area_too_large"

    def __init__(self, area_m2: float, max_area_m2: int) -> None:
        super().__init__(
            _("This area measures %(area)s m²; at most %(largest)s m² are taken. Draw a smaller one.")
            % {
                "area": formats.number_format(round(area_m2), use_l10n=True, force_grouping=True),
                "largest": formats.number_format(max_area_m2, use_l10n=True, force_grouping=True),
            },
            field="geometry",
            area_m2=round(area_m2, 1),
            max_area_m2=max_area_m2,
        )


class NoStreetToShow(Refusal):
    """The consultation shows streets only, and there is neither a street nor a district to show."""

    code = "no_street_to_show"

    def __init__(self) -> None:
        super().__init__(_("There is no street here to show in public. Please choose another place."), field="geometry")


class NoAreaToShow(Refusal):
    """The town's register has too few homes to make an area that hides one among them."""

    code = "no_area_to_show"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("The town’s register has too few homes to hide yours among them. Please call the town hall instead."),
            field="geometry",
        )


class CannotBeCommented(Refusal):
    """What is to be commented is not an idea online in this consultation."""

    code = "cannot_be_commented"

    def __init__(self) -> None:
        super().__init__(_("Comments answer an idea of the same consultation that is online."), field="parent")


class CannotBeSupported(Refusal):
    """Only what is online is supported, and no place of a plan: there one says what one prefers."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This contribution does not exist, or is not online."))


class UnknownContribution(Refusal):
    """There is no such contribution, or this person may not see it: the two look the same from outside."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This contribution does not exist, or is not online."))


class AlreadySpoken(Refusal):
    """At identity level 0 one device speaks once per question; `extra["earlier"]` is the code of what it said."""

    code = "already_contributed"
    status = 409

    def __init__(self, *, earlier: str, title: str, comment: bool) -> None:
        sentence = (
            _("You already commented on this idea from this device. Sign in to say more.")
            if comment
            else _("You already put in an idea from this device: “%(title)s”. Sign in to put in more.")
            % {"title": title}
        )
        super().__init__(sentence, earlier=earlier)


class StatusChangeNotAllowed(Refusal):
    """The table of status changes does not have this one, or not for this person."""

    code = "status_change_not_allowed"
    status = 409

    def __init__(self, from_status: str, to_status: str) -> None:
        super().__init__(
            _("This contribution cannot be changed in this way any more. Load the page again to see how it stands."),
            from_status=from_status,
            to_status=to_status,
        )


class NotYours(Refusal):
    """Only its author may do this."""

    code = "not_yours"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Only the person who wrote it may do this."))


class ReasonMissing(Refusal):
    """Who hides something says why; the author is told."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("Say why it is hidden: the author will be told."), field="reason")


class ExportFormatUnknown(Refusal):
    """A format that contributions are not written as."""

    code = "export_format_unknown"
    status = 404

    def __init__(self, name: str, formats: list[str]) -> None:
        super().__init__(
            _("There is no format “%(name)s”. Take one of: %(formats)s.")
            % {"name": name[:40], "formats": ", ".join(formats)},
            field="format",
            formats=formats,
        )


class ExportNeedsSignIn(Refusal):
    """A file that must be prepared, asked for by nobody we could write to; `extra["limit"]` rows are sent at once."""

    code = "export_needs_sign_in"
    status = 403

    def __init__(self, limit: int) -> None:
        super().__init__(
            _(
                "These are more than %(limit)s contributions. Sign in, and we prepare the file and write to you;"
                " narrow the filters; or take CSV or GeoJSON, which have no limit."
            )
            % {"limit": formats.number_format(limit, force_grouping=True)},
            limit=limit,
        )


class ExportNeedsPreparing(Refusal):
    """A file that is too large to be made while one waits; `extra["limit"]` rows are sent at once."""

    code = "export_needs_preparing"
    status = 409

    def __init__(self, limit: int) -> None:
        super().__init__(
            _(
                "These are more than %(limit)s contributions. Ask for the file to be prepared (POST to"
                " /api/v1/contributions/exports/), narrow the filters, or take CSV or GeoJSON."
            )
            % {"limit": formats.number_format(limit, force_grouping=True)},
            limit=limit,
        )


class ExportFiltersTooLong(Refusal):
    """Filters that no row can hold."""

    code = "export_filters_too_long"

    def __init__(self) -> None:
        super().__init__(_("These are too many filters for one file. Take some away."), field="filters")


class UnknownExport(Refusal):
    """There is no such export, or it is not this person's, or it was removed: all look the same from outside."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This file does not exist, is not yours, or was removed. Ask for it again."))
