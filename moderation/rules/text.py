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
    fold,
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
    r"(?<!ford )(?<!security )(?<!police )escorts?(?: services?)?(?! (?:vehicle|car|guard)s?(?!\S))",
    r"call ?(?:girls?|boys?)", r"sex(?:y massage| services?| chat| for rent| partner| work)",
    r"(?:for|in exchange for|want|have|offer\w*|paid|casual|free) sex", r"(?:casual|paid) sexual\S*",
    r"(?:full|erotic|nuru|happy ending) (?:body )?massage with (?:extra|happy ending)",
    r"(?:full )?body massage (?:services?|available)", r"massage parlou?rs?", r"(?:erotic|sensual|nuru) massages?",
    r"happy endings?", r"friends with benefits", r"one night stands?", r"only ?fans",
    r"hook ?ups? (?:tonight|partners?|fun|welcome|only)", r"(?:looking for|up for) (?:a )?hook ?ups?",
    r"nudes?(?! (?:colou?r|shade|wall|tone|palette|lipstick|beige)\S*)", r"porn\w*", r"xxx",
    r"sugar (?:daddy|daddies|mommy|mummy|baby|babies)", r"(?:adult|intimate) (?:fun|services?|entertainment)",
    r"rent (?:in exchange )?for (?:sex|intimacy|favou?rs)", r"sexual favou?rs", r"prostitu\w+",
    r"plan cul", r"massages? (?:erotiques?|coquins?|sensuels?)", r"escorte?s? girls?", r"escortes?",
    r"(?:services?|faveurs) sexuel(?:le)?s", r"rencontres? coquines?", r"loyer contre (?:services|sexe|faveurs)",
    r"sexe (?:tarife|contre)", "कॉल गर्ल", "सेक्स", "एस्कॉर्ट", "जिस्मफरोशी", "indaya", "uburaya", "imibonano",
)  # fmt: skip
_ILLEGAL: Final = _words(
    r"(?:cocaine|heroin)(?! addiction)", r"ganja", r"charas", r"mdma", r"ecstasy pills?", r"meth(?:amphetamine)?", r"lsd",
    r"opium", r"magic mushrooms?", r"brown sugar (?:available|for sale|powder)", r"(?:weed|420|ganja) friendly",
    r"weed (?:available|for sale|deliver\w+|dealer|plants?|supply)", r"hash(?:ish)? (?:available|for sale|deliver\w+)",
    r"(?:smok(?:e|es|ing)|rolling|grow(?:ing)?) (?:weed|pot|marijuana|joints?|hash(?:ish)?)",
    r"(?:sell|sells|selling|buy|supply|supplying|deliver|delivering) (?:\S+ )?(?:drugs?|weed|marijuana|hash(?:ish)?)",
    r"(?:drugs?|pot) (?:available|for sale|deliver\w+|dealers?|party|parties|allowed|ok|welcome)",
    r"marijuana (?:available|for sale|deliver\w+)", r"cannabis", r"(?:beuh|herbe|shit) (?:a vendre|disponible)",
    r"drogues? (?:disponibles?|a vendre|livrees?)", r"(?:vente|livraison) de (?:drogues?|cannabis|cocaine)",
    r"(?:urumogi|ibiyobyabwenge|kanyanga)", "गांजा", "गाँजा", "चरस", "अफीम", "कोकीन", "हेरोइन",
    r"(?:ड्रग्स|नशा) (?:मिल\S*|उपलब्ध|बेच\S*)",
)  # fmt: skip
_COMMERCIAL: Final = _words(
    r"(?:online )?(?:betting|casinos?|gambling)(?: tips?| site| app)?", r"teen patti", r"satta(?: matka)?",
    r"(?:rummy|aviator|poker) (?:cash|app|bonus)", r"lottery (?:tickets?|winners?|numbers?)",
    r"earn (?:money|cash|daily|from home|rs|inr|up to|\d+)(?: \w+)?", r"work from home (?:and )?earn\w*", r"refer and earn",
    r"(?:make|earn) (?:\d+ )?(?:\S+ )?(?:a|per|every) (?:day|week) (?:from|with|at) (?:home|your phone|us)",
    r"(?:crypto|bitcoin|forex) (?:trading|investments?|signals?|profits?)",
    r"invest in (?:crypto|bitcoin|forex)", r"(?:guaranteed|assured) (?:returns?|profits?|income)",
    r"double your money", r"(?:instant|personal|quick) loans?(?: available| approval)?",
    r"(?:network|multi ?level) marketing", r"mlm", r"join my (?:team|business|downline)", r"get rich quick",
    r"gagnez (?:de l argent|jusqu a)", r"argent facile", r"paris sportifs", r"(?:pret|credit) (?:d argent )?(?:rapide|immediat)",
    r"kubetinga", r"inguzanyo (?:yihuse|zihuse)", r"korera amafaranga (?:menshi|vuba)",
    "सट्टा", "पैसे कमा\\S*", "घर बैठे कमा\\S*", "(?:तुरंत|आसान) लोन", r"ghar baithe (?:paise )?kama\w*",
)  # fmt: skip
_APPS: Final = r"(?:whatsapp|whats app|watsapp|telegram|imo|instagram|insta|snapchat|facebook)"
_OFF_PLATFORM: Final = _words(
    rf"{_APPS} (?:me|us|karo|only|pe|par)", r"(?:signal|dm|text|ping) (?:me|us|karo)(?! (?:here|on this))",
    rf"(?:message|contact|reach|text|find|ping|write|chat|talk|dm|msg)(?: to)?(?: me| us)? ?(?:on|over|via|at|to|through) (?:{_APPS}|signal)",
    rf"(?:add|follow) (?:me|us) on {_APPS}", r"wa me", r"t me", r"(?:western union|money ?gram|gift cards?)",
    r"(?:pay|send|transfer)(?: the| a| me)? (?:\w+ )?(?:deposit|token|advance|money|rent) (?:before (?:the )?(?:visit|viewing)|first|in advance|now)",
    r"(?:deposit|advance|token)(?: amount)? (?:first|before (?:the |any )?(?:visit|viewing|keys?))",
    r"(?:advance|token|paise|deposit) (?:bhejo|bhej do|bhejna|pehle)", r"pay outside", r"outside (?:the|this) (?:app|site|platform)",
    rf"(?:contactez|ecrivez|appelez|ecris)(?: moi| nous)? (?:sur|par) {_APPS}", r"(?:carte|cartes) cadeaux?", r"mandat cash",
    r"(?:payez|versez|envoyez)(?: moi)?(?: la| l| le| une?| de)? (?:caution|acompte|avance|argent|loyer) (?:avant|d abord)",
    r"(?:en dehors|hors) (?:du site|de la plateforme|de l application)", r"(?:unyandikire|nyandikira|nyandikire|mpamagara|umpamagare) kuri whatsapp",
    r"(?:banza|ubanze) (?:wishyure|wohereze)", r"ohereza amafaranga (?:mbere|ubu)",
    "(?:व्हाट्सएप|व्हाट्सऐप|टेलीग्राम) (?:पर|करें|करो)", r"पहले (?:पैसे|एडवांस|टोकन|डिपॉजिट) (?:भेज\S*|दो|दें)",
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
    r"\s+(?:(?:or|and) \S+ )?(?:food|kitchen|cuisine|cooking|dishes|meals?|music|films?|tea|phones?|plugs?|restaurants?|temples?|mandir|mosques?|church(?:es)?|gurudwara"
    r"|schools?|colleges?|hospitals?|toilets?|style|wedding|festivals?|art|walls?|doors?|tiles?"
    r"|colou?rs?|standards?|made|embassy|bar|discrimination|restriction)(?!\S)"
)
# Somebody forbids it rather than offers it: "no smoking, drinking or ganja", but not "no problem, …".
_FORBIDDING: Final = re.compile(
    r"(?:^| )(?:no|not|never|without|dont|\w+n t|zero|free of|against|ban(?:s|ned)?"
    r"|pas|sans|aucune?|interdi\w+|nta|ntabwo|nti\w+|bez|kabisa|bina|बिना|कोई)"
    r"(?: (?!but|only|just|problem|issue|limit|worr|hassle|question|doubt|broker|deposit|fee|charge"
    r"|available|offer|sell|get|enjoy|call|contact|whatsapp|soucis|ikibazo|समस्या)\S+){0,5} $"
)
_FORBIDDEN: Final = re.compile(
    r"^ (?:\S+ ){0,3}?(?:not allowed|not permitted|not tolerated|not welcome|not ok|is not|are not|prohibited|banned"
    r"|forbidden|interdite?s?|birabujijwe|bibujijwe|burabujijwe|ntibyemewe|ntibemewe|nahi|nahin|mana"
    r"|(?:\S+ )?(?:नहीं|मना|वर्जित|निषेध))(?!\S)"
)
_OFFERED: Final = re.compile(
    r"^ (?:(?:is|are|always|easily|here) )*(?:available|for sale|delivered|delivery|a vendre|disponible|उपलब्ध)(?!\S)"
)
# Somebody works there, or lives near: "engineer at a casino software company".
_AT_WORK: Final = re.compile(
    r"(?:^| )(?:work\w*|engineer|developer|designer|analyst|employed|job|travaille|ingenieur|near|opposite|behind)"
    r" (?:at|for|in|with|as|to|the|a|an|dans|pour|chez)(?: (?!home)\S+){0,2} $"
)
_TRADE: Final = re.compile(
    r"^ (?:software|engineer\w*|developer|company|industry|analyst|royale|addiction|law)(?!\S)"
)
_HANDLE: Final = re.compile(
    r"(?<!\w)(?:telegram|insta(?:gram)?|snap(?:chat)?)(?: id)?\s*[:@-]\s*(?:@?\w*[_\d]\w*|@\w{3,})"
)
_LONE_COMMA: Final = re.compile(r"(?<!\d\d),(?!\s*\d\d)")
# "Women only. Indians and Rwandans live here": what ends one sentence says nothing of the next.
_SENTENCE_END: Final = re.compile(r"(?<=\S\S)(?:[.!?;।|•]+\s+|\s*\n\s*)")


@dataclass(frozen=True)
class _Wording:
    code: str
    pattern: re.Pattern[str]
    message: str
    is_high: bool = False
    can_be_forbidden: bool = True
    may_be_work: bool = False


_RULES: Final = (
    _Wording("ADULT_CONTENT", _ADULT, gettext_noop("Adult content: %(found)s."), is_high=True),
    _Wording(
        "ILLEGAL_SUBSTANCES", _ILLEGAL, gettext_noop("Illegal substances: %(found)s."), is_high=True
    ),
    _Wording(
        "COMMERCIAL_SPAM",
        _COMMERCIAL,
        gettext_noop("Advertises something else: %(found)s."),
        may_be_work=True,
    ),
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
    """Findings in title, description, place names and `other_texts` (tags, free fields).

    Each ends with a comma, so that no two texts make one phone number between them.
    """
    texts = (listing.title, listing.description, listing.locality, listing.society, *other_texts)
    return wording_reasons(",\n".join(filter(None, texts)), limits)


def wording_reasons(text: str, limits: DetectionSettings) -> list[Reason]:
    """The same for any text: a bio, a first message. Heaviest families first."""
    sentences = _SENTENCE_END.split(text)
    readings = dict.fromkeys(read(part) for part in sentences for read in (unmask, normalise))
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


def phones_in(text: str, regions: Iterable[str]) -> list[str]:
    """Numbers in E.164. Commas group amounts; between single digits they part those of a number."""
    return find_phones(_LONE_COMMA.sub(" ", text), regions)


def _reason(
    code: str, message: str, found: list[str], limits: DetectionSettings, *, is_high: bool = False
) -> Reason:
    return Reason(
        code=code,
        family=Family.WORDING,
        weight=limits.holding_weight if is_high else limits.wording_warning_weight,
        message=_(message) % {"found": ", ".join(found)},
        evidence={"found": found},
    )


def _contacts(text: str) -> list[str]:
    handles = (match.group() for match in _HANDLE.finditer(fold(text)))
    found = [
        *phones_in(text, REGIONS),
        *find_emails(text),
        *find_upi_handles(text),
        *handles,
    ]
    return list(dict.fromkeys(found))


def _found(rule: _Wording, readings: Iterable[str]) -> list[str]:
    hits = (hit for text in readings for hit in rule.pattern.finditer(text))
    return list(dict.fromkeys(hit.group() for hit in hits if not _is_harmless(rule, hit)))


def _is_harmless(rule: _Wording, hit: re.Match[str]) -> bool:
    before, after = hit.string[: hit.start()], hit.string[hit.end() :]
    if not rule.can_be_forbidden:
        return re.match(_THINGS, after) is not None
    if rule.may_be_work and (_AT_WORK.search(before) or _TRADE.match(after)):
        return True
    if _OFFERED.match(after):
        return False
    return bool(_FORBIDDING.search(before) or _FORBIDDEN.match(after))
