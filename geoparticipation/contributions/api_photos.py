"""Photos of contributions in the API: read as links, added and taken away by the author."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor, actor_for
from geoparticipation.contributions.domain import add_photo, remove_photo
from geoparticipation.contributions.models import Attachment, Contribution
from geoparticipation.contributions.models.attachment import DESCRIPTION_LENGTH
from geoparticipation.contributions.photos.errors import PhotoMissing, UnknownPhoto
from geoparticipation.contributions.queries import get_contribution_for
from layers.pictures.errors import PhotoTooLarge
from layers.pictures.reading import MAX_BYTES
from layers.repeatable import repeatable

REQUEST_MAX_BYTES = 2 * MAX_BYTES


class PhotoSerializer(serializers.Serializer[Any]):
    """A photo of a contribution: JPEGs without metadata, upright, in sRGB."""

    code = serializers.UUIDField()
    description = serializers.CharField(allow_blank=True, help_text="What it shows, for who cannot see it.")
    width = serializers.IntegerField(help_text="Of the large picture, in pixels.")
    height = serializers.IntegerField(help_text="Of the large picture, in pixels.")
    large = serializers.URLField(help_text="At most 1600 pixels on its longer edge.")
    small = serializers.URLField(help_text="At most 480 pixels on its longer edge.")


class NewPhotoSerializer(serializers.Serializer[Any]):
    """A photo to add, as multipart/form-data."""

    photo = serializers.FileField(help_text="JPEG, PNG, WebP or HEIC; at most 15 MB and 60 million pixels.")
    description = serializers.CharField(required=False, allow_blank=True, max_length=DESCRIPTION_LENGTH)


class PhotosSerializer(serializers.Serializer[Any]):
    """The photos of a contribution, in their order."""

    photos = PhotoSerializer(many=True)


def photo_links(request: Request, contribution: Contribution) -> list[dict[str, Any]]:
    """What the API says of a contribution's photos. One query."""
    return [_links(request, photo) for photo in contribution.photos.all()]


def _links(request: Request, photo: Attachment) -> dict[str, Any]:
    return {
        "code": str(photo.code),
        "description": photo.description,
        "width": photo.width,
        "height": photo.height,
        **{size: request.build_absolute_uri(reverse("photo", args=[photo.code, size])) for size in ("large", "small")},
    }


def _actor(request: Request) -> Actor:
    request._request.user = request.user
    return actor_for(request._request)


class ContributionPhotos(APIView):
    """The photos of one contribution."""

    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count each attempt for good, outside what is undone: who is refused again and again is stopped as well."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            count_action(actor=_actor(request), action="attempt")

    @extend_schema(responses=PhotosSerializer, tags=["contributions"])
    def get(self, request: Request, code: UUID) -> Response:
        """Read the photos of a contribution that you may see. Two queries."""
        return Response({"photos": photo_links(request, get_contribution_for(_actor(request), code))})

    @extend_schema(
        request={"multipart/form-data": NewPhotoSerializer}, responses={201: PhotoSerializer}, tags=["contributions"]
    )
    @repeatable
    def post(self, request: Request, code: UUID) -> Response:
        """Add a photo to your own contribution, before a moderator has read it; at most four. 201 with its links."""
        actor = _actor(request)
        contribution = get_contribution_for(actor, code)
        file = request.FILES.get("photo")
        if file is None:
            raise PhotoMissing
        if file.size > MAX_BYTES:
            raise PhotoTooLarge(MAX_BYTES)
        description = str(request.data.get("description", ""))
        photo = add_photo(actor=actor, contribution=contribution, content=file.read(), description=description)
        links = _links(request, photo)
        return Response(links, status=201, headers={"Location": links["large"]})


class ContributionPhoto(APIView):
    """One photo of a contribution."""

    @extend_schema(request=None, responses={204: None}, tags=["contributions"])
    def delete(self, request: Request, code: UUID, photo: UUID) -> HttpResponse:
        """Take a photo off your own contribution."""
        actor = _actor(request)
        found = get_contribution_for(actor, code).photos.filter(code=photo).first()
        if found is None:
            raise UnknownPhoto
        remove_photo(actor=actor, photo=found)
        return HttpResponse(status=204)
