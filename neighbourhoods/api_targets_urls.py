"""Addresses of targets in the API, below /api/v1/."""

from django.urls import path

from neighbourhoods import api_targets

urlpatterns = [
    path("targets/", api_targets.TargetList.as_view(), name="api-targets"),
    path("targets/preview/", api_targets.TargetPreview.as_view(), name="api-target-preview"),
    path("targets/<int:id>/", api_targets.TargetDetail.as_view(), name="api-target"),
    path("targets/<int:id>/preview/", api_targets.SavedTargetPreview.as_view(), name="api-saved-target-preview"),
]
