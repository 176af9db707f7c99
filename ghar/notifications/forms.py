from typing import Any

from django import forms

from ghar.notifications.channels import is_connected
from ghar.notifications.models import OUTGOING, Purpose
from ghar.notifications.services import get_channels


class ChannelsForm(forms.Form):
    """One box for each purpose on each channel on which this reader can be reached."""

    def __init__(self, *args: Any, principal: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = [
            channel
            for channel in OUTGOING
            if is_connected(channel) and principal.address_on(channel)
        ]
        chosen = get_channels(principal)
        for channel in self.channels:
            for purpose in Purpose:
                self.fields[f"{channel}-{purpose}"] = forms.BooleanField(
                    label=purpose.label, required=False, initial=chosen[channel][purpose]
                )

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [
            (channel.label, [self[f"{channel}-{purpose}"] for purpose in Purpose])
            for channel in self.channels
        ]

    @property
    def choices(self) -> dict[str, dict[str, bool]]:
        return {
            channel.value: {
                purpose.value: self.cleaned_data[f"{channel}-{purpose}"] for purpose in Purpose
            }
            for channel in self.channels
        }
