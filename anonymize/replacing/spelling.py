"""Tell what a value is from how it is written, and write another value in the same way.

Covers: case, width, half-width katakana, the spaces inside of a Japanese name, the grouping of a number, titles and
honorifics around a name, +81 for a leading 0.
Does not cover: inflection, abbreviation, misspelling, another script: those are values of their own.
"""

import re
import unicodedata
from dataclasses import dataclass

from anonymize.matching.folding import canonical, fold
from anonymize.matching.watchlist import has_japanese

DIGIT_KINDS = frozenset(
    (
        "PHONE_NUMBER",
        "CREDIT_CARD",
        "IBAN_CODE",
        "US_SSN",
        "MAC_ADDRESS",
        "JP_MY_NUMBER",
        "JP_CORPORATE_NUMBER",
        "JP_DRIVER_LICENSE",
        "JP_BANK_ACCOUNT",
        "JP_PENSION_NUMBER",
    )
)  # the grouping of their digits says nothing
WORD_KINDS = frozenset({"PERSON", "ADDRESS", "LOCATION", "ORGANIZATION", "BIRTH_DATE", "DATE_TIME"})  # made of words
_TITLE = re.compile(r"(?:(?:mr|mrs|ms|dr|prof)\.\s?|(?:mr|mrs|ms|dr|prof)\s)(?=\S)", re.IGNORECASE)
_HONORIFIC = re.compile(r"\s?(?:さん|様|さま|サマ|氏|殿|先生|くん|ちゃん|せんせい)$")
_NOT_COMPARED = re.compile(r"[\s\-./()・=_:,]+")
_NOT_DIGITS = re.compile(r"[^0-9a-z]+")
_JAPANESE_GAP = re.compile(r"[\s・=]+")
_LATIN_WORD = re.compile(r"(?<![0-9])[a-zA-Z]+")
_HALF_KANA = re.compile("[\uff66-\uff9f]")
_FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def _half_width() -> dict[int, str]:
    plain = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
    voiced = {
        composed: half + mark
        for kana, half in plain.items()
        for mark, joined in (("\uff9e", "\u3099"), ("\uff9f", "\u309a"))
        if len(composed := unicodedata.normalize("NFC", kana + joined)) == 1
    }
    return {ord(kana): half for kana, half in (plain | voiced).items()}


_HALF_WIDTH = _half_width()


@dataclass(frozen=True, slots=True)
class Parts:
    """A written value without the title before it and the honorific behind it, which stay in the text."""

    before: str
    value: str
    after: str


def parts(kind: str, written: str) -> Parts:
    """Cut a person's title and honorific off; a value of another kind is whole."""
    if kind != "PERSON":
        return Parts("", written, "")
    title = _TITLE.match(written)
    start = title.end() if title else 0
    honorific = _HONORIFIC.search(written, start)
    end = honorific.start() if honorific and honorific.start() > start else len(written)
    return Parts(written[:start], written[start:end], written[end:])


def identity(kind: str, value: str) -> str:
    """Return the form in which two spellings of one value of this kind are equal."""
    plain = canonical(value)
    if kind in DIGIT_KINDS:
        digits = _NOT_DIGITS.sub("", plain)
        if kind == "PHONE_NUMBER" and plain.lstrip("(").startswith("+"):
            return "0" + digits[2:].removeprefix("0") if digits.startswith("81") else "+" + digits
        return digits or plain
    return _JAPANESE_GAP.sub("", plain) if has_japanese(plain) else plain


def comparable(text: str) -> str:
    """Return the form in which a replacement must differ from every value of every kind: no spaces, no separators."""
    plain = canonical(text)
    return _NOT_COMPARED.sub("", plain) or plain


def comparable_sign(char: str) -> str:
    """Return what `comparable` leaves of one folded character: "" of a separator, always one sign of another."""
    if _NOT_COMPARED.match(char):
        return ""
    small = char.casefold()
    return small if len(small) == 1 else char


def written_like(kind: str, written: str, replacement: str) -> str:
    """Return the replacement in the case, width, spacing and grouping of the written value."""
    folded = fold(written).text
    if kind in WORD_KINDS:
        spelled = _spaced_like(folded, replacement) if kind == "PERSON" else replacement
        return _in_width(written, _words_cased(folded, spelled))
    signs = [char for char in replacement if char.isalnum()]
    if folded.lstrip("(").startswith("+81") and signs[:1] == ["0"]:
        signs[:1] = "81"
    for is_sign in (str.isalnum, _is_ascii_sign):  # the second leaves the label in 内線4123
        if len(signs) == sum(map(is_sign, folded)):
            rest = iter(signs)
            filled = "".join(_cased(next(rest), char) if is_sign(char) else char for char in folded)
            return _in_width(written, filled.upper() if folded.isupper() else filled)
    return _in_width(written, replacement.upper() if folded.isupper() else replacement)


def _is_ascii_sign(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _spaced_like(written: str, replacement: str) -> str:
    if not has_japanese(replacement):
        return replacement
    gaps = _JAPANESE_GAP.findall(written)
    return (gaps[0] if gaps else "").join(replacement.split(" "))


def _cased(char: str, pattern: str) -> str:
    return char.upper() if pattern.isupper() else char


def _words_cased(written: str, replacement: str) -> str:
    """Word by word where there are as many, otherwise all in capitals, all small, or each word with a capital."""
    patterns = _LATIN_WORD.findall(written)
    if len(patterns) != len(_LATIN_WORD.findall(replacement)):
        pattern = "".join(word for word in patterns if len(word) > 1) or "".join(patterns)
        return _LATIN_WORD.sub(lambda word: _word_cased(word[0], pattern), replacement)
    rest = iter(patterns)
    return _LATIN_WORD.sub(lambda word: _word_cased(word[0], next(rest)), replacement)


def _word_cased(word: str, pattern: str) -> str:
    if pattern.isupper() and (len(pattern) > 1 or len(word) == 1):
        return word.upper()
    return word if pattern.islower() or not pattern else word.capitalize()


def _in_width(written: str, replacement: str) -> str:
    if _HALF_KANA.search(written):
        return replacement.translate(_HALF_WIDTH)
    letters = [char for char in written if char.isalnum() and not has_japanese(char)]
    is_full_width = bool(letters) and all("\uff01" <= char <= "\uff5e" for char in letters)
    return replacement.translate(_FULL_WIDTH) if is_full_width else replacement
