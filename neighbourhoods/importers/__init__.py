"""Registers and files in, territory out."""
