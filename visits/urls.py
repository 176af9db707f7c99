from django.urls import path

from visits.api import agents
from visits.api import safety as safety_api
from visits.api.visits import router
from visits.views import agents as agent_pages
from visits.views import booking, pages, safety

urlpatterns = [
    path("rooms/<id:pk>/visit/new", booking.tour, name="new"),
    path("chats/<id:pk>/visit/new", booking.meet, name="meet"),
    path("visits/", pages.index, name="index"),
    path("visits/<id:pk>/", pages.detail, name="detail"),
    path("visits/<id:pk>/state/", pages.state, name="state"),
    path("visits/<id:pk>/calendar.ics", pages.calendar, name="calendar"),
    path("visits/shared/<str:token>/", safety.shared, name="shared"),
    path("visits/<id:pk>/share/", safety.share, name="share"),
    path("visits/<id:pk>/stop-sharing/", safety.stop_sharing, name="stop-sharing"),
    path("visits/<id:pk>/check-in/", safety.check_in, name="check-in"),
    path("visits/<id:pk>/help/", safety.help_page, name="help"),
    path("visits/<id:pk>/arrival/", safety.arrival, name="arrival"),
    path("visits/<id:pk>/dispute/", safety.dispute, name="dispute"),
    path("agent/", agent_pages.day, name="agent"),
    path("agent/availability/", agent_pages.availability, name="agent-availability"),
    # The last of them: every other word below a visit is a step.
    path("visits/<id:pk>/<slug:verb>/", pages.step, name="step"),
]
api_urlpatterns = [*router.urls, *agents.router.urls, *safety_api.router.urls]
