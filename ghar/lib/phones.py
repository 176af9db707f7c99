"""Phone numbers in E.164, and the keyed form in which they may be compared."""

import hashlib
import hmac

from django.conf import settings
import phonenumbers


def parse_phone(text: str, region: str | None = None) -> str | None:
    """The E.164 form of a valid number, or None.

    Without a `region` ("IN", "RW") only the international form with a plus is read.
    """
    number = valid_number(text, region)
    return e164(number) if number else None


def valid_number(text: str, region: str | None = None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def zone_of(phone: str | None) -> str:
    """The time zone of the market of an E.164 number; empty for a number of none."""
    if not phone:
        return ""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    return str(settings.MARKETS[region]["timezone"]) if region in settings.MARKETS else ""


def e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_hash(number: str) -> str:
    """HMAC-SHA256 of an E.164 number under the pepper, with the id of its key in front: "1:9f2c…".

    The key id lets the pepper be changed: an old hash says which pepper made it.
    """
    digest = hmac.new(settings.PHONE_PEPPER.encode(), number.encode(), hashlib.sha256)
    return f"{settings.PHONE_PEPPER_KEY_ID}:{digest.hexdigest()}"
