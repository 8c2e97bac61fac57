"""Tests of geoparticipation.contributions."""
