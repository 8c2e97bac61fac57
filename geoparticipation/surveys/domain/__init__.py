"""Writes of surveys: one keyword-only function each."""

from geoparticipation.surveys.domain.save_survey import save_survey
from geoparticipation.surveys.domain.submit_response import submit_response

__all__ = ["save_survey", "submit_response"]
