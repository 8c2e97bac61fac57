"""Consultations, their phases, process templates and charter."""
