"""Writes of consultations: the only way in for pages, API, admin and commands."""

from geoparticipation.consultations.domain.save_consultation import (
    archive_consultation,
    publish_consultation,
    save_consultation,
)
from geoparticipation.consultations.domain.save_phases import PhaseInput, apply_process_template, save_phases

__all__ = [
    "PhaseInput",
    "apply_process_template",
    "archive_consultation",
    "publish_consultation",
    "save_consultation",
    "save_phases",
]
