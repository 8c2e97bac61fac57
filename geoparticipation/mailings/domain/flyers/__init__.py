"""Flyers as print files: one drawing that all pages share, and on each page its code."""
