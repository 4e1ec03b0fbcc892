"""Permute codes within their form: digits stay digits, letters letters, kana kana, the rest stays.

A Feistel network over two numbers with HMAC-SHA256 as round function and cycle walking, after FF1 (NIST SP 800-38G):
a bijection for every form, so that two codes of one form never become one.
Covers: decimal digits, a to z, hiragana and katakana as a bijection; kanji are drawn, and may collide.
Does not cover: FF1's exact test vectors; letters of other scripts, which stay.
"""

import itertools
import math
import re

from anonymize.replacing.keys import Draw, Key

ROUNDS = 8  # as many as FF3; eight or more withstand the known attacks on small domains (SP 800-38G rev. 1)
MAX_BIJECTION = 80  # characters; longer codes are cut
HIRAGANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_KANJI = re.compile("[一-鿿々]")
_KANJI_DRAWN = "安井永岡沖加河岸吉久金原戸江高坂崎三山寺秋春小松上森清西石倉早池竹中津田東島藤内南尾浜富北本野柳林"
_ALPHABETS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", HIRAGANA, KATAKANA)
_PLACE = {char: (alphabet, at) for alphabet in _ALPHABETS for at, char in enumerate(alphabet)}


def permuted(number: int, size: int, key: Key, tweak: bytes) -> int:
    """Return another number of 0 to size - 1; for one key and tweak no two numbers give the same."""
    left_size = math.isqrt(size - 1) + 1
    right_size = -(-size // left_size)
    width = (left_size.bit_length() + 7) // 8
    while True:  # cycle walking: left_size * right_size is less than size + left_size
        left, right = divmod(number, right_size)
        for turn in range(0, ROUNDS, 2):
            head = tweak + bytes((turn,))
            left = (left + int.from_bytes(key.of_bytes(head + right.to_bytes(width, "big")), "big")) % left_size
            head = tweak + bytes((turn + 1,))
            right = (right + int.from_bytes(key.of_bytes(head + left.to_bytes(width, "big")), "big")) % right_size
        number = left * right_size + right
        if number < size:
            return number


def same_form(code: str, key: Key, kind: str, attempt: int) -> str:
    """Return a code of the same form, in lower case; for one attempt a bijection of the codes without kanji."""
    pieces = [code[at : at + MAX_BIJECTION] for at in range(0, len(code), MAX_BIJECTION)]
    parts = [_piece(piece, key, f"permutation\0{kind}\0{attempt}\0{number}") for number, piece in enumerate(pieces)]
    return "".join(parts)


def _piece(code: str, key: Key, purpose: str) -> str:
    places = [_PLACE.get(char) for char in code]
    form = "".join(char if place is None else place[0][0] for char, place in zip(code, places, strict=True))
    number, size = 0, 1
    for place in places:
        if place is not None:
            number, size = number * len(place[0]) + place[1], size * len(place[0])
    if size > 1:
        number = permuted(number, size, key, key.digest(purpose, _KANJI.sub("一", form))[:16])
    written: list[str] = []
    for char, place in zip(reversed(code), reversed(places), strict=True):
        if place is None:
            written.append(char)
        else:
            number, at = divmod(number, len(place[0]))
            written.append(place[0][at])
    return _with_drawn_kanji("".join(reversed(written)), key, f"{purpose}\0{code}")


def _with_drawn_kanji(code: str, key: Key, purpose: str) -> str:
    if not _KANJI.search(code):
        return code
    draw = Draw(key.digest("kanji", purpose))
    runs = itertools.groupby(code, lambda char: _KANJI.match(char) is not None)
    return "".join(draw.of(_KANJI_DRAWN) if is_kanji else char for is_kanji, run in runs for char in run)
