"""Targets: whom something is for. Parts are read, kept, resolved to a geometry and turned into letterboxes."""

from neighbourhoods.domain.targets.list_letterboxes import Letterbox, list_letterboxes
from neighbourhoods.domain.targets.parts import PartSpec, parts_of
from neighbourhoods.domain.targets.read_parts import read_parts
from neighbourhoods.domain.targets.resolve_target import ResolvedTarget, TargetPreview, preview_target, resolve_target
from neighbourhoods.domain.targets.save_target import delete_target, save_target

__all__ = [
    "Letterbox",
    "PartSpec",
    "ResolvedTarget",
    "TargetPreview",
    "delete_target",
    "list_letterboxes",
    "parts_of",
    "preview_target",
    "read_parts",
    "resolve_target",
    "save_target",
]
