from django.urls import re_path

from ghar.audit.api import AuditViewSet

api_urlpatterns = [
    re_path(r"^audit/?$", AuditViewSet.as_view({"get": "list"}), name="audit-list"),
]
