"""Projects on the map: their public places, each with what the map's popup says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from geoparticipation.budgets.models import Project
from geoparticipation.contributions.enums import LocatedBy


def projects_geojson(projects: Iterable[Project]) -> dict[str, Any]:
    """GeoJSON of the projects' public places; a project for a whole district is a point inside it. No query."""
    return {"type": "FeatureCollection", "features": [_feature(project) for project in projects]}


def _feature(project: Project) -> dict[str, Any]:
    contribution = project.contribution
    place = contribution.public_geometry
    if contribution.located_by == LocatedBy.DISTRICT:
        place = place.point_on_surface
    return {
        "type": "Feature",
        "properties": {
            "code": str(contribution.code),
            "kind": contribution.kind,
            "title": f"{project.number} · {project.title}",
        },
        "geometry": json.loads(place.geojson),
    }
