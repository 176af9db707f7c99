"""What a text says that it should not, in the four languages of the site.

Patterns run on unmasked text (look-alikes, leetspeak and spacing read), on whole words. They know
context: "no betting allowed" and "crypto engineer" are clean. A word for who people are never
flags by itself, only where it chooses or excludes tenants: "no X", "X only".
"""

from collections.abc import Iterable
from dataclasses import dataclass
import re
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ghar.lib.text import (
    find_emails,
    find_phones,
    find_upi_handles,
    mixed_script_words,
    normalise,
    unmask,
)
from moderation.rules.facts import Family, ListingFacts, Reason
from moderation.rules.limits import DetectionSettings

REGIONS: Final = ("IN", "RW")


def _words(*alternatives: str) -> re.Pattern[str]:
    """Whole words of space-parted text; \\b would cut Devanagari at its vowel signs."""
    return re.compile(rf"(?<!\S)(?:{'|'.join(alternatives)})(?!\S)")


_ADULT: Final = _words(
    r"escorts?(?: services?)?", r"call girls?", r"sex(?:y massage| services?| chat| for rent| partner)",
    r"(?:full|erotic|nuru|happy ending) (?:body )?massage with (?:extra|happy ending)",
    r"happy endings?", r"erotic massages?", r"friends with benefits", r"nudes?", r"porn\w*",
    r"sugar (?:daddy|mommy|baby)", r"rent (?:in exchange )?for (?:sex|intimacy|favou?rs)",
    r"sexual favou?rs", r"prostitu\w+", r"plan cul", r"massage erotique", r"escort girls?",
    "कॉल गर्ल", "सेक्स", "indaya",
)  # fmt: skip
_ILLEGAL: Final = _words(
    r"cocaine", r"heroin", r"ganja", r"weed (?:available|for sale|delivery|dealer)", r"charas",
    r"mdma", r"ecstasy pills?", r"meth(?:amphetamine)?", r"lsd", r"hash(?:ish)? (?:available|for sale)",
    r"drugs? (?:available|for sale|delivery|dealer|party)", r"(?:sell|selling|buy|supply) (?:drugs?|weed|marijuana)",
    r"marijuana (?:available|for sale)", r"drogues? (?:disponibles?|a vendre)",
    r"(?:urumogi|ibiyobyabwenge)", "गांजा", "चरस", "अफीम",
)  # fmt: skip
_COMMERCIAL: Final = _words(
    r"(?:online )?(?:betting|casino|gambling)(?: tips?| site| app)?", r"teen patti", r"satta(?: matka)?",
    r"earn (?:money|cash|daily|from home|rs|inr|up to)(?: \w+)?", r"work from home (?:and )?earn\w*",
    r"(?:crypto|bitcoin|forex) (?:trading|investments?|signals?|profits?)",
    r"invest in (?:crypto|bitcoin|forex)", r"(?:guaranteed|assured) (?:returns?|profits?|income)",
    r"double your money", r"(?:instant|personal|quick) loans?(?: available| approval)?",
    r"network marketing", r"multi level marketing", r"join my (?:team|business)",
    r"gagnez de l argent", r"paris sportifs", r"kubetinga", "सट्टा", "पैसे कमाएं", "घर बैठे कमा\\S*",
)  # fmt: skip
_OFF_PLATFORM: Final = _words(
    r"(?:whatsapp|whats app|watsapp|telegram|signal|imo|instagram|insta|snapchat|dm|text|ping) (?:me|us|karo|only|pe|par)",
    r"(?:message|contact|reach|text|find|ping|write) (?:me|us)? ?(?:on|over|via|at|to) (?:whatsapp|telegram|signal|instagram|insta|snapchat|facebook)",
    r"wa me", r"t me", r"(?:western union|moneygram|gift cards?)",
    r"(?:pay|send|transfer)(?: the| a)? (?:\w+ )?(?:deposit|token|advance|money|rent) (?:before (?:the )?(?:visit|viewing)|first|in advance|now)",
    r"pay outside", r"outside (?:the|this) (?:app|site|platform)", r"contactez moi sur (?:whatsapp|telegram)",
    r"(?:nyandikira|mpamagara) kuri whatsapp", "व्हाट्सएप (?:करें|करो|पर)",
)  # fmt: skip

# Who people are, said where it does not matter, is nobody's business here.
_PEOPLE: Final = (
    r"(?:hindus?|muslims?|islamic|christians?|sikhs?|jains?|jews?|jewish|buddhists?|parsis?|catholics?"
    r"|brahmins?|brahmans?|rajputs?|dalits?|kshatriyas?|baniyas?|jats?|yadavs?|marathas?|sc st|obc"
    r"|africans?|nigerians?|indians?|rwandans?|congolese|foreigners?|northeast(?:ern)?s?|chinese|(?:white|black) people|blacks"
    r"|hutus?|tutsis?|twas?|a?bahutu|a?batutsi|a?batwa|a?bayisilamu|a?bakristo|a?banyamahanga"
    r"|disabled(?: people| persons)?|handicapped|wheelchair users?"
    r"|musulmane?s?|chretien(?:ne)?s?|juifs?|juives?|africaine?s?|etrangers?|handicapes?|noire?s?|blancs?"
    r"|हिंदू|हिन्दू|मुस्लिम|मुसलमान|मुसलमानों|ईसाई|सिख|जैन|ब्राह्मण|ब्राह्मणों|दलित|दलितों|विकलांग)"
)
_WHO: Final = r"(?: (?:family|families|tenants?|people|persons?|men|women|boys?|girls?|students?|bachelors?|couples?|candidates?|परिवार|लोग|लोगों))?"
_DISCRIMINATORY: Final = _words(
    rf"(?:no|not for|except|only|only for|strictly|strictly for|exclusively for|prefer|preferably|sirf|keval) {_PEOPLE}{_WHO}",
    rf"{_PEOPLE}{_WHO} (?:only|preferred|not allowed|not welcome|not accepted|need not apply|please do not apply|excluded|nahi|nahin|uniquement|seulement|exclusivement|gusa|ntibemerewe)",
    rf"(?:pas de|pas d|sauf|seulement|uniquement|reserve aux|interdit aux|nta) {_PEOPLE}",
    rf"(?:केवल|सिर्फ|सिर्फ़|मात्र) {_PEOPLE}{_WHO}",
    rf"{_PEOPLE}{_WHO}(?: के लिए| को)? (?:नहीं|नही|ही|वर्जित)",
    r"(?:upper|higher|lower|same) caste (?:only|preferred|tenants?|family)",
    r"(?:no|only) (?:lower|upper|scheduled) castes?",
    r"caste (?:no bar )?must be \w+",
)  # fmt: skip
# After these the word speaks of a thing: "only Jain food", "no church nearby".
_THINGS: Final = (
    r"\s+(?:food|kitchen|cuisine|restaurants?|temples?|mandir|mosques?|church(?:es)?|gurudwara"
    r"|schools?|colleges?|hospitals?|toilets?|style|wedding|festivals?|art|walls?|doors?|tiles?"
    r"|colou?rs?|standards?|made|embassy|bar|discrimination|restriction)(?!\S)"
)
# Somebody forbids it rather than offers it.
_FORBIDDING: Final = re.compile(
    r"(?:^| )(?:no|not|never|without|dont|do not|don t|zero|strictly no|free of|against|ban(?:s|ned)?"
    r"|pas de|sans|aucun|interdit|nta|bez|kabisa|bina|बिना|कोई)(?: \w+){0,2} $"
)
_FORBIDDEN: Final = re.compile(
    r"^ (?:\w+ ){0,3}?(?:not allowed|not permitted|not tolerated|is not|are not|prohibited|banned|forbidden"
    r"|interdite?s?|birabujijwe|nahi|nahin|mana|(?:\S+ )?(?:नहीं|मना|वर्जित|निषेध))(?!\S)"
)


@dataclass(frozen=True)
class _Wording:
    code: str
    pattern: re.Pattern[str]
    message: str
    is_high: bool = False
    can_be_forbidden: bool = True


_RULES: Final = (
    _Wording("ADULT_CONTENT", _ADULT, gettext_noop("Adult content: %(found)s."), is_high=True),
    _Wording(
        "ILLEGAL_SUBSTANCES", _ILLEGAL, gettext_noop("Illegal substances: %(found)s."), is_high=True
    ),
    _Wording("COMMERCIAL_SPAM", _COMMERCIAL, gettext_noop("Advertises something else: %(found)s.")),
    _Wording(
        "OFF_PLATFORM_SPAM", _OFF_PLATFORM, gettext_noop("Leads away from the site: %(found)s.")
    ),
    _Wording(
        "DISCRIMINATORY_TEXT",
        _DISCRIMINATORY,
        gettext_noop("Chooses tenants by who they are: %(found)s."),
        can_be_forbidden=False,
    ),
)


def text_reasons(
    listing: ListingFacts, limits: DetectionSettings, *, other_texts: Iterable[str] = ()
) -> list[Reason]:
    """Findings in title, description, place names and `other_texts` (tags, free fields)."""
    texts = (listing.title, listing.description, listing.locality, listing.society, *other_texts)
    return wording_reasons("\n".join(filter(None, texts)), limits)


def wording_reasons(text: str, limits: DetectionSettings) -> list[Reason]:
    """The same for any text: a bio, a first message. Heaviest families first."""
    readings = tuple(dict.fromkeys((unmask(text), normalise(text))))
    reasons = [
        _reason(rule.code, rule.message, found, limits, is_high=rule.is_high)
        for rule in _RULES
        if (found := _found(rule, readings))
    ]
    if contacts := _contacts(text):
        message = gettext_noop("Contact details in the text: %(found)s.")
        reasons.append(_reason("CONTACT_IN_TEXT", message, contacts, limits))
    if mixed := mixed_script_words(text):
        message = gettext_noop("Words in mixed alphabets: %(found)s.")
        reasons.append(_reason("SPAM_TEXT", message, mixed, limits))
    return reasons


def _reason(
    code: str, message: str, found: list[str], limits: DetectionSettings, *, is_high: bool = False
) -> Reason:
    return Reason(
        code=code,
        family=Family.WORDING,
        weight=limits.wording_high_weight if is_high else limits.wording_warning_weight,
        message=_(message) % {"found": ", ".join(found)},
        evidence={"found": found},
    )


def _contacts(text: str) -> list[str]:
    found = [*find_phones(text, REGIONS), *find_emails(text), *find_upi_handles(text)]
    return list(dict.fromkeys(found))


def _found(rule: _Wording, readings: Iterable[str]) -> list[str]:
    hits = (hit for text in readings for hit in rule.pattern.finditer(text))
    return list(dict.fromkeys(hit.group() for hit in hits if not _is_harmless(rule, hit)))


def _is_harmless(rule: _Wording, hit: re.Match[str]) -> bool:
    before, after = hit.string[: hit.start()], hit.string[hit.end() :]
    if not rule.can_be_forbidden:
        return re.match(_THINGS, after) is not None
    return bool(_FORBIDDING.search(before) or _FORBIDDEN.match(after))
