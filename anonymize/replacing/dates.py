"""Read a date as people write it, and write another in the same way.

Covers: 2024-05-01, 2024/5/1, 2024.5.1, 20240501, 2024年5月1日, 令和6年5月1日, R6.5.1, 元年, 5月1日, 2024年5月, 2024年,
1 May 2024, May 1, 2024, 5/1/2024 (month first unless it is over 12), a weekday or time behind it (kept).
Does not cover: two-digit years, words (last Friday, 先月), the weekday, which is not moved with the date.
"""

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}  # year 1 is one year later
_ERA_LETTERS = {"r": "令和", "h": "平成", "s": "昭和", "t": "大正", "m": "明治"}
_ERA_STARTS = ((date(2019, 5, 1), "令和"), (date(1989, 1, 8), "平成"), (date(1926, 12, 25), "昭和"))
_MONTHS = tuple(name.lower() for name in calendar.month_name)
_SHORT = tuple(name.lower() for name in calendar.month_abbr)
_MONTH = "|".join(_MONTHS[1:] + tuple(f"{name}(?![a-z])" for name in _SHORT[1:]))
_ORDINAL = r"(?:st|nd|rd|th)?"
_FORMS = tuple(
    re.compile(form + r"(?![0-9])")
    for form in (
        r"(?P<year>[0-9]{4})(?P<sep>[-/.])(?P<month>[0-9]{1,2})(?P=sep)(?P<day>[0-9]{1,2})",
        r"(?P<year>[12][0-9]{3})(?P<month>[01][0-9])(?P<day>[0-3][0-9])",
        r"(?P<year>[0-9]{4}) ?年(?: ?(?P<month>[0-9]{1,2}) ?月)?(?: ?(?P<day>[0-9]{1,2}) ?日)?",
        r"(?P<era>令和|平成|昭和|大正|明治) ?(?P<year>[0-9]{1,2}|元) ?年(?: ?(?P<month>[0-9]{1,2}) ?月)?"
        r"(?: ?(?P<day>[0-9]{1,2}) ?日)?",
        r"(?P<era>[rhstm])\.?(?P<year>[0-9]{1,2})(?P<sep>[-/.])(?P<month>[0-9]{1,2})(?P=sep)(?P<day>[0-9]{1,2})",
        r"(?P<month>[0-9]{1,2}) ?月 ?(?P<day>[0-9]{1,2}) ?日",
        rf"(?P<day>[0-9]{{1,2}}{_ORDINAL}) (?:of )?(?P<month>{_MONTH})\.?(?:,? (?P<year>[0-9]{{4}}))?",
        rf"(?P<month>{_MONTH})\.? (?P<day>[0-9]{{1,2}}{_ORDINAL})(?:,? (?P<year>[0-9]{{4}}))?",
        rf"(?P<month>{_MONTH})\.?,? (?P<year>[0-9]{{4}})",
        r"(?P<month>[0-9]{1,2})(?P<sep>[-/.])(?P<day>[0-9]{1,2})(?P=sep)(?P<year>[0-9]{4})",
        r"(?P<year>[12][0-9]{3})",
    )
)
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}
_SOME_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date and the places of its parts in the text; the parts that are not written are None."""

    text: str
    spans: dict[str, tuple[int, int]]  # year, month, day, era: half-open
    year: int | None
    month: int | None
    day: int | None


def read_date(text: str) -> WrittenDate | None:
    """Return the date that a canonical text (folded, lower case) begins with, or None."""
    for form in _FORMS:
        if found := form.match(text):
            spans = {name: found.span(name) for name, part in found.groupdict().items() if part and name != "sep"}
            return _checked(WrittenDate(text, spans, *_values(found.groupdict())))
    return None


def shifted(written: WrittenDate, days: int) -> str | None:
    """Return the date so many days later in the same form; a month or year alone moves by whole months or years.

    None where the calendar ends.
    """
    try:
        if written.day is not None:
            year = written.year if written.year is not None else _SOME_LEAP_YEAR
            moved = date(year, written.month or 1, written.day) + timedelta(days)
            return _written(written, moved.year, moved.month, moved.day)
        if written.month is not None:
            months = (written.year or 0) * 12 + written.month - 1 + round(days / 30.436875)
            return _written(written, months // 12, months % 12 + 1, 1)
        return _written(written, (written.year or 0) + round(days / 365.2425), 1, 1)
    except (ValueError, OverflowError):
        return None


def cut_to(written: WrittenDate, part: str) -> str | None:
    """Return the date down to its "month" or "year", the era kept; None where the year is not written."""
    if written.year is None:
        return None
    last = "month" if part == "month" and written.month is not None else "year"
    if "日" in written.text or "月" in written.text or "年" in written.text:
        mark = "月" if last == "month" else "年"
        return written.text[: written.text.index(mark) + 1]
    year = written.text[slice(*written.spans["year"])]
    year = f"{written.text[slice(*written.spans['era'])]}{year}" if "era" in written.spans else year
    if last == "year":
        return year
    month = written.text[slice(*written.spans["month"])]
    if not month.isdecimal():
        return f"{month} {year}"
    return f"{year}-{month}" if "era" not in written.spans else f"{year}.{month}"


def _values(parts: dict[str, str | None]) -> tuple[int | None, int | None, int | None]:
    year, month, day = parts.get("year"), parts.get("month"), parts.get("day")
    number = None if year is None else 1 if year == "元" else int(year)
    if number is not None and (era := parts.get("era")):
        number += _ERAS[_ERA_LETTERS.get(era, era)]
    return number, _month(month), None if day is None else int(day.rstrip("stndrh"))


def _month(written: str | None) -> int | None:
    if written is None or written.isdecimal():
        return None if written is None else int(written)
    return _SHORT.index(written[:3])


def _checked(written: WrittenDate) -> WrittenDate | None:
    if written.month is not None and written.day is not None and written.month > 12 >= written.day:
        spans = written.spans | {"month": written.spans["day"], "day": written.spans["month"]}
        written = replace(written, month=written.day, day=written.month, spans=spans)
    try:
        date(written.year or _SOME_LEAP_YEAR, written.month or 1, written.day or 1)
    except ValueError:
        return None
    return written


def _written(written: WrittenDate, year: int, month: int, day: int) -> str:
    text = written.text
    numbers = {"year": year, "month": month, "day": day}
    if "era" in written.spans:
        era, numbers["year"] = _era_of(date(year, month, day))
        letters = {name: letter for letter, name in _ERA_LETTERS.items()}
        was_letter = text[slice(*written.spans["era"])] in _ERA_LETTERS
        text_of_era = letters[era] if was_letter else era
    for name, (start, end) in sorted(written.spans.items(), key=lambda item: -item[1][0]):
        old = written.text[start:end]
        new = text_of_era if name == "era" else _number_like(old, numbers[name])
        text = text[:start] + new + text[end:]
    return text


def _number_like(old: str, number: int) -> str:
    if old in _MONTHS:
        return _MONTHS[number]
    if old in _SHORT:
        return _SHORT[number]
    if old[-2:] in ("st", "nd", "rd", "th"):
        return f"{number}{'th' if 4 <= number <= 20 else _ORDINALS.get(number % 10, 'th')}"
    return f"{number:0{len(old)}d}" if old.startswith("0") or len(old) == 4 else str(number)


def _era_of(day: date) -> tuple[str, int]:
    era = next((name for first, name in _ERA_STARTS if day >= first), "大正" if day.year >= 1912 else "明治")
    if day.year <= _ERAS[era]:
        raise ValueError("before the eras that are known here")
    return era, day.year - _ERAS[era]
