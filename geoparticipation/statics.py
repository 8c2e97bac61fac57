"""Static files of the project: `static/` without what only the package manager needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder

# What only the package manager needs, and the icons, which templates put into the page ({% icon %}).
TOOLING = ["node_modules", "package*.json", "copy_vendor.mjs", "icons.txt", "lucide"]


class ProjectFinder(FileSystemFinder):
    """Finds our own modules and `vendor/`, not `node_modules/` nor the package files."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        """List what `collectstatic` copies."""
        return super().list([*(ignore_patterns or []), *TOOLING])
