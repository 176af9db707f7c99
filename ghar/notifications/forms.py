from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ghar.notifications.channels import is_connected
from ghar.notifications.models import OUTGOING, Channel, Purpose
from ghar.notifications.services.preferences import get_channels, reachable_channels

NAMES = {
    Channel.EMAIL: _("E-mail"),
    Channel.PUSH: _("Our app"),
    Channel.WEB_PUSH: _("This and other browsers"),
    Channel.SMS: _("Text message"),
    Channel.WHATSAPP: _("WhatsApp"),
    Channel.TELEGRAM: _("Telegram"),
}
PURPOSES = {
    Purpose.MESSAGES: _("When somebody writes to you"),
    Purpose.VIEWINGS: _("Viewings and visits, with reminders"),
    Purpose.MODERATION: _("What becomes of your listings and reports"),
    Purpose.MARKETING: _("Saved searches, news and offers"),
}
MISSING = {
    Channel.EMAIL: _("Verify an e-mail address, and we can write to you there."),
    Channel.PUSH: _("Sign in to our app on your phone, and it can tell you."),
    Channel.WEB_PUSH: _("Allow notifications in a browser, and it can tell you."),
}
MISSING_PHONE = _("Verify a phone number, and we can reach you there.")


class ChannelsForm(forms.Form):
    """One box for each purpose on each channel on which this reader can be reached."""

    def __init__(self, *args: Any, principal: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connected = [channel for channel in OUTGOING if is_connected(channel)]
        reachable = reachable_channels(principal)
        self.channels = [channel for channel in self.connected if channel in reachable]
        chosen = get_channels(principal)
        for channel in self.channels:
            for purpose in Purpose:
                self.fields[f"{channel}-{purpose}"] = forms.BooleanField(
                    label=PURPOSES[purpose], required=False, initial=chosen[channel][purpose]
                )

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [
            (NAMES[channel], [self[f"{channel}-{purpose}"] for purpose in Purpose])
            for channel in self.channels
        ]

    @property
    def missing(self) -> list[tuple[Any, Any]]:
        """What the reader has to do before a connected channel can reach them."""
        others = [channel for channel in self.connected if channel not in self.channels]
        return [(NAMES[channel], MISSING.get(channel, MISSING_PHONE)) for channel in others]

    @property
    def choices(self) -> dict[str, dict[str, bool]]:
        return {
            channel.value: {
                purpose.value: self.cleaned_data[f"{channel}-{purpose}"] for purpose in Purpose
            }
            for channel in self.channels
        }
