"""Tests of geoparticipation.moderation."""
