from django.contrib import admin
from django.urls import path, re_path

from ghar.lib.ids import UUID_PATTERN
from moderation.api import (
    CaseViewSet,
    OwnRiskViewSet,
    PrescreenViewSet,
    ReportViewSet,
    ReviewViewSet,
    RiskViewSet,
    SuspensionAppealViewSet,
)
from moderation.views import console, poster

ID = f"(?P<pk>{UUID_PATTERN})"

appeal_suspension = SuspensionAppealViewSet.as_view({"post": "create"})
own_risk = OwnRiskViewSet.as_view({"get": "retrieve"})
preview = OwnRiskViewSet.as_view({"post": "preview"})
appeal = OwnRiskViewSet.as_view({"post": "appeal"})
queue = CaseViewSet.as_view({"get": "list"})
claim = CaseViewSet.as_view({"post": "claim"})
release = CaseViewSet.as_view({"post": "release"})
decide = CaseViewSet.as_view({"post": "decide"})
risk = RiskViewSet.as_view({"get": "retrieve"})
override = RiskViewSet.as_view({"post": "override"})
reviews = ReviewViewSet.as_view({"get": "list"})
review = ReviewViewSet.as_view({"put": "update"})
report_list = ReportViewSet.as_view({"get": "list"})
report = ReportViewSet.as_view({"put": "update"})
prescreen = PrescreenViewSet.as_view({"post": "create"})

api_urlpatterns = [
    re_path(rf"^properties/{ID}/risk/?$", own_risk, name="risk-own"),
    re_path(rf"^properties/{ID}/risk/preview/?$", preview, name="risk-preview"),
    re_path(rf"^properties/{ID}/appeal/?$", appeal, name="risk-appeal"),
    re_path(r"^users/me/appeal/?$", appeal_suspension, name="user-appeal"),
    re_path(r"^moderation/queue/?$", queue, name="case-list"),
    re_path(rf"^moderation/cases/{ID}/claim/?$", claim, name="case-claim"),
    re_path(rf"^moderation/cases/{ID}/release/?$", release, name="case-release"),
    re_path(rf"^moderation/cases/{ID}/decide/?$", decide, name="case-decide"),
    re_path(rf"^moderation/listings/{ID}/risk/?$", risk, name="risk-detail"),
    re_path(rf"^moderation/listings/{ID}/risk/override/?$", override, name="risk-override"),
    re_path(r"^flatmates/moderation/listings/?$", reviews, name="review-list"),
    re_path(rf"^flatmates/moderation/listings/{ID}/?$", review, name="review-detail"),
    re_path(r"^flatmates/moderation/reports/?$", report_list, name="report-queue"),
    re_path(rf"^flatmates/moderation/reports/{ID}/?$", report, name="report-decide"),
    re_path(rf"^flatmates/moderation/prescreen/{ID}/?$", prescreen, name="review-prescreen"),
]

urlpatterns = [
    path("host/<id:pk>/fix/", poster.fix, name="fix"),
    path("host/<id:pk>/fix/points/", poster.fix_points, name="fix-points"),
    path("host/<id:pk>/fix/evidence/", poster.add_evidence, name="add-evidence"),
    path("host/<id:pk>/appeal/", poster.appeal, name="appeal"),
    path("suspended/", poster.suspended, name="suspended"),
]

guarded = admin.site.admin_view
# Before the admin's own: a person is an account of ghar.accounts, which knows nothing of reports.
console_urlpatterns = [
    path("cases/<id:pk>/<slug:verb>-common/", guarded(console.common_photo), name="common-photo"),
    path("people/<id:pk>/", guarded(console.person), name="person"),
    path("people/<id:pk>/reveal/", guarded(console.reveal), name="person-reveal"),
    path("people/<id:pk>/<slug:verb>/", guarded(console.step), name="person-step"),
]
