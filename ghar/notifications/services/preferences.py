"""On which channels a reader wants to be reached, and the devices on which they can be."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from ghar.errors import Invalid
from ghar.notifications import channels as transports
from ghar.notifications.models import (
    OUTGOING,
    Channel,
    ChannelPreference,
    Device,
    Purpose,
    Standing,
    standings,
)

MAX_DEVICES = 10


def address(principal: Any) -> dict[str, Any]:
    """The columns that address a row to this User or SeekerSession."""
    return {"session" if principal.actor_kind == "session" else "user": principal}


def opted_in_channels(principal: Any, purpose: Purpose) -> list[Channel]:
    """The connected outgoing channels on which this reader can and wants to be reached."""
    return channels_of([principal], purpose)[principal]


def channels_of(principals: Iterable[Any], purpose: Purpose) -> dict[Any, list[Channel]]:
    """The same of several readers, in one statement."""
    return {
        reader: wanted_channels(reader, standing, purpose)
        for reader, standing in standings(list(principals)).items()
    }


def wanted_channels(reader: Any, standing: Standing, purpose: str) -> list[Channel]:
    chosen, by_device = standing
    return [
        channel
        for channel in OUTGOING
        if chosen[channel, purpose]
        and transports.is_connected(channel)
        and (channel in by_device or reader.address_on(channel))
    ]


def reachable_channels(principal: Any) -> set[Channel]:
    """On which outgoing channels there is an address or a device, connected or not."""
    by_device = standings([principal])[principal][1]
    return {c for c in OUTGOING if c in by_device or principal.address_on(c)}


def get_channels(principal: Any) -> dict[str, dict[str, bool]]:
    """{channel: {purpose: bool}} for every channel and purpose."""
    chosen = standings([principal])[principal][0]
    return {
        channel.value: {purpose.value: chosen[channel, purpose] for purpose in Purpose}
        for channel in Channel
    }


@transaction.atomic
def set_channels(*, principal: Any, choices: Mapping[Any, Mapping[Any, bool]]) -> None:
    """Change the given choices and leave the others. The site itself cannot be switched off. What
    stands already is not written: a page sends every box, and a default may change one day.
    """
    if not all(choices.get(Channel.IN_APP, {}).values()):
        raise Invalid.field(Channel.IN_APP, "always on")
    stands, owner = standings([principal])[principal][0], address(principal)
    changed = [
        ChannelPreference(**owner, channel=channel, purpose=purpose, is_opted_in=is_opted_in)
        for channel, by_purpose in choices.items()
        for purpose, is_opted_in in by_purpose.items()
        if stands[channel, purpose] != is_opted_in
    ]
    ChannelPreference.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=[*owner, "channel", "purpose"],
        update_fields=["is_opted_in"],
    )


@transaction.atomic
def register_device(*, user: Any, platform: str, token: str) -> Device:
    """A device belongs to whoever signed in on it last. Of too many the oldest are forgotten."""
    device, _created = Device.objects.update_or_create(
        token=token, defaults={"user": user, "platform": platform}
    )
    newest = Device.objects.of(user).exclude(pk=device.pk).order_by("-pk")
    Device.objects.filter(pk__in=newest.values("pk")[MAX_DEVICES - 1 :]).delete()
    return device


def forget_device(*, device: Device) -> None:
    device.delete()


def forget_devices(*, user: Any, on: Channel | None = None) -> None:
    mine = Device.objects.of(user)
    (mine.on(on) if on else mine).delete()
