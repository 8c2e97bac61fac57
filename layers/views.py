"""Tiles and TileJSON over HTTP."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from layers.errors import Refusal
from layers.layer import Layer, Viewer
from layers.problems import refusal_response
from layers.registry import get_layer, get_layer_for
from layers.tags import etag_by_version, etag_of
from layers.tile_grid import Tile
from layers.tilejson import tilejson
from layers.tiles import tile_content

TILE_TYPE = "application/vnd.mapbox-vector-tile"
_LEAST_BYTES_TO_COMPRESS = 400

View = Callable[..., HttpResponse]


def refusals_as_problems(view: View) -> View:
    """A view whose refusals are answered as problem documents."""

    @wraps(view)
    def answer(request: HttpRequest, *arguments: object, **named: object) -> HttpResponse:
        try:
            return view(request, *arguments, **named)
        except Refusal as refusal:
            return refusal_response(refusal)

    return answer


@require_safe
@refusals_as_problems
def tile(request: HttpRequest, name: str, z: str, x: str, y: str) -> HttpResponse:
    """One vector tile; 204 where it is empty. Where the client's copy is still good, no query but the version's."""
    viewer, layer = _viewer_and_layer(request, name)
    address = Tile.parse(z, x, y)
    etag = etag_by_version(layer, request.get_full_path())
    unchanged = get_conditional_response(request, etag=etag) if etag else None
    if unchanged is not None:
        patch_vary_headers(unchanged, ("Accept-Encoding",))
        return _with_caching(unchanged, layer, viewer, etag)
    # Maintained counts are of what the public sees.
    parameters = None if layer.looks_at_viewer else request.GET
    content = tile_content(layer, layer.filters(layer.queryset(viewer), request.GET), address, parameters)
    response = HttpResponse(content, content_type=TILE_TYPE) if content else HttpResponse(status=204)
    if content:
        _compress(request, response)
    etag = etag or etag_of(hashlib.sha256(content).hexdigest())
    return _with_caching(response, layer, viewer, etag, request)


@require_safe
@refusals_as_problems
def tile_index(request: HttpRequest, name: str) -> HttpResponse:
    """The layer's TileJSON 3.0; the query string is handed on to the tiles. Queries: see `tilejson`."""
    viewer, layer = _viewer_and_layer(request, name)
    # The document is written in the visitor's language, with the address by which the site was reached.
    etag = etag_by_version(layer, request.build_absolute_uri(), get_language() or "")
    unchanged = get_conditional_response(request, etag=etag) if etag else None
    if unchanged is not None:
        patch_vary_headers(unchanged, ("Cookie",))  # which may hold the language chosen
        return _with_caching(unchanged, layer, viewer, etag)
    rows = layer.filters(layer.queryset(viewer), request.GET)
    response = JsonResponse(tilejson(layer, rows, request))
    patch_vary_headers(response, ("Cookie",))
    return _with_caching(response, layer, viewer, etag, request)


def _viewer_and_layer(request: HttpRequest, name: str) -> tuple[Viewer, Layer]:
    """Who asks, for what. The session is not touched for a layer that is the same for everybody."""
    layer = get_layer(name)
    if not layer.looks_at_viewer:
        return AnonymousUser(), layer
    return request.user, get_layer_for(request.user, name)


def _with_caching(
    response: HttpResponse,
    layer: Layer,
    viewer: Viewer,
    etag: str | None = None,
    request: HttpRequest | None = None,
) -> HttpResponse:
    if not layer.is_public or viewer.is_authenticated:
        response["Cache-Control"] = "private, no-store"
        return response
    response["Cache-Control"] = f"public, max-age={layer.max_age_s}"
    # Anybody may see it, so may a map on another site.
    response["Access-Control-Allow-Origin"] = "*"
    if etag is None:
        return response
    response["ETag"] = etag
    if request is None:
        return response
    return get_conditional_response(request, etag=etag, response=response) or response


def _compress(request: HttpRequest, response: HttpResponse) -> None:
    patch_vary_headers(response, ("Accept-Encoding",))
    if len(response.content) >= _LEAST_BYTES_TO_COMPRESS and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content, compresslevel=6, mtime=0)
        response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))
