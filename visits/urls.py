from django.urls import URLPattern

from visits.api.visits import router

urlpatterns: list[URLPattern] = []
api_urlpatterns: list[URLPattern] = [*router.urls]
