"""The console: profiles that wait for somebody to read them, and the lists of choices."""

from typing import Any
import uuid

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from flatmates.models import Catalog, Profile
from flatmates.policies.people import can_review
from flatmates.rules.catalogs import CATALOGS, FIRST_VERSION, payload_problems
from flatmates.services.profile_review import ReviewAction, review_profile
from ghar.accounts.forms import add_refusal
from ghar.admin import ReadOnlyAdmin
from ghar.errors import DomainError
from ghar.lib.guards import read_uuid
from ghar.lib.widgets import TextArea


class WaitingFilter(admin.SimpleListFilter):
    title = _("review")
    parameter_name = "review"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("waiting"))]

    def queryset(self, request: Any, queryset: Any) -> QuerySet[Profile]:
        return queryset.waiting_for_review() if self.value() == "waiting" else queryset


class ReviewForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    action = forms.ChoiceField(
        label=_("Decision"), choices=ReviewAction.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("What the person reads"),
        required=False,
        max_length=2000,
        widget=TextArea(attrs={"rows": 4}),
        help_text=_("Needed unless you approve."),
    )


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    list_display = ("user", "status", "mode", "city", "found", "updated_at")
    list_filter = (WaitingFilter, "status", "mode")
    list_select_related = ("user",)
    search_fields = ("=id", "=user__id", "user__full_name", "city")
    ordering = ("updated_at", "id")
    list_per_page = 50

    @admin.display(description=_("found in the text"))
    def found(self, profile: Profile) -> str:
        return ", ".join(profile.flags)

    def get_urls(self) -> list[URLPattern]:
        review = self.admin_site.admin_view(require_POST(self.review))
        own = path("<id:pk>/review/", review, name="flatmates_profile_review")
        return [own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        profile = self._profile(read_uuid(object_id))
        form = ReviewForm(initial={"version": profile.content_version})
        return self._page(request, profile, form)

    def review(self, request: Any, pk: uuid.UUID) -> HttpResponse:
        form = ReviewForm(request.POST)
        if not form.is_valid():
            return self._refused(request, pk, form, status=422)
        try:
            review_profile(profile=self._profile(pk), by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
            return self._refused(request, pk, form, status=error.status)
        messages.success(request, _("Done. The person has been told."))
        return HttpResponseRedirect(reverse("admin:flatmates_profile_changelist"))

    def _refused(
        self, request: Any, pk: uuid.UUID, form: ReviewForm, *, status: int
    ) -> HttpResponse:
        """The next try is about what stands on this page now."""
        profile = self._profile(pk)
        form.data = request.POST.dict() | {"version": profile.content_version}
        return self._page(request, profile, form, status=status)

    def _profile(self, pk: uuid.UUID) -> Profile:
        return get_object_or_404(Profile.objects.for_cards(), pk=pk)

    def _page(
        self, request: Any, profile: Profile, form: ReviewForm, *, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": profile.user.public_name,
            "profile": profile,
            "form": form,
            "can_review": can_review(profile, request.user),
        }
        return TemplateResponse(request, "admin/flatmates/profile.html", context, status=status)


class CatalogForm(forms.ModelForm):
    key = forms.ChoiceField(label=_("list"), choices=[(key, key) for key in CATALOGS])

    class Meta:
        model = Catalog
        fields = ("key", "payload")
        help_texts = {
            "payload": _("What apps offer. The pages of this site keep their own lists and words.")
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        # The key of a list that is there already is shown, and no field.
        key = data.get("key") or self.instance.key
        if key and "payload" in data:
            problems = payload_problems(key, data["payload"])
            if problems:
                self.add_error("payload", ValidationError(problems))
        return data


@admin.register(Catalog)
class CatalogAdmin(admin.ModelAdmin):
    """A list that is saved here stands in the place of ours for apps; each save is a new version."""

    form = CatalogForm
    list_display = ("key", "version", "updated_at")
    ordering = ("key",)

    def get_readonly_fields(self, request: HttpRequest, obj: Catalog | None = None) -> Any:
        return ("key",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Catalog, form: Any, change: bool) -> None:
        obj.version = obj.version + 1 if change else FIRST_VERSION + 1
        super().save_model(request, obj, form, change)
