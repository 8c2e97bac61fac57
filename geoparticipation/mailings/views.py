"""The mailing list's download in the workspace."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from geoparticipation.mailings.downloads import mailing_list_response
from geoparticipation.mailings.enums import Channel
from neighbourhoods.domain.targets.access import get_target
from neighbourhoods.domain.targets.errors import TargetUnknown


@require_GET
@login_required
def download_mailing_list(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the letterboxes of a target as CSV; for agents, and recorded."""
    if not getattr(request.user, "is_agent", False):
        raise PermissionDenied
    try:
        target = get_target(pk)
    except TargetUnknown as error:
        raise Http404(error.detail) from None
    return mailing_list_response(target=target, query=request.GET, user=request.user, channel=Channel.PAGE)
