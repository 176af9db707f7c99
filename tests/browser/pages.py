"""What every journey does."""

from playwright.sync_api import Page

from ghar.accounts.models import User
from tests.factories import PASSWORD

# Until a worker has done it: in a second or two, or with the next sweep if the wake-up was lost.
SLOW = 60_000
# That it comes by itself, while all other tests run. That it comes within two seconds is shown on
# the stream itself (tests/flows).
LIVE = 10_000


def sign_in(page: Page, who: User) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail or phone").fill(who.email or "")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/login/" not in address)
