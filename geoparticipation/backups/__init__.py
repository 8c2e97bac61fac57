"""The whole site in a folder, and back: `manage.py backup` and `manage.py restore`.

A backup is a folder of three files: `database.dump` (pg_dump's custom format), `files.tar` (all below MEDIA_ROOT) and
`manifest.json`, which says what they are and is written last. docs/operations.md says how to use it.
"""
