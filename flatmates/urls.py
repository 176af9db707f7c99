from django.urls import URLPattern

from flatmates.api import chats, people, safety, swipes

urlpatterns: list[URLPattern] = []
api_urlpatterns = [
    *people.router.urls,
    *swipes.router.urls,
    *chats.router.urls,
    *safety.router.urls,
]
