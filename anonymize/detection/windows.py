"""Cut a long text into windows that overlap, so that no recognizer sees more than a few pages at a time.

Covers: every finding up to the length of the overlap is seen whole by one window or another.
Does not cover: findings that are longer (none of our kinds is), cues farther away than a window.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from anonymize.recognizers.guesses import Guess

WINDOW = 4_000  # code points
OVERLAP = 400  # an address of several lines has two hundred
_LOOK_BACK = 100  # for white space, so that no word is cut


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of a text: text[start:start + len(self.text)]."""

    start: int
    text: str
    is_first: bool
    is_last: bool


def windows(text: str) -> Iterator[Window]:
    """Yield the windows of a text; a short one is its own and only window."""
    start = 0
    while len(text) - start > WINDOW:
        end = _cut(text, start + WINDOW)
        yield Window(start, text[start:end], start == 0, is_last=False)
        start = _cut(text, end - OVERLAP)
    yield Window(start, text[start:], start == 0, is_last=True)


def seen_whole(window: Window, guesses: Iterable[Guess]) -> Iterator[Guess]:
    """Yield the guesses of a window but those that begin or end at a cut: half of what stands there.

    The neighbour, which overlaps, sees these whole and reports them.
    """
    length = len(window.text)
    for guess in guesses:
        is_cut_before = guess.start == 0 and not window.is_first and guess.end < OVERLAP // 2
        is_cut_after = guess.end == length and not window.is_last and guess.start > length - OVERLAP // 2
        if not is_cut_before and not is_cut_after:
            yield guess


def _cut(text: str, at: int) -> int:
    """Return a place near `at` and not behind it where white space ends, or else `at`."""
    for place in range(at, at - _LOOK_BACK, -1):
        if text[place - 1].isspace():
            return place
    return at
