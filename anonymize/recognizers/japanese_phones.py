"""Telephone numbers of Japan: landlines with every split of the area code, mobile, IP, free, paid, extensions.

Covers: hyphens, brackets, spaces, full stops and the long vowel mark as separators, +81, glued digits of mobile and
0120 numbers, glued landlines and local numbers beside a label, extensions beside 内線 or PHS.
Does not cover: ten glued digits of a landline without a label (part numbers look like that).
"""

import re
from collections.abc import Iterator

from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.japanese_labels import Form, compiled, digits_of

_TELEPHONE = (
    r"電話(?:番号)?|携帯(?:電話)?(?:番号)?|連絡先|直通|代表(?:番号)?|緊急連絡先|ファックス|ファクス|ファクシミリ|スマホ|"
    r"問い?合わ?せ先?|自宅|勤務先|フリーダイヤル|ナビダイヤル|℡|☎|(?<![A-Za-z])(?:TEL|FAX|PHONE|MOBILE)\.?"
)
# a label may be glued to the number in Latin letters: TEL03-1234-5678
_FIRST = r"(?:(?<![0-9A-Za-z_+-])(?<![0-9]\.)|(?<=TEL)|(?<=Tel)|(?<=tel)|(?<=FAX)|(?<=Fax)|(?<=fax))"
_LAST = r"(?![0-9A-Za-z_]|[-ー.][0-9])"
_SEP = r"(?: ?[-ー─.・] ?|[ の])"
_LAND = (
    rf"\(?0[1-9]\)?{_SEP}?[0-9]{{4}}{_SEP}[0-9]{{4}}",
    rf"\(?0[1-9][0-9]\)?{_SEP}?[0-9]{{3}}{_SEP}[0-9]{{4}}",
    rf"\(?0[1-9][0-9]{{2}}\)?{_SEP}?[0-9]{{2}}{_SEP}[0-9]{{4}}",
    rf"\(?0[1-9][0-9]{{3}}\)?{_SEP}?[0-9]{_SEP}[0-9]{{4}}",
    r"0[1-9]\([0-9]{4}\)[0-9]{4}|0[1-9][0-9]\([0-9]{3}\)[0-9]{4}|0[1-9][0-9]{2}\([0-9]{2}\)[0-9]{4}",
)
_MOBILE = rf"\(?0[256789]0\)?{_SEP}[0-9]{{4}}{_SEP}[0-9]{{4}}|0[5789]0\([0-9]{{4}}\)[0-9]{{4}}|0[5789]0[0-9]{{8}}"
_SERVICE = (
    rf"0(?:120|570|990)(?:{_SEP}[0-9]{{3}}{_SEP}[0-9]{{3}}|{_SEP}[0-9]{{2}}{_SEP}[0-9]{{4}}|{_SEP}[0-9]{{6}})"
    rf"|0120[0-9]{{6}}|0800(?:{_SEP}[0-9]{{3}}{_SEP}[0-9]{{4}}|[0-9]{{7}})"
)
_ABROAD = (
    r"(?:(?<![0-9A-Za-z+-])|(?<=TEL)|(?<=Tel)|(?<=FAX))"
    rf"(?:\+|00|010[- ]?)81(?:{_SEP}?\(0\){_SEP}?|{_SEP})?[1-9]"
    rf"[0-9]{{0,3}}(?:{_SEP}[0-9]{{1,4}}{_SEP}[0-9]{{4}}|[0-9]{{5,9}})"
)
_PHONE = re.compile(rf"{_FIRST}(?:{_MOBILE}|{_SERVICE}|{'|'.join(_LAND)}){_LAST}|{_ABROAD}{_LAST}")
_FORMS = (
    Form(
        "PHONE_NUMBER",
        "jp-phone",
        re.compile(
            rf"{_FIRST}(?:0[0-9]{{9,10}}|0[0-9]{{1,4}}{_SEP}[0-9]{{1,4}}{_SEP}[0-9]{{3,4}}|[1-9][0-9]{{1,3}}{_SEP}[0-9]{{4}}){_LAST}"
        ),
        compiled(_TELEPHONE),
    ),
    Form(
        "PHONE_NUMBER",
        "jp-extension",
        re.compile(r"(?<![0-9A-Za-z_+-])(?<![0-9]\.)(?:[0-9]{1,3}-)?[0-9]{2,6}(?![0-9A-Za-z_]|-[0-9]|[.:][0-9])"),
        compiled(r"内線(?:電話)?(?:番号)?|(?:構内|社内)(?:電話|PHS)(?:番号)?|(?<![A-Za-z])PHS|(?<![A-Za-z])ext\.?"),
        lambda value: len(digits_of(value)) >= 2,
        labelled=0.85,
    ),
)


def phone_numbers(text: str) -> Iterator[Guess]:
    """Yield the telephone numbers in a folded text."""
    for match in _PHONE.finditer(text):
        start, end = match.span()
        if text[start] == "(" and ")" not in match[0]:
            start += 1
        yield Guess(start, end, "PHONE_NUMBER", 0.8, "jp-phone")
    for form in _FORMS:
        yield from form.find(text)
