"""The project (settings, URLs, servers' entry points) and participation itself, one sub-package per capability."""
