"""Find the line ends that break a value in two: 090-12 / 34-5678.

Covers: a number, code or address that goes on in the next line; a Japanese run of which
one character stands alone at the line end.
Does not cover: a column of numbers (each line is a value of its own); an address broken after a plain word, since the
end of a sentence before an address looks the same; a Japanese name broken between surname and given name.
"""

import re
from collections.abc import Iterator

MAX_TOKEN = 64  # characters beside a line end that are looked at

_LINE_END = re.compile(r"[ \t]{0,8}\r?\n[ \t]{0,8}")
_VALUE = r"A-Za-z0-9@._%+/:-"
_LAST_TOKEN = re.compile(rf"[{_VALUE}]{{1,{MAX_TOKEN}}}$")
_FIRST_TOKEN = re.compile(rf"[{_VALUE}]+")
_NUMBER = re.compile(r"[0-9./+:-]+")
# what begins a line of its own: a date, a time, a number in a list
_OWN_LINE = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.]|[0-9]{1,2}:[0-9]{2}|[0-9]{1,3}[.)](?![0-9A-Za-z])")
_WHOLE_ADDRESS = re.compile(r"@[^@]{1,63}\.[A-Za-z]{2,24}$")
_LAST_KANJI = re.compile(rf"[々一-鿿]{{1,{MAX_TOKEN}}}$")
_FIRST_KANJI = re.compile(r"[々一-鿿]+(?![々一-鿿]{0,6}[:=])")


def line_ends_inside_values(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, "") for every line end that seems to lie inside of a value."""
    if "\n" not in text:
        return
    two_lines = text.strip().count("\n") == 1
    for line_end in _LINE_END.finditer(text):
        before = text[max(0, line_end.start() - MAX_TOKEN) : line_end.start()].rpartition("\n")[2]
        after = text[line_end.end() : line_end.end() + MAX_TOKEN].partition("\n")[0]
        if _breaks_a_value(before, after, two_lines) or _breaks_japanese(before, after):
            yield *line_end.span(), ""


def _breaks_a_value(before: str, after: str, two_lines: bool) -> bool:
    last, first = _LAST_TOKEN.search(before), _FIRST_TOKEN.match(after)
    if not last or not first or _OWN_LINE.match(after):
        return False
    are_whole_lines = last[0] == before.strip() and first[0] == after.strip()
    if are_whole_lines and not two_lines and _NUMBER.fullmatch(last[0]) and _NUMBER.fullmatch(first[0]):
        return False  # a column of numbers
    if "@" in last[0]:
        return first[0][0] in ".@" or not _WHOLE_ADDRESS.search(last[0])
    if "@" in first[0]:
        return not last[0].isalpha()
    goes_on = not last[0][-1].isalpha() or not first[0][0].isalpha()  # 12.5mGy / DLP: two entries
    return goes_on and _has_digit(last[0]) and _has_digit(first[0])


def _has_digit(token: str) -> bool:
    return any("0" <= char <= "9" for char in token)


def _breaks_japanese(before: str, after: str) -> bool:
    last, first = _LAST_KANJI.search(before), _FIRST_KANJI.match(after)
    return last is not None and first is not None and 1 in {len(last[0]), len(first[0])}
