"""What singles a person out together with something else, in English text: age, nationality, work, health, money.

Covers: ages; nationalities and religions; trades and titles by their last word; health conditions by their usual
forms; sums of money; companies by their legal form.
Does not cover: a trade that is not in the list; judges, lawyers and other parts that people play in a report.
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.recognizers.english_words import NATIONS, TRADES
from anonymize.recognizers.guesses import Guess

_TENS = "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_UNITS = "(?:one|two|three|four|five|six|seven|eight|nine)"
_AGE_VALUE = rf"(?:1?[0-9]{{1,2}}|{_TENS}(?:[ -]{_UNITS})?|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
_AGE = re.compile(
    rf"(?i)(?<![a-z0-9.])(?:(?:aged|age[: ]{{1,2}}|age of) ?({_AGE_VALUE})(?![a-z0-9]|[.:][0-9])"
    rf"|({_AGE_VALUE}[ -]years?[ -](?:old|of age)|{_AGE_VALUE} ?y/?o)(?![a-z]))"
)
_NATIONALITY = re.compile(
    rf"(?<![A-Za-z-])(?:{'|'.join(sorted(NATIONS))})(?:-born)?s?(?: (?:nationals?|citizens?|origin))?(?![A-Za-z-])"
)
_NO_MODIFIER = (
    "(?!(?:the|a|an|and|or|of|to|in|on|at|as|by|for|with|from|was|is|are|were|had|has|that|who|which|his|her)[ ])"
)
# and words that end like a trade: geologist, optician, beekeeper, dockworker, blacksmith, policewoman, social worker
_TRADE_ENDINGS = (
    "[a-z]{2,12}(?:ologist|ician|therapist|keeper|worker|maker|smith|woman|monger|grapher)|officer|worker|agent|"
    "attendant|conductor|dispatcher|executive|estimator|guard|inspector|apprentice|trainee|broker|teller"
)
_TRADE = rf"(?:(?i:{'|'.join(sorted(TRADES))}|{_TRADE_ENDINGS}))s?(?![A-Za-z])"
_WORK = re.compile(
    rf"(?<![A-Za-z])(?:[Aa]n?|[Tt]he|[Aa]s|[Ff]ormer|[Pp]osition of|[Pp]ost of|[Jj]ob:?|[Tt]itle:?|[Pp]rofession:?) "
    rf"((?:{_NO_MODIFIER}[A-Za-z][a-z-]{{1,20}},? (?:and )?){{0,7}}?{_TRADE})"
)
_WORK_LINE = re.compile(r"(?m)^[>? \t]{0,4}([A-Za-z][a-z]{1,20}(?:[,/]? [a-z()]{2,20}){0,8})[ \t]{0,4}$")
_ENDS_WITH_TRADE = re.compile(rf"(?<![A-Za-z]){_TRADE}$")
_TITLE_ALONE = re.compile(
    r"(?<![A-Za-z])(?:(?i:mr|mrs|ms|miss|dr|prof)\.(?=[ ]|$|[?!,])|Miss|Professor|Sir|Madam)(?![A-Za-z])"
)
_HEALTH = re.compile(
    r"(?i)(?<![a-z])((?:[a-z-]{3,20} )?(?:[a-z]{0,14}(?:algia|arthritis|arthrosis|pathy|phrenia|sclerosis)|cancer|"
    r"(?:manic|nervous|postnatal|severe|clinical|chronic) depression|diabetes|epilepsy|asthma|hiv|leukaemia|"
    r"leukemia|dementia|sciatica|psychotic illness|personality disorder)|(?:fracture|amputation|dislocation) of the "
    r"(?:(?:left|right|upper|lower) ){0,2}[a-z]{3,12})(?![a-z])"
)
_CURRENCY = "(?:EUR|USD|GBP|JPY|CHF|DEM|SEK|NOK|DKK|PLN|CZK|HUF|TRY|TRL|YTL|ATS|FRF|ITL|AUD|CAD|CNY|INR|RUB|UAH|BRL)"
_AMOUNT = r"[0-9]{1,3}(?:[,. ][0-9]{3}){0,5}(?:[.,][0-9]{1,2})?(?![0-9])|[0-9]{4,12}(?:[.,][0-9]{1,2})?(?![0-9])"
_CURRENCY_WORD = (
    r"(?:(?:[A-Z][a-z]{2,9} ){0,2}(?i:euros?|dollars?|pounds? sterling|yen|francs?|marks?|kron(?:or|er|a|e)|"
    r"zlot(?:ys?|y)|liras?|schillings?|rubles?|roubles?|forints?|rupees?|yuan))"
)
_RATE = r"(?: (?:per|a) (?:month|annum|year|week|day|hour))?"
_MONEY = re.compile(
    rf"(?<![A-Za-z0-9.])(?:(?:approximately|about|around|nearly|over) )?"
    rf"(?:{_CURRENCY} ?(?:{_AMOUNT})|[$€£¥] ?(?:{_AMOUNT})(?: (?:million|billion))?"
    rf"|(?:{_AMOUNT})(?: (?:million|billion))? (?:{_CURRENCY_WORD}(?: \({_CURRENCY}\))?|{_CURRENCY})(?![A-Za-z]))"
    rf"{_RATE}"
)
_PERCENT = re.compile(r"(?<![A-Za-z0-9.])[0-9]{1,3}(?:[.,][0-9]{1,2})? ?(?:%|percent(?![a-z])|per cent(?![a-z]))")
_COMPANY = re.compile(
    r"(?<![A-Za-z0-9])((?:(?:[A-Z0-9][A-Za-z0-9À-ÿ&'.-]{0,24}|and|of|&),? ){1,5}"
    r"(?:Inc|Ltd|LLC|L\.L\.C|Corp|Corporation|GmbH|AG|PLC|plc|Limited|and Sons|S\.A|B\.V|Co)\.?)(?![A-Za-z])"
)
_RULES: tuple[tuple[re.Pattern[str], str, float, str], ...] = (
    (_AGE, "AGE", 0.85, "en-age"),
    (_NATIONALITY, "DEMOGRAPHIC", 0.7, "en-nationality"),
    (_WORK, "DEMOGRAPHIC", 0.6, "en-trade"),
    (_TITLE_ALONE, "DEMOGRAPHIC", 0.5, "en-title"),
    (_HEALTH, "DEMOGRAPHIC", 0.6, "en-health"),
    (_MONEY, "QUANTITY", 0.7, "en-money"),
    (_PERCENT, "QUANTITY", 0.5, "en-percent"),
    (_COMPANY, "ORGANIZATION", 0.7, "en-company"),
)


class EnglishQuasi:
    """Ages, nationalities, trades, health, sums of money and companies, as one recognizer."""

    name = "english-quasi"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [list(_all(text)) for text in texts]


def _all(text: str) -> Iterator[Guess]:
    for pattern, kind, score, recognizer in _RULES:
        if pattern is _COMPANY and text.isupper():
            continue  # in capitals throughout: CONTACTED GROUND DURING AG
        for match in pattern.finditer(text):
            yield Guess(*match.span(match.lastindex or 0), kind, score, recognizer)
    for match in _WORK_LINE.finditer(text):
        if _ENDS_WITH_TRADE.search(match[1]):
            yield Guess(*match.span(1), "DEMOGRAPHIC", 0.6, "en-trade")
