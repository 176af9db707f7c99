"""One object of each kind, and who has to do with it."""

import datetime as dt
from typing import Any

from django.conf import settings

from flatmates.models import Match
from flatmates.services.messages import send_message
from ghar.accounts.models import Principal, User
from ghar.lib import clock
from ghar.notifications.models import Device
from ghar.properties.models import Upload
from ghar.properties.services.saved import save_listing
from moderation.models import Case, RiskScore
from moderation.services.blocks import block_person
from tests.factories import (
    LiveListingFactory,
    NotificationFactory,
    PhotoFactory,
    ProfileFactory,
    ProfilePhotoFactory,
    PropertyFactory,
    SavedSearchFactory,
    SeekerSessionFactory,
    UserFactory,
)
from tests.flatmates.pairs import matched
from tests.moderation.reported import report
from tests.permissions import table
from tests.visits.agents import a_tour, an_agent, on
from viewings.models import ViewingRequest
from viewings.policies.booking import ProposedTime
from viewings.services.links import write_token
from viewings.services.requests import create_request
from viewings.services.scheduling import confirm_viewing
from visits.models import Visit
from visits.services.safety import share_visit
from visits.services.scheduling import confirm_visit


class World:
    """The poster owns everything; another poster owns a listing of his own."""

    def __init__(
        self, *, seeker: User, poster: User, outsider: User, agent: User, admin: User
    ) -> None:
        self.people: dict[str, Principal | None] = {
            table.ANONYMOUS: None,
            table.SESSION: SeekerSessionFactory(),
            table.OTHER_SESSION: SeekerSessionFactory(),
            table.SEEKER: seeker,
            table.POSTER: poster,
            table.OTHER_POSTER: UserFactory(full_name="Paula Poster"),
            table.OUTSIDER: outsider,
            table.AGENT: agent,
            table.ADMIN: admin,
        }
        self.media = settings.MEDIA_ROOT
        self.draft = PropertyFactory(owner=poster)
        self.draft_photo = PhotoFactory(listing=self.draft)
        self.live = LiveListingFactory(owner=poster)
        LiveListingFactory(owner=self.people[table.OTHER_POSTER])
        self.saved_search = SavedSearchFactory(user=seeker)
        save_listing(listing=self.live, by=seeker)
        self.upload = Upload.objects.create(
            owner=poster, purpose="evidence", status="ready", folder=self.draft_photo.folder
        )
        profile = ProfileFactory(user=poster)
        self.face = ProfilePhotoFactory(profile=profile)
        RiskScore.objects.create(
            listing=self.draft,
            owner_id=poster.pk,
            risk_score=75,
            risk_level="high",
            status="hold",
            content_version=1,
        )
        self.case = Case.objects.create(
            listing=self.draft, kind="hold", due_at=clock.now() + dt.timedelta(hours=24)
        )
        self.report = report(poster, by=seeker)
        self.blocked = UserFactory()
        block_person(target=self.blocked, by=seeker)
        self.chat = matched(seeker, poster)
        self.match = Match.objects.get(conversation=self.chat)
        sent = Upload.objects.create(
            owner=seeker, purpose="message", status="ready", folder=self.draft_photo.folder
        )
        self.message, _new = send_message(conversation=self.chat, by=seeker, attachment_id=sent.pk)
        self.viewing = self._confirmed_viewing(seeker, days=3)
        self.sessions_viewing = self._confirmed_viewing(self.people[table.SESSION], days=4)
        self.token = write_token(self.sessions_viewing, now=clock.now())
        self.visit = self._confirmed_visit(seeker, agent)
        self.visit_link = share_visit(visit=self.visit, by=seeker)[0].rstrip("/").rsplit("/", 1)[1]
        self.notification = NotificationFactory(user=poster)
        self.device = Device.objects.create(user=poster, platform="web", token="a token")

    def _confirmed_viewing(self, by: Principal, *, days: int) -> ViewingRequest:
        start = clock.now() + dt.timedelta(days=days)
        time = ProposedTime(start, start + dt.timedelta(minutes=30), "Africa/Kigali")
        viewing = create_request(listing=self.live, by=by, times=[time])
        return confirm_viewing(viewing=viewing, option=viewing.options.get(), by=self.live.owner)

    def _confirmed_visit(self, by: User, agent: User) -> Visit:
        """A tour that the agent shows."""
        an_agent("Agnes", user=agent)
        visit = a_tour(on(6, 10), by=by, listing=self.live)
        return confirm_visit(visit=visit, by=self.live.owner)

    def principal(self, actor: str) -> Principal | None:
        return self.people[actor]

    def address(self, about: str) -> dict[str, Any]:
        """The words in the address of a route that is about this object."""
        return {
            "": {},
            "nothing": {},
            "topic": {"topic": "privacy"},
            "step": {"step": "place"},
            "draft": {"pk": self.draft.pk},
            "saved search": {"pk": self.saved_search.pk},
            "draft photo": {"pk": self.draft.pk, "media_id": self.draft_photo.pk},
            "photo of draft": {"pk": self.draft_photo.pk, "size": "small"},
            "upload": {"pk": self.upload.pk, "size": "small"},
            "live with slug": {"slug": self.live.slug, "pk": self.live.pk},
            "live": {"pk": self.live.pk},
            "viewing": {"pk": self.viewing.pk},
            "session's viewing": {"pk": self.sessions_viewing.pk},
            "step of viewing": {"pk": self.viewing.pk, "verb": "cancel"},
            "step of session's viewing": {"pk": self.sessions_viewing.pk, "verb": "cancel"},
            "visit": {"pk": self.visit.pk},
            "step of visit": {"pk": self.visit.pk, "verb": "cancel"},
            "rating of visit": {"pk": self.visit.pk, "verb": "rate"},
            "agent": {"pk": self.visit.agent_id},
            "visit link": {"token": self.visit_link},
            "link": {"token": self.token},
            "link step": {"token": self.token, "verb": "cancel"},
            "welcome": {"step": "why"},
            "pause": {"verb": "pause"},
            "person": {"user_id": self.face.profile.user_id},
            "blocked person": {"user_id": self.blocked.pk},
            "match": {"pk": self.match.pk},
            "photo of person": {"upload_id": self.face.upload_id, "size": "small"},
            "chat": {"pk": self.chat.pk},
            "step of chat": {"pk": self.chat.pk, "verb": "read"},
            "picture of chat": {
                "pk": self.chat.pk,
                "upload_id": self.message.attachment_id,
                "size": "small",
            },
            "case": {"pk": self.case.pk},
            "report": {"pk": self.report.pk},
            "notification": {"pk": self.notification.pk},
            "device": {"pk": self.device.pk},
        }[about]
