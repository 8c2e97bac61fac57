"""Reading the JSON that other programs send."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

from layers.features import GEOJSON_TYPE


class BodyTooLarge(APIException):
    """The body is longer than DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status_code = 413
    default_code = "too_large"


class BoundedJSONParser(JSONParser):
    """JSON of limited length and depth.

    The framework's own parser reads a body of any length, and crashes where brackets are nested a thousand deep.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body; raises ParseError (400) or BodyTooLarge (413)."""
        longest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(longest + 1)
        if len(body) > longest:
            raise BodyTooLarge(
                _("That is more than what is taken at once: at most %(bytes)d bytes.") % {"bytes": longest}
            )
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise ParseError(_("This JSON is nested too deeply.")) from None


class BoundedGeoJSONParser(BoundedJSONParser):
    """The same for bodies that say they are GeoJSON."""

    media_type = GEOJSON_TYPE
