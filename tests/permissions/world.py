"""One object of each kind, and who has to do with it."""

import datetime as dt
from typing import Any

from ghar.accounts.models import Principal, User
from ghar.lib import clock
from ghar.notifications.models import Device
from ghar.properties.models import Upload
from moderation.models import Case
from tests.factories import (
    LiveListingFactory,
    NotificationFactory,
    PhotoFactory,
    PropertyFactory,
    SeekerSessionFactory,
    UserFactory,
)
from tests.permissions import table


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
        self.draft = PropertyFactory(owner=poster)
        self.draft_photo = PhotoFactory(listing=self.draft)
        self.live = LiveListingFactory(owner=poster)
        LiveListingFactory(owner=self.people[table.OTHER_POSTER])
        self.upload = Upload.objects.create(
            owner=poster, purpose="evidence", status="ready", folder=self.draft_photo.folder
        )
        self.case = Case.objects.create(
            listing=self.draft, kind="hold", due_at=clock.now() + dt.timedelta(hours=24)
        )
        self.notification = NotificationFactory(user=poster)
        self.device = Device.objects.create(user=poster, platform="web", token="a token")

    def principal(self, actor: str) -> Principal | None:
        return self.people[actor]

    def address(self, about: str) -> dict[str, Any]:
        """The words in the address of a route that is about this object."""
        return {
            "": {},
            "topic": {"topic": "privacy"},
            "step": {"step": "place"},
            "draft": {"pk": self.draft.pk},
            "draft photo": {"pk": self.draft.pk, "media_id": self.draft_photo.pk},
            "photo of draft": {"pk": self.draft_photo.pk, "size": "small"},
            "upload": {"pk": self.upload.pk, "size": "small"},
            "live with slug": {"slug": self.live.slug, "pk": self.live.pk},
            "case": {"pk": self.case.pk},
            "notification": {"pk": self.notification.pk},
            "device": {"pk": self.device.pk},
        }[about]
