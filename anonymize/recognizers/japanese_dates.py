"""Dates, times of day, dates of birth and ages in Japanese text.

Covers: western and era years (令和6年, R6.8.6, 昭38, 元年), numeric dates with one separator throughout, kanji digits,
a weekday behind a date, times (10時15分, 10:15:30), ages with 歳 or beside 年齢; a date of birth by its words, then
also with an era written as M, T, S, H or R before 年.
Does not cover: eight glued digits without a label, month/day without year or weekday (3/5 is a fraction), durations.
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.japanese_labels import LINK, best

_N = r"(?:[0-9]{1,2}|[〇一二三四五六七八九十]{1,3})"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12][0-9]|0?[1-9])"
_YEAR = r"(?:(?:1[89]|20)[0-9]{2}|[一二][〇一二三四五六七八九千]{3,7})"
_ERA = r"(?:令和|平成|昭和|大正|明治)"
_LETTER = r"(?<![A-Za-z0-9_.-])[MTSHR]"
_WEEKDAY = r"(?: ?\([月火水木金土日](?:・?祝)?(?:曜日?)?\))?"
_REST = rf"(?: ?{_N} ?月(?: ?{_N} ?日{_WEEKDAY})?|度)?"
_WRITTEN = re.compile(
    rf"(?<![0-9.,-])(?:{_YEAR} ?年(?!間){_REST}"
    rf"|{_ERA} ?(?:元|{_N}) ?年(?!間){_REST}"
    rf"|{_LETTER} ?(?:元|[0-9]{{1,2}}) ?年 ?{_N} ?月(?: ?{_N} ?日)?"
    rf"|(?<![0-9〇一二三四五六七八九十]){_MONTH} ?月 ?{_DAY} ?日(?!間|目){_WEEKDAY}"
    rf"|(?<![0-9〇一二三四五六七八九十])[一二三四五六七八九十]{{1,2}}月[一二三四五六七八九十]{{1,3}}日(?!間|目))"
)
_NUMERIC = re.compile(
    r"(?<![0-9A-Za-z_./-])"
    rf"(?:(?:1[89]|20)[0-9]{{2}}([-/.]) ?{_MONTH}\1 ?{_DAY}"
    rf"|[SHR][0-9]{{1,2}}([./]){_MONTH}\2{_DAY}|{_ERA}(?:元|[0-9]{{1,2}})([-./]){_MONTH}\3{_DAY}"
    r"|[0-9]{2}/(?:0[1-9]|1[0-2])/(?:0[1-9]|[12][0-9]|3[01])"
    rf"|{_MONTH}/{_DAY}(?= ?\([月火水木金土日]\)))"
    r"(?![0-9A-Za-z_]|[-/.][0-9])"
)
_STAMP = re.compile(  # 2024-03-05T10:15:30 is a date and a time of day
    rf"(?<![0-9A-Za-z_./-])(?:1[89]|20)[0-9]{{2}}-{_MONTH}-{_DAY}T(?=[0-9]{{2}}:[0-9]{{2}})"
)
_TIME = re.compile(
    r"(?:午前|午後|(?<![A-Za-z])[AP]M ?)?(?<![0-9A-Za-z_./])(?<![0-9]:)(?<![A-Za-z_]-)(?:2[0-4]|[01]?[0-9])(?:"
    r":[0-5][0-9](?::[0-5][0-9])?(?:(?<=:[0-9][0-9]:[0-9][0-9])\.[0-9]{1,6})?(?![0-9A-Za-z_:]|\.[0-9])|時(?!間|点)(?:半|[0-5]?[0-9]分(?:[0-5]?[0-9]秒)?)?)"
    r"|(?<=[0-9]T)[0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?(?![0-9:])"
)
_RATIO = re.compile(r"(?:比率?|縮尺|スケール|割合|倍率|混合)[ :は]{0,2}\Z")  # 比率 1:50
# ---- dates of birth: looser forms, because the words beside them say what they are
_SHORT_ERA = r"(?:令和?|平成?|昭和?|大正?|明治?|(?<![A-Za-z])[MTSHR]|西暦)"
_FIXED = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_DATE = (
    rf"(?:(?:西暦)?{_YEAR} ?年 ?{_N} ?月 ?{_N} ?日|{_SHORT_ERA}[. ]?(?:元|{_N}) ?年 ?{_N} ?月 ?{_N} ?日"
    rf"|{_SHORT_ERA}[. ]?[0-9]{{1,2}}(?P<era>[-./・]) ?{_MONTH}(?P=era) ?{_DAY}"
    rf"|(?:1[89]|20)[0-9]{{2}}(?P<west>[-./]) ?{_MONTH}(?P=west) ?{_DAY}"
    rf"|(?:19|20)[0-9]{{2}}{_FIXED}|{_SHORT_ERA}[0-9]{{2}}{_FIXED}|{_MONTH} ?月 ?{_DAY} ?日"
    rf"|[0-9]{{1,2}} ?年 ?{_MONTH} ?月 ?{_DAY} ?日|[0-9]{{2}}(?P<short>[-./]){_MONTH}(?P=short){_DAY}"
    rf"|(?:{_YEAR}|{_SHORT_ERA}(?:元|{_N})) ?年(?: ?{_N} ?月)?)"
)
_BORN = r"(?:生年月日|誕生日|出生(?:年月)?日|生年|出生|(?<![A-Za-z])(?:DOB|D\.O\.B\.?|[Bb]irth ?(?:day|date)))"
_BIRTH = (
    re.compile(rf"{_BORN}{LINK}(?P<date>{_DATE})(?![0-9])"),
    re.compile(rf"(?<![0-9]){_DATE}(?= ?[(\[【]? ?(?:生まれ|生れ|生(?![産成じ活物])|誕生|出生|生年月日))"),
)
_AGE = (
    re.compile(r"(?<![0-9.])(?:1[0-2][0-9]|[1-9]?[0-9]) ?[歳才](?![一-鿿]{0,1}月)"),
    re.compile(r"(?<![〇一二三四五六七八九十])[〇一二三四五六七八九十]{1,3}歳"),
    re.compile(r"(?<![0-9])[1-9]0代(?=の?(?:男|女|前半|後半))"),
    re.compile(rf"(?:年[齢令]|(?<![A-Za-z])[Aa]ge){LINK}(1[0-2][0-9]|[1-9]?[0-9])(?![0-9.A-Za-z-])"),
)
_LABELLED_DATE = re.compile(
    rf"(?:年月日|期日|日付|[一-鿿]日){LINK}((?:19|20)[0-9]{{2}}{_FIXED}|[MTSHR][0-9]{{1,2}}-{_MONTH}-{_DAY})(?![0-9A-Za-z-])"
)


class JapaneseDates:
    """Dates, times, dates of birth and ages."""

    name = "japanese-dates"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [best(_all(text)) for text in texts]


def _all(text: str) -> Iterator[Guess]:
    yield from _births(text)
    for match in (*_WRITTEN.finditer(text), *_NUMERIC.finditer(text)):
        yield Guess(*match.span(), "DATE_TIME", 0.7, "jp-date")
    for match in _STAMP.finditer(text):
        yield Guess(match.start(), match.end() - 1, "DATE_TIME", 0.7, "jp-date")
    for match in _LABELLED_DATE.finditer(text):
        yield Guess(*match.span(1), "DATE_TIME", 0.8, "jp-date-label")
    for match in _TIME.finditer(text):
        if not _RATIO.search(text[max(0, match.start() - 8) : match.start()]):
            yield Guess(*match.span(), "DATE_TIME", 0.7, "jp-time")
    yield from _ages(text)


def _ages(text: str) -> Iterator[Guess]:
    for pattern in _AGE:
        for match in pattern.finditer(text):
            yield Guess(*match.span(pattern.groups), "AGE", 0.8, "jp-age")


def _births(text: str) -> Iterator[Guess]:
    before, behind = _BIRTH
    for match in before.finditer(text):
        yield Guess(*match.span("date"), "BIRTH_DATE", 0.95, "jp-birth-date")
    for match in behind.finditer(text):
        yield Guess(*match.span(), "BIRTH_DATE", 0.9, "jp-birth-date")
