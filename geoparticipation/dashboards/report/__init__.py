"""The report of a consultation: one file to read without a connection, as HTML with its map or as PDF."""

from geoparticipation.dashboards.report.files import FORMATS, report_file
from geoparticipation.dashboards.report.gathering import Report, gather_report

__all__ = ["FORMATS", "Report", "gather_report", "report_file"]
