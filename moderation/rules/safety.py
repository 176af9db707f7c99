"""What in a message asks its reader for a second thought. Fast: it runs on every message shown.

Unlike moderation.rules.text it judges nobody: the note beside the message is all that follows.
"""

from collections.abc import Iterator
import re
from typing import Final
import unicodedata

from ghar.lib.text import count_digits, find_phones, find_upi_handles, fold
from moderation.rules.text import REGIONS

# Fewer digits than this are no phone, however they are written.
_SHORTEST_PHONE: Final = 9
_TOKEN: Final = re.compile(r"[\w\u0900-\u097f]+")

_LINK: Final = re.compile(
    r"(?:https?|hxxps?)\s?[:/]|(?<![\w@.-])www\s?\.|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|rw|info|xyz|biz"
    r"|site|shop|online|link|club|live|page)(?![\w-])|(?<![\w@.-])[a-z0-9-]+(?:\.[a-z0-9-]+)+/\w"
    r"|(?<!\w)[a-z0-9-]{2,} ?[(\[] ?dot ?[)\]] ?[a-z]{2,}|(?<!at )(?<!\w)[a-z0-9-]{3,} dot (?:com|net|org|rw|in)(?!\w)"
    r"|(?<![\w@.-])[a-z0-9-]{3,}\.(?:in|io|app|me|ly|co)(?=[\s,!?)]|$)"
)
# What all of those have; looked for first.
_LINK_SIGNS: Final = (":/", "www", " dot", "(dot", "[dot")
_DOTTED: Final = re.compile(r"\.[a-z]")
_DISGUISE: Final = re.compile("[\u00ad\u0370-\u04ff\u200b\u2060-\u2064\ufeff]")
_DUE: Final = r"(?:deposit|advance|token|booking amount|money|rent|amount|fee|half)"
_PAYMENT: Final = re.compile(
    rf"(?:(?:pay|send|transfer|wire)(?: me| us)?(?: the| a| some| half)?(?: \w+)? {_DUE} (?:first|before|now|today|in advance|upfront|via|by|through|to (?:my|this))"
    rf"|{_DUE}(?: amount)? (?:first|upfront|before (?:the |any |you )?(?:visit|viewing|see|keys?))|(?:pay|payment) (?:me )?(?:first|upfront|in advance)"
    r"|(?:gift|steam|amazon|itunes|google play) (?:gift )?cards?|western union|money ?gram|moneygram|(?:my |your )?upi(?: id)?|ifsc|iban|qr code"
    r"|(?:bank )?account (?:number|no|details)|google pay|phone pe|g pay|gpay|phonepe|paytm|bhim|paypal|momo (?:code|pay|number)|mobile money"
    r"|bitcoin|btc|usdt|crypto wallet|(?:advance|token|paise|deposit|paisa) (?:bhej\w*|pehle|transfer)"
    r"|(?:payez|payer|versez|verser|envoyez|envoyer)(?: moi)?(?: la| l| le| une?| de l?)? (?:caution|acompte|avance|argent)|cartes? cadeaux?|mandat cash|virement"
    r"|(?:ohereza|wohereze) (?:amafaranga|kashi)|(?:banza|ubanze) (?:wishyure|wohereze)"
    r"|(?:पहले )?(?:पैसे|एडवांस|टोकन|डिपॉजिट) (?:भेज\S*|ट्रांसफर)|यूपीआई|पेटीएम)(?!\S)"
)
_PAYMENT_STARTS: Final = frozenset(
    [
        *("pay", "send", "transfer", "wire", "deposit", "advance", "token", "booking", "money"),
        *("rent", "amount", "fee", "half", "payment", "gift", "steam", "amazon", "itunes"),
        *("google", "western", "moneygram", "my", "your", "upi", "ifsc", "iban", "qr", "bank"),
        *("account", "phone", "g", "gpay", "phonepe", "paytm", "bhim", "paypal", "momo"),
        *("mobile", "bitcoin", "btc", "usdt", "crypto", "paise", "paisa", "payez", "payer"),
        *("versez", "verser", "envoyez", "envoyer", "carte", "cartes", "mandat", "virement"),
        *("ohereza", "wohereze", "banza", "ubanze", "पहले", "पैसे", "एडवांस", "टोकन", "डिपॉजिट"),
        *("यूपीआई", "पेटीएम"),
    ]
)
_LONGEST_PHRASE: Final = 8


def safety_flags(text: str) -> tuple[str, ...]:
    """Which of "link", "phone" and "payment" the message holds."""
    readable = _readable(text)
    words = _TOKEN.findall(readable)
    found = {
        "link": _has_link(readable),
        "phone": _has_phone(readable, words),
        "payment": _asks_for_payment(words) or ("@" in text and bool(find_upi_handles(text))),
    }
    return tuple(name for name, is_there in found.items() if is_there)


def _readable(text: str) -> str:
    """Folding costs more than all else here, so only what may be a disguise is folded."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return fold(plain) if _DISGUISE.search(plain) else plain


def _has_link(readable: str) -> bool:
    may_be = any(sign in readable for sign in _LINK_SIGNS) or _DOTTED.search(readable)
    return bool(may_be and _LINK.search(readable))


def _asks_for_payment(words: list[str]) -> bool:
    starts = [place for place, word in enumerate(words) if word in _PAYMENT_STARTS]
    phrases = (" ".join(words[place : place + _LONGEST_PHRASE]) for place in starts)
    return any(map(_PAYMENT.match, phrases))


def _has_phone(readable: str, words: list[str]) -> bool:
    numbers = {word: digits for word in set(words) if (digits := count_digits(word))}
    count = 0
    for word in words if numbers else ():
        digits = numbers.get(word, 0)
        count = count + digits if digits else 0
        if count >= _SHORTEST_PHONE:
            return any(find_phones(part, REGIONS) for part in _numbers(readable))
    return False


def _numbers(readable: str) -> Iterator[str]:
    """The parts with digits enough for a phone; looking for phones in a long text is slow."""
    start = count = end = 0
    for token in _TOKEN.finditer(f"{readable} end"):
        digits = count_digits(token.group())
        if digits:
            start = start if count else token.start()
            count, end = count + digits, token.end()
            continue
        if count >= _SHORTEST_PHONE:
            yield readable[max(start - 1, 0) : end]
        count = 0
