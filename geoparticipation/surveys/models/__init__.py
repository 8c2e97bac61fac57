"""Tables of surveys."""

from geoparticipation.surveys.models.draft import SurveyDraft
from geoparticipation.surveys.models.paper_grid import PaperGrid
from geoparticipation.surveys.models.response import PlaceAnswer, SurveyResponse, SurveyVoice
from geoparticipation.surveys.models.results import CountedResponse, ReleasedHexagon, ResultRelease, SurveyTally
from geoparticipation.surveys.models.survey import Survey

__all__ = [
    "CountedResponse",
    "PaperGrid",
    "PlaceAnswer",
    "ReleasedHexagon",
    "ResultRelease",
    "Survey",
    "SurveyDraft",
    "SurveyResponse",
    "SurveyTally",
    "SurveyVoice",
]
