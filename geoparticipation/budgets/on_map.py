"""Projects on the map: their public places, each with what the map's popup says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from geoparticipation.budgets.models import Project


def projects_geojson(projects: Iterable[Project]) -> dict[str, Any]:
    """GeoJSON of the public places of projects `with_place_on_map`. No query.

    What is no longer online is left out.
    """
    return {"type": "FeatureCollection", "features": [_feature(project) for project in projects if project.is_shown]}


def _feature(project: Project) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "code": str(project.contribution.code),
            "kind": project.contribution.kind,
            "title": f"{project.number} · {project.title}",
        },
        "geometry": json.loads(project.place_on_map),
    }
