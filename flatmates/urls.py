from django.urls import path, re_path

from flatmates.api import chats, people, safety, swipes
from flatmates.views import chats as chat_pages
from flatmates.views import own
from flatmates.views import people as people_pages
from flatmates.views import safety as safety_pages
from flatmates.views import swipes as swipe_pages
from ghar.lib.ids import UUID_PATTERN

urlpatterns = [
    path("welcome/<slug:step>/", own.welcome, name="welcome"),
    path("me/photos/", own.own_photos, name="photos"),
    path("me/profile/<slug:verb>/", own.show, name="show"),
    path("people/", swipe_pages.people, name="people"),
    path("people/undo/", swipe_pages.undo, name="undo-swipe"),
    path("people/<id:user_id>/", people_pages.person, name="person"),
    path("people/<id:user_id>/swipe/", swipe_pages.swipe, name="swipe"),
    path("likes/", swipe_pages.likes, name="likes"),
    path("matches/<id:pk>/unmatch/", swipe_pages.unmatch, name="unmatch"),
    path("rooms/<id:pk>/interest/", swipe_pages.interest, name="interest"),
    path("rooms/<id:pk>/tags/", swipe_pages.vote, name="vote-tag"),
    re_path(
        rf"^people/photos/(?P<upload_id>{UUID_PATTERN})/(?P<size>large|medium|small)\.jpg$",
        people_pages.photo,
        name="photo",
    ),
    path("people/<id:user_id>/report/", safety_pages.report, name="report"),
    path("people/<id:user_id>/block/", safety_pages.block, name="block"),
    path("settings/blocked/", safety_pages.blocked, name="blocked"),
    path("chats/", chat_pages.index, name="chats"),
    path("chats/<id:pk>/", chat_pages.chat, name="chat"),
    path("chats/<id:pk>/state/", chat_pages.state, name="chat-state"),
    path(
        "chats/<id:pk>/pictures/<id:upload_id>/<slug:size>.jpg",
        chat_pages.picture,
        name="chat-picture",
    ),
    path("chats/<id:pk>/<slug:verb>/", chat_pages.step, name="chat-step"),
]
api_urlpatterns = [
    *people.router.urls,
    *swipes.router.urls,
    *chats.router.urls,
    *safety.router.urls,
]
