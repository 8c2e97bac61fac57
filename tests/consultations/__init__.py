"""Tests of geoparticipation.consultations."""
