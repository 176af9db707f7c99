"""Browser push in a real Chromium: the worker of the site shows what arrives, the page says so."""

import orjson
import pytest

from ghar.accounts.models import User
from ghar.notifications.models import Device
from tests.browser.conftest import (  # noqa: F401 -- the site and Chromium, as its tests have them
    browser,
    new_page,
    passwords_of_the_product,
    site,
)
from tests.browser.test_journey import sign_in
from tests.factories import PASSWORD
from tests.notifications.push_service import Browser

pytestmark = pytest.mark.browser

SHOWN = """async () => {
  const notes = await (await navigator.serviceWorker.ready).getNotifications();
  return notes.map(({ title, body, tag, data }) => ({ title, body, tag, ...data }));
}"""

# A private window refuses to subscribe, so that the browser's own part is given here.
SUBSCRIBED = """(subscription) => {
  let current = null;
  const made = { toJSON: () => subscription, unsubscribe: async () => { current = null; } };
  PushManager.prototype.getSubscription = async () => current && made;
  PushManager.prototype.subscribe = async () => { current = true; return made; };
}"""


@pytest.fixture
def member(transactional_db, settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    user = User(full_name="Sita Seeker", email="seeker@example.org", email_verified=True)
    user.set_password(PASSWORD)
    user.save()
    return user


def test_from_the_button_to_the_note(new_page, member):  # noqa: F811
    page = new_page()
    page.context.grant_permissions(["notifications"], origin=page.url)
    sign_in(page, member)
    page.goto("/notifications/channels/")
    button = page.get_by_role("button", name="Allow in this browser")

    button.click()  # Chromium lets no private window subscribe
    page.get_by_role("alert").get_by_text("That did not work").wait_for()
    assert not Device.objects.exists()

    subscription = Browser("https://push.example/abc").subscription
    page.evaluate(SUBSCRIBED, subscription)
    with page.expect_navigation():
        button.click()
    page.get_by_role("group", name="This and other browsers").wait_for()
    device = Device.objects.get(user=member)
    assert orjson.loads(device.token)["endpoint"] == subscription["endpoint"]

    note = {"title": "Peter wrote to you", "body": "See you", "tag": "k", "route": "/viewings/"}
    deliver(page, note)
    page.wait_for_timeout(1000)
    assert page.evaluate(SHOWN) == [note]


def deliver(page, note) -> None:
    """As the push service would, to the worker of the page's site."""
    session = page.context.new_cdp_session(page)
    found = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated", lambda e: found.extend(e["registrations"])
    )
    session.send("ServiceWorker.enable")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.wait_for_timeout(500)
    message = {
        "origin": page.evaluate("location.origin"),
        "registrationId": found[0]["registrationId"],
        "data": orjson.dumps(note).decode(),
    }
    session.send("ServiceWorker.deliverPushMessage", message)
