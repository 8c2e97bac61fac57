"""Contributions in the API: GeoJSON out, one Feature in, support."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry, Point
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor, actor_for
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.api_photos import PhotoSerializer, photo_links
from geoparticipation.contributions.domain import give_support, submit_contribution, withdraw_support
from geoparticipation.contributions.enums import Kind, LocatedBy, Origin, Status
from geoparticipation.contributions.errors import CannotBeCommented, UnknownChoice, UnknownContribution
from geoparticipation.contributions.filters import filter_contributions, filters_of_apps
from geoparticipation.contributions.kinds import PLAIN_KINDS
from geoparticipation.contributions.layers import CONTRIBUTIONS, layer_at
from geoparticipation.contributions.models import Contribution
from geoparticipation.contributions.queries import get_contribution_for
from geoparticipation.mailings.domain.letterbox_codes import open_code
from geoparticipation.mailings.models import LetterboxCode
from layers.errors import Refusal
from layers.features import GEOJSON_TYPE, FeatureNotFound, feature, feature_collection, parse_limit
from layers.geojson_field import GeoJSONField
from layers.geometry import geometry_from_geojson
from layers.repeatable import repeatable
from layers.tags import etag_by_version


class NotAFeature(Refusal):
    """The body is no GeoJSON Feature."""

    code = "not_a_feature"


class ConsultationUnknown(Refusal):
    """The consultation named in the body does not exist, or is not public."""

    code = "unknown_consultation"


class DistrictSerializer(serializers.Serializer[Any]):
    """A district that a contribution lies in."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()


class PropertiesSerializer(serializers.Serializer[Any]):
    """What is known of a contribution in public."""

    code = serializers.UUIDField()
    kind = serializers.ChoiceField(Kind.choices)
    title = serializers.CharField(allow_blank=True)
    body = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(Status.choices)
    consultation = serializers.CharField(help_text="Slug of the consultation.")
    districts = DistrictSerializer(many=True)
    street = serializers.CharField(allow_null=True)
    support_count = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    parent = serializers.UUIDField(allow_null=True, help_text="Code of the idea that a comment answers.")
    url = serializers.URLField(help_text="Address of its page.")


class FeatureSerializer(serializers.Serializer[Any]):
    """A GeoJSON Feature; its geometry is what is shown in public."""

    type = serializers.ChoiceField(["Feature"])
    id = serializers.UUIDField()
    geometry = GeoJSONField()
    properties = PropertiesSerializer()


class LinkSerializer(serializers.Serializer[Any]):
    """A link of a collection."""

    rel = serializers.CharField()
    type = serializers.CharField()
    href = serializers.URLField()


class FeatureWithPhotosSerializer(FeatureSerializer):
    """A GeoJSON Feature with a member of its own for the photos, beside the properties."""

    photos = PhotoSerializer(many=True)


class FeatureCollectionSerializer(serializers.Serializer[Any]):
    """A page of contributions, the latest first."""

    type = serializers.ChoiceField(["FeatureCollection"])
    features = FeatureSerializer(many=True)
    numberReturned = serializers.IntegerField()
    next_cursor = serializers.CharField(allow_null=True)
    links = LinkSerializer(many=True, help_text='The link with rel "next" leads to the next page.')


class NewPropertiesSerializer(serializers.Serializer[Any]):
    """What a new contribution says. The domain says what must be there; this reads the types."""

    consultation = serializers.CharField(help_text="Slug of the consultation.")
    kind = serializers.CharField(required=False, help_text="proposal (default), or comment (default with a parent).")
    title = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, default="")
    body = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, default="")
    parent = serializers.UUIDField(required=False, allow_null=True, default=None)
    accept_charter = serializers.BooleanField(required=False, default=False)
    language = serializers.CharField(required=False, allow_blank=True, default="", help_text="fr or en.")
    typed_address = serializers.CharField(required=False, allow_blank=True, default="")
    letterbox_code = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=40,
        help_text="The code on a flyer: the idea is its household’s, and without a geometry lies on the street there.",
    )


class NewFeatureSerializer(serializers.Serializer[Any]):
    """A new contribution as a GeoJSON Feature; a comment without geometry takes the place of its parent."""

    type = serializers.ChoiceField(["Feature"])
    geometry = GeoJSONField(required=False, allow_null=True)
    properties = NewPropertiesSerializer()


class SupportSerializer(serializers.Serializer[Any]):
    """How a contribution's support stands."""

    code = serializers.UUIDField()
    support_count = serializers.IntegerField()
    supported = serializers.BooleanField(help_text="Whether you support it now.")


def _actor(request: Request) -> Actor:
    """The actor; asking for the user makes the framework authenticate and tell Django's own request."""
    request._request.user = request.user
    return actor_for(request._request)


def _feature(request: Request, contribution: Contribution) -> bytes:
    layer = layer_at(request.build_absolute_uri("/").rstrip("/"))
    found = json.loads(feature(Contribution.objects.filter(pk=contribution.pk), layer))
    found["photos"] = photo_links(request, contribution)
    return json.dumps(found, ensure_ascii=False).encode()


def _filter(name: str, description: str, **options: Any) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description, **options)


class ContributionList(APIView):
    """Contributions online; a new one."""

    letterbox: LetterboxCode | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count each attempt, and each unknown code, for good, outside what is undone: guessers are stopped as well."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            count_action(actor=_actor(request), action="attempt")
            self.letterbox = _letterbox(_actor(request), request.data)

    @extend_schema(
        operation_id="contributions_list",
        responses={(200, GEOJSON_TYPE): FeatureCollectionSerializer},
        tags=["contributions"],
        parameters=[
            _filter("in_bbox", "west,south,east,north in degrees; what it touches."),
            _filter("kind", "One or more, with commas.", enum=Kind.values),
            _filter("consultation", "Slug of a consultation."),
            _filter("district", "Code of a district, of any level."),
            _filter("street", "Name of a street, in any of its languages."),
            _filter("council", "Slug of a neighbourhood council: what touches its area."),
            _filter("status", "Only published, unless you may see others.", enum=Status.values),
            _filter("q", "Words that all occur in title or text."),
            _filter("submitted_after", "ISO date or date and time, included."),
            _filter("submitted_before", "ISO date or date and time, not included."),
            *(_filter(name, description) for name, description in filters_of_apps().items()),
            OpenApiParameter("limit", int, description="From 1 to 1000; 100 by default."),
            _filter("cursor", "`next_cursor` of the page before."),
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        """List contributions, the latest first, as GeoJSON. Two queries, and one for each filter by name.

        Without `status` only what is online is listed, whoever asks: then the answer may be kept and asked for again
        with `If-None-Match`, which costs one small query where nothing was written since.
        """
        parameters = request.query_params
        rows = Contribution.objects.public()
        etag = None
        if parameters.get("status"):
            rows = Contribution.objects.visible_to(request.user)
        else:
            etag = etag_by_version(CONTRIBUTIONS, request.build_absolute_uri())
            unchanged = get_conditional_response(request._request, etag=etag)
            if unchanged is not None:
                unchanged["Cache-Control"], unchanged["ETag"] = "no-cache", etag
                return unchanged

        def next_url(cursor: str) -> str:
            following = parameters.copy()
            following["cursor"] = cursor
            return request.build_absolute_uri(f"{request.path}?{following.urlencode()}")

        collection = feature_collection(
            filter_contributions(rows, parameters),
            layer_at(request.build_absolute_uri("/").rstrip("/")),
            limit=parse_limit(parameters.get("limit")),
            cursor=parameters.get("cursor") or None,
            next_url=next_url,
        )
        response = HttpResponse(collection, content_type=GEOJSON_TYPE)
        if etag is None:
            response["Cache-Control"] = "private, no-store"
        else:
            response["Cache-Control"], response["ETag"] = "no-cache", etag
        return response

    @extend_schema(
        request={"application/json": NewFeatureSerializer, GEOJSON_TYPE: NewFeatureSerializer},
        responses={(201, GEOJSON_TYPE): FeatureWithPhotosSerializer},
        tags=["contributions"],
    )
    @repeatable
    def post(self, request: Request) -> HttpResponse:
        """Put in an idea or a comment. 201 with the stored Feature; nothing is stored where a rule is broken."""
        contribution = _submit(_actor(request), request.data, self.letterbox)
        response = HttpResponse(_feature(request, contribution), status=201, content_type=GEOJSON_TYPE)
        response["Location"] = request.build_absolute_uri(f"{request.path}{contribution.code}/")
        return response


def _letterbox(actor: Actor, body: object) -> LetterboxCode | None:
    """The code that the body names; None where it names none, or is refused later for what it is."""
    said = body.get("properties") if isinstance(body, Mapping) else None
    text = said.get("letterbox_code") if isinstance(said, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        return None
    with _about_the_code():
        return open_code(text=text[:40], actor=actor)


@contextmanager
def _about_the_code() -> Iterator[None]:
    """Name the property as it is called here: `code` is another one."""
    try:
        yield
    except Refusal as refusal:
        if refusal.field == "code":
            refusal.field = "letterbox_code"
        raise


def _located_by(geometry: GEOSGeometry | None, letterbox: LetterboxCode | None) -> LocatedBy:
    if geometry is None:
        return LocatedBy.PIN if letterbox is None else LocatedBy.LETTERBOX
    return LocatedBy.PIN if isinstance(geometry, Point) else LocatedBy.DRAWN


@_about_the_code()
def _submit(actor: Actor, body: object, letterbox: LetterboxCode | None) -> Contribution:
    if not isinstance(body, Mapping) or body.get("type") != "Feature" or not isinstance(body.get("properties"), dict):
        raise NotAFeature(_("The body must be a GeoJSON Feature: “type”, “geometry” and “properties”."))
    reader = NewPropertiesSerializer(data=body["properties"])
    reader.is_valid(raise_exception=True)
    said = reader.validated_data
    consultation = Consultation.objects.visible_to(actor.user).filter(slug=said["consultation"]).first()
    if consultation is None:
        raise ConsultationUnknown(
            _("There is no consultation called “%(slug)s”.") % {"slug": said["consultation"][:80]}, field="consultation"
        )
    parent = None
    if said["parent"] is not None:
        parent = Contribution.objects.public().filter(code=said["parent"]).first()
        if parent is None:
            raise CannotBeCommented
    geometry: GEOSGeometry | None = None
    if body.get("geometry") is not None:
        geometry = geometry_from_geojson(body["geometry"])
    kind = said.get("kind") or (Kind.COMMENT if parent is not None else Kind.PROPOSAL)
    if kind not in PLAIN_KINDS:
        raise UnknownChoice("kind", list(PLAIN_KINDS))
    return submit_contribution(
        actor=actor,
        consultation=consultation,
        kind=kind,
        geometry=geometry,
        title=said["title"],
        body=said["body"],
        located_by=_located_by(geometry, letterbox),
        parent=parent,
        typed_address=said["typed_address"],
        origin=Origin.API,
        language=said["language"],
        charter_accepted=said["accept_charter"],
        letterbox=letterbox,
    )


class ContributionDetail(APIView):
    """One contribution."""

    @extend_schema(responses={(200, GEOJSON_TYPE): FeatureWithPhotosSerializer}, tags=["contributions"])
    def get(self, request: Request, code: UUID) -> HttpResponse:
        """Read one contribution as a GeoJSON Feature; its author sees it in every status. Three queries."""
        contribution = get_contribution_for(_actor(request), code)
        try:
            return HttpResponse(_feature(request, contribution), content_type=GEOJSON_TYPE)
        except FeatureNotFound:
            raise UnknownContribution from None


class ContributionSupport(APIView):
    """Your support of a contribution."""

    @extend_schema(request=None, responses=SupportSerializer, tags=["contributions"])
    def put(self, request: Request, code: UUID) -> Response:
        """Support it; again changes nothing."""
        actor = _actor(request)
        contribution = give_support(actor=actor, contribution=get_contribution_for(actor, code))
        return Response({"code": code, "support_count": contribution.support_count, "supported": True})

    @extend_schema(request=None, responses=SupportSerializer, tags=["contributions"])
    def delete(self, request: Request, code: UUID) -> Response:
        """Take the support back; without any, nothing changes."""
        actor = _actor(request)
        contribution = withdraw_support(actor=actor, contribution=get_contribution_for(actor, code))
        return Response({"code": code, "support_count": contribution.support_count, "supported": False})
