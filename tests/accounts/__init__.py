"""Tests of geoparticipation.accounts."""
