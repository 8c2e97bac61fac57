"""Surveys in the API: which there are, what they ask, and a response."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor, actor_for
from geoparticipation.contributions.errors import PlaceMissing
from geoparticipation.contributions.locating import Located, locate
from geoparticipation.mailings.domain.letterbox_codes import open_code
from geoparticipation.mailings.models import LetterboxCode
from geoparticipation.surveys import rules
from geoparticipation.surveys.domain import submit_response
from geoparticipation.surveys.enums import OnePer, ResultsShown, SurveyState
from geoparticipation.surveys.models import Survey
from geoparticipation.surveys.queries import get_survey_for, with_consultation
from layers.errors import Refusal
from layers.geojson_field import GeoJSONField
from layers.repeatable import repeatable


class SurveySummarySerializer(serializers.Serializer[Survey]):
    """A survey without its questions."""

    slug = serializers.CharField()
    title = serializers.DictField(child=serializers.CharField(), source="definition.title", help_text="By language.")
    consultation = serializers.CharField(source="consultation.slug", help_text="Slug of the consultation.")
    state = serializers.ChoiceField(SurveyState.choices)
    one_per = serializers.ChoiceField(OnePer.choices, help_text="Who answers once.")
    results_shown = serializers.ChoiceField(ResultsShown.choices)
    takes_responses = serializers.SerializerMethodField(help_text="Whether it is open and a phase takes answers now.")
    needed_level = serializers.SerializerMethodField(help_text="0: a device, 1: an e-mail address, 2: a flyer's code.")
    url = serializers.SerializerMethodField(help_text="Address of its page.")

    def get_takes_responses(self, survey: Survey) -> bool:
        """Judged at the moment of the request."""
        return rules.takes_responses(survey, self.context["now"])

    def get_needed_level(self, survey: Survey) -> int:
        """The consultation's, or more where the count of responses asks for it."""
        return int(rules.needed_level(survey))

    @extend_schema_field(serializers.URLField())
    def get_url(self, survey: Survey) -> str:
        """With the scheme and host that the client used."""
        path = reverse("survey", args=[survey.consultation.slug, survey.slug])
        return str(self.context["request"].build_absolute_uri(path))


class SurveySerializer(SurveySummarySerializer):
    """A survey with all that it asks."""

    definition = serializers.DictField(help_text="In the format geoparticipation-survey/1.")


class SurveyListSerializer(serializers.Serializer[Any]):
    """All surveys that this person may see."""

    results = SurveySummarySerializer(many=True)


class PlaceSerializer(serializers.Serializer[Any]):
    """Where one answers from: a geometry, or something by name."""

    geometry = GeoJSONField(required=False, allow_null=True, default=None)
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    chosen = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=80, help_text="As places/search gives it: street:12."
    )


class NewResponseSerializer(serializers.Serializer[Any]):
    """A response. The domain says what must be there; this reads the types."""

    answers = serializers.DictField(
        help_text="By question key. Of a place question a list of {geometry | text | chosen, follow_up}."
    )
    place = PlaceSerializer(required=False, allow_null=True, default=None)
    accept_charter = serializers.BooleanField(required=False, default=False)
    language = serializers.CharField(required=False, allow_blank=True, default="", help_text="fr or en.")
    letterbox_code = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=40,
        help_text="The code on a flyer: the response is its household’s, and without a place lies on the street there.",
    )


class ResponseSerializer(serializers.Serializer[Any]):
    """What was stored. It counts in the results and is shown nowhere by itself."""

    code = serializers.UUIDField()
    survey = serializers.CharField()
    submitted_at = serializers.DateTimeField()


def _actor(request: Request) -> Actor:
    """The actor; asking for the user makes the framework authenticate and tell Django's own request."""
    request._request.user = request.user
    return actor_for(request._request)


class SurveyList(APIView):
    """The surveys."""

    @extend_schema(responses=SurveyListSerializer, operation_id="surveys_list", tags=["surveys"])
    def get(self, request: Request) -> Response:
        """List the surveys that are open or closed. Two queries."""
        surveys = with_consultation(Survey.objects.visible_to(request.user))
        context = {"request": request, "now": timezone.now()}
        return Response({"results": SurveySummarySerializer(surveys, many=True, context=context).data})


class SurveyDetail(APIView):
    """One survey."""

    @extend_schema(responses=SurveySerializer, tags=["surveys"])
    def get(self, request: Request, slug: str) -> Response:
        """Read a survey with its definition. Two queries."""
        context = {"request": request, "now": timezone.now()}
        return Response(SurveySerializer(get_survey_for(request.user, slug), context=context).data)


class SurveyResponses(APIView):
    """Responses to one survey: they are put in here, and read by nobody one by one."""

    letterbox: LetterboxCode | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count each attempt, and each unknown code, for good, outside what is undone: guessers are stopped as well."""
        super().initial(request, *args, **kwargs)
        if request.method != "POST":
            return
        count_action(actor=_actor(request), action="attempt")
        text = request.data.get("letterbox_code") if isinstance(request.data, dict) else None
        if isinstance(text, str) and text.strip():
            with _about_the_code():
                self.letterbox = open_code(text=text[:40], actor=_actor(request))

    @extend_schema(request=NewResponseSerializer, responses={201: ResponseSerializer}, tags=["surveys"])
    @repeatable
    def post(self, request: Request, slug: str) -> Response:
        """Answer a survey. Nothing is stored where a rule is broken or an answer does not fit."""
        survey = get_survey_for(request.user, slug)
        reader = NewResponseSerializer(data=request.data)
        reader.is_valid(raise_exception=True)
        said = reader.validated_data
        where = _where(said["place"], self.letterbox)
        with _about_the_code():
            stored = submit_response(
                actor=_actor(request),
                survey=survey,
                answers=said["answers"],
                geometry=where.geometry,
                located_by=where.located_by,
                street=where.street,
                district=where.district,
                typed_address=where.typed_address,
                origin="api",
                language=said["language"],
                charter_accepted=said["accept_charter"],
                letterbox=self.letterbox,
            )
        contribution = stored.contribution
        told = {"code": contribution.code, "survey": survey.slug, "submitted_at": contribution.submitted_at}
        return Response(ResponseSerializer(told).data, status=201)


def _where(place: dict[str, Any] | None, letterbox: LetterboxCode | None) -> Located:
    said = place or {}
    try:
        found = locate(
            {"geometry": said.get("geometry"), "place": said.get("chosen", ""), "place_text": said.get("text", "")}
        )
        if found is None and letterbox is None:
            raise PlaceMissing
    except Refusal as refusal:
        refusal.field = "place"
        raise
    return found or Located(None, "letterbox")


@contextmanager
def _about_the_code() -> Iterator[None]:
    """Name the member as it is called here."""
    try:
        yield
    except Refusal as refusal:
        if refusal.field == "code":
            refusal.field = "letterbox_code"
        raise
