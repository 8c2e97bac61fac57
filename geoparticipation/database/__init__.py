"""Database backend: GeoDjango's PostGIS, which starts the private cluster when the first connection needs it."""
