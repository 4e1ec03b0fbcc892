"""Numbers that Japanese authorities, insurers and banks give out.

Covers: My Number, corporate number, driver's licence, passport, residence card, health insurance (insurer, symbol and
number), basic pension number, bank and post-office accounts; glued to kana and kanji, with spaces or hyphens.
Does not cover: a licence, pension, passport, insurance or account number without its label (their forms are those of
part numbers); a My Number whose digits read as a date and a time.
"""

import re
from collections.abc import Iterator

from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.japanese_check_digits import (
    is_article_code,
    is_corporate_number,
    is_insurer_number,
    is_my_number,
)
from anonymize.recognizers.japanese_labels import AFTER, BEFORE, LINK, Form, compiled, digits_of

# a logger's stamp has 12 digits too: 202403051530
_STAMP = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]")
_TWELVE = re.compile(rf"{BEFORE}[0-9]{{4}}([- ]?)[0-9]{{4}}\1[0-9]{{4}}{AFTER}")
_THIRTEEN = re.compile(
    rf"(?:{BEFORE}|(?<=(?<![A-Za-z0-9])T)|(?<=(?<![A-Za-z0-9])T-))"  # T: the number of a qualified invoice issuer
    rf"[0-9](?:[0-9]{{12}}|([- ])[0-9]{{4}}(?:\1[0-9]{{4}}){{2}}){AFTER}"
)
_MY_NUMBER_LABEL = r"個人番号|マイナンバー|マイ・ナンバー|共通番号|my ?number|individual number"


def _is_bare_my_number(value: str) -> bool:
    return is_my_number(digits_of(value)) and not _STAMP.fullmatch(value)


def _is_bare_corporate_number(value: str) -> bool:
    return is_corporate_number(digits_of(value)) and not is_article_code(value)


_FORMS = (
    Form(
        "JP_MY_NUMBER",
        "jp-my-number",
        _TWELVE,
        compiled(_MY_NUMBER_LABEL),
        _is_bare_my_number,
        bare=0.8,
        labelled=0.99,
        mistyped=0.6,
    ),
    Form(
        "JP_CORPORATE_NUMBER",
        "jp-corporate-number",
        _THIRTEEN,
        compiled(r"法人番号|インボイス番号|適格請求書(?:発行事業者)?(?:登録)?番号|事業者登録番号|corporate number"),
        _is_bare_corporate_number,
        bare=0.6,
        labelled=0.95,
        mistyped=0.5,
    ),
    Form(
        "JP_DRIVER_LICENSE",
        "jp-driver-license",
        _TWELVE,
        compiled(r"免許証?(?:の?番号)?|運転免許(?:証?)(?:の?番号)?|driver'?s? licen[cs]e"),
        labelled=0.95,
    ),
    Form(
        "JP_PASSPORT",
        "jp-passport",
        re.compile(rf"(?<![0-9A-Za-z_-])[A-Za-z]{{2}}[ -]?[0-9]{{7}}{AFTER}"),
        compiled(r"旅券(?:の?番号)?|パスポート(?:の?番号)?|passport"),
    ),
    Form(
        "JP_RESIDENCE_CARD",
        "jp-residence-card",
        re.compile(r"(?<![0-9A-Za-z_-])[A-Za-z]{2}[ -]?[0-9]{8}[ -]?[A-Za-z]{2}(?![0-9A-Za-z_]|-[0-9A-Za-z])"),
        compiled(r"在留カード(?:の?番号)?|特別永住者証明書(?:の?番号)?|residence card"),
        bare=0.6,
    ),
    Form(
        "JP_HEALTH_INSURANCE",
        "jp-insurer",
        re.compile(rf"{BEFORE}(?:[0-9]{{8}}|[0-9]{{6}}|[0-9]{{2}}([ -])[0-9]{{2}}\1[0-9]{{3}}\1[0-9]){AFTER}"),
        compiled(r"(?<!被)保険者(?:の?番号)?"),
        lambda value: is_insurer_number(digits_of(value)),
        mistyped=0.6,
    ),
    Form(
        "JP_HEALTH_INSURANCE",
        "jp-insured",
        re.compile(rf"{BEFORE}[0-9]{{1,8}}(?:[-・ ][0-9]{{1,8}}){{0,2}}{AFTER}"),
        compiled(r"(?:被保険者証?(?:等)?|保険証)(?:の?(?:記号[ ・]?)?番号|記号)|(?<!ゆうちょ)記号・番号"),
        lambda value: len(digits_of(value)) >= 4,
        labelled=0.85,
    ),
    Form(
        "JP_PENSION_NUMBER",
        "jp-pension",
        re.compile(rf"{BEFORE}[0-9]{{4}}[- ]?[0-9]{{6}}{AFTER}"),
        compiled(r"(?:基礎|厚生|国民)?年金(?:手帳)?(?:の?番号)|年金手帳|pension number"),
    ),
    Form(
        "JP_BANK_ACCOUNT",
        "jp-bank-account",
        re.compile(rf"{BEFORE}[0-9]{{6,8}}{AFTER}"),
        compiled(
            r"口座(?:の?番号)?|普通(?:預金)?|当座(?:預金)?|貯蓄預金|定期預金|総合口座|[普当]\)|振込先|bank account"
        ),
        lambda value: not re.fullmatch(r"(?:19|20)[0-9]{6}", value),  # 普通 20240305 is a date in a maintenance plan
    ),
    Form(
        "JP_BANK_ACCOUNT",
        "jp-post-account",
        re.compile(rf"{BEFORE}1[0-9]{{3}}0[- ](?:[0-9][- ])?[0-9]{{2,8}}{AFTER}"),
        compiled(r"ゆうちょ(?:銀行)?(?:の?口座)?(?:の?記号[ ・]?番号)?|郵便貯金|記号[ ・]?番号"),
    ),
)
# the symbol and the number each with a label of its own
_POST_PAIR = re.compile(rf"記号{LINK}(1[0-9]{{3}}0)(?![0-9])[^0-9。]{{0,8}}番号{LINK}([0-9]{{2,8}})(?![0-9])")
_INSURED_PAIR = re.compile(rf"記号{LINK}([0-9]{{1,8}})(?![0-9])[^0-9。]{{0,8}}番号{LINK}([0-9]{{1,8}})(?![0-9])")
_INSURANCE = re.compile(r"保険|被保険者|健保|国保")
_BACK = 60  # characters before 記号 in which the insurance is named


def official_numbers(text: str) -> Iterator[Guess]:
    """Yield the numbers of authorities, insurers and banks in a folded text."""
    for form in _FORMS:
        yield from form.find(text)
    for match in _POST_PAIR.finditer(text):
        if not _names_insurance(text, match.start()):
            yield from _pair(match, "JP_BANK_ACCOUNT", "jp-post-account")
    for match in _INSURED_PAIR.finditer(text):
        if _names_insurance(text, match.start()):
            yield from _pair(match, "JP_HEALTH_INSURANCE", "jp-insured")


def _names_insurance(text: str, at: int) -> bool:
    return _INSURANCE.search(text, max(0, at - _BACK), at) is not None


def _pair(match: re.Match[str], kind: str, recognizer: str) -> Iterator[Guess]:
    yield Guess(*match.span(1), kind, 0.85, recognizer)
    yield Guess(*match.span(2), kind, 0.85, recognizer)
