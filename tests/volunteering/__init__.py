"""Tests of volunteering."""
