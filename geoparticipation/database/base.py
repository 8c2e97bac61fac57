"""See the package's docstring."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db.backends.postgis import base

from geoparticipation import local_postgres


class DatabaseWrapper(base.DatabaseWrapper):
    """PostGIS; a connection to the checkout's own cluster starts that cluster when it is not running."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection, after making sure that there is a server to open it to."""
        local_postgres.ensure_running_for(self.settings_dict)
        return super().get_new_connection(conn_params)
