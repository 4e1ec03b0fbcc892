"""Fold text for matching (full-width, half-width kana, odd dashes, invisible characters) and find the way back.

Covers: NFKC, with every folded character mapped to the original characters that it came from.
Does not cover: look-alike letters of other scripts, HTML entities, percent-encoding.
"""

import unicodedata
from dataclasses import dataclass

from anonymize.records import Span

_HALF_WIDTH_VOICED = "\uff9e\uff9f"  # ﾊ + ﾟ compose to one パ
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\u30fc"), "-")
_LONG_VOWEL = "ー"  # a dash only between digits: 090ー1234; elsewhere a letter: ポンパー


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; character i came from original[starts[i]:ends[i]]."""

    text: str
    starts: tuple[int, ...] | None  # None: the text is its own fold
    ends: tuple[int, ...] | None

    def original(self, start: int, end: int) -> Span:
        """Return the smallest span of the original that covers folded[start:end] (not empty)."""
        if self.starts is None or self.ends is None:
            return Span(start, end)
        return Span(self.starts[start], self.ends[end - 1])


def fold(text: str) -> Folded:
    """Return NFKC(text) without invisible characters and with plain dashes, and its offset map."""
    if text.isascii():
        return Folded(text, None, None)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        part = _fold_cluster(text, start, end)
        parts.append(part)
        starts.extend([start] * len(part))
        ends.extend([end] * len(part))
    return Folded("".join(parts), tuple(starts), tuple(ends))


def canonical(text: str) -> str:
    """Return the form in which two spellings of one value are equal: folded, lower case, single spaces."""
    return " ".join(fold(text).text.casefold().split())


def _clusters(text: str) -> list[tuple[int, int]]:
    """Cut the text so that NFKC never composes across a cut."""
    cuts = [at for at, char in enumerate(text) if at == 0 or not _joins_previous(char)]
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _joins_previous(char: str) -> bool:
    # vowel and final jamo (U+1160..U+11FF) compose with the letter before them though they are not marks
    return unicodedata.combining(char) > 0 or char in _HALF_WIDTH_VOICED or "\u1160" <= char <= "\u11ff"


def _fold_cluster(text: str, start: int, end: int) -> str:
    cluster = text[start:end]
    if unicodedata.category(cluster[0]) == "Cf":  # zero width space, soft hyphen, direction marks
        cluster = cluster[1:]
    if cluster == _LONG_VOWEL and not _between_digits(text, start):
        return cluster
    return unicodedata.normalize("NFKC", cluster).translate(_DASHES if len(cluster) == 1 else {})


def _between_digits(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at - 1].isdigit() and text[at + 1].isdigit()
