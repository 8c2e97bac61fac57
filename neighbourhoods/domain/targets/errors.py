"""What can be wrong with a target; `field` says which part of it, as in `parts[2].street`."""

from __future__ import annotations

from layers.errors import Refusal


class TargetRefused(Refusal):
    """A target that cannot be what was asked."""

    code = "target_refused"


class PartsMissing(TargetRefused):
    """A target without any part, or with nothing but parts taken away."""

    code = "target_parts_missing"


class TooManyParts(TargetRefused):
    """More parts than the limit, which is `extra["limit"]`."""

    code = "target_too_many_parts"


class PartMalformed(TargetRefused):
    """A part that is not written as it should be: a wrong type, an unknown word, a member too many or missing."""

    code = "target_part_malformed"


class DistrictUnknown(TargetRefused):
    """No district has this id, code or name."""

    code = "district_unknown"


class DistrictAmbiguous(TargetRefused):
    """Several districts answer to this; `extra["choices"]` lists them."""

    code = "district_ambiguous"


class StreetUnknown(TargetRefused):
    """No street has this id, code or name."""

    code = "street_unknown"


class StreetAmbiguous(TargetRefused):
    """Streets of several localities have this name; `extra["choices"]` lists them with their localities."""

    code = "street_ambiguous"


class NumbersReversed(TargetRefused):
    """A range of house numbers that ends before it begins."""

    code = "target_numbers_reversed"


class BufferOutOfRange(TargetRefused):
    """A buffer that is not between 0 and 5,000 m."""

    code = "target_buffer_out_of_range"


class RingNeedsBuffer(TargetRefused):
    """A ring without a width."""

    code = "target_ring_needs_buffer"


class LineNeedsBuffer(TargetRefused):
    """A drawn line or point, which covers no home, without a buffer."""

    code = "target_line_needs_buffer"


class TargetLineTooLong(TargetRefused):
    """A drawn line longer than anybody draws on purpose."""

    code = "target_line_too_long"


class AreaFileUnreadable(TargetRefused):
    """A file that is no GeoJSON of longitudes and latitudes, or too large a one."""

    code = "area_file_unreadable"


class TargetUnknown(TargetRefused):
    """No target has this id."""

    code = "target_unknown"
    status = 404


class TargetInUse(TargetRefused):
    """A target that something else refers to, a consultation for instance, and that therefore stays."""

    code = "target_in_use"
    status = 409


class TargetNameMissing(TargetRefused):
    """A target without a name, or with one of more than 200 characters."""

    code = "target_name_missing"
