"""Japanese postal addresses and postal codes.

Covers: from the prefecture to the room; without prefecture; a known town with block numbers alone; an area without
block numbers where a label, 〒 or 在住 says that it is an address; postal codes with their mark, label, or an address.
Does not cover: an area that stands alone (kind LOCATION when it names a prefecture and a municipality), landmarks.
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.japanese_labels import LINK, Form, best, compiled
from anonymize.recognizers.japanese_places import (
    PREFECTURES,
    longest_name,
    longest_name_before,
    municipalities,
    towns,
)
from anonymize.recognizers.japanese_streets import BLOCKS, Street, read_street

_HINT = re.compile(r"[都道府県市区町村]|丁目|番地|[0-9]-[0-9]|〒|郵便番号")
# 長野県道407号 is a road, but 山梨県道志村 is a village
_PREFECTURE = re.compile(rf"(?:{PREFECTURES})(?!道(?!志))")
_UNKNOWN_MUNICIPALITY = re.compile(r"[一-鿿々ヶケノぁ-ゖァ-ヺー]{1,6}?[市区町村](?:[一-鿿]{1,4}区)?")
_ENDS_MUNICIPALITY = re.compile(r"[市区町村]")
_POSTAL = r"[0-9]{3}[-ー ]?[0-9]{4}"
_LABEL = r"住所|所在地|居住地|居所|本籍地?|自宅|実家|送付先|届け?先|送り先|address"
_LABELLED = re.compile(
    rf"(?:(?:{_LABEL}){LINK}(?:〒? ?{_POSTAL}[) \n]{{0,2}})?|〒 ?{_POSTAL}[) \n]{{0,2}})\Z", re.IGNORECASE
)
_LIVES_BEHIND = re.compile(r"(?:に|へ)?(?:在住|居住|出身|住まい|お住|住む|住んで)| ?[(\[【](?:現?住所|自宅|本籍)")
_BACK = 48  # characters before an area in which its label stands
_POSTAL_CODE = Form(
    "POSTAL_CODE",
    "jp-postal-code",
    re.compile(rf"(?<![0-9A-Za-z_-])(?<![0-9]\.){_POSTAL}(?![0-9A-Za-z_]|-[0-9])"),
    compiled(r"〒|郵便番号|郵便コード|(?<![A-Za-z])zip(?: code)?"),
)


class JapaneseAddresses:
    """Addresses, areas and postal codes."""

    name = "japanese-addresses"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text; raise DetectionError where the names of places are missing."""
        return [best(_all(text)) for text in texts]


def _all(text: str) -> Iterator[Guess]:
    if not _HINT.search(text):
        return
    yield from _POSTAL_CODE.find(text)
    for match in _POSTAL_CODE.value.finditer(text):
        if _area_starts(text, match.end()):
            yield Guess(*match.span(), "POSTAL_CODE", 0.8, "jp-postal-code")
    full = list(_full_addresses(text))
    yield from full
    covered = {at for guess in full for at in range(guess.start, guess.end)}
    for guess in _towns_alone(text):
        if covered.isdisjoint(range(guess.start, guess.end)):
            yield guess


def _full_addresses(text: str) -> Iterator[Guess]:
    done = 0
    for start, area_end in _areas(text):
        guess = _from_area(text, start, area_end) if start >= done else None
        if guess:
            done = guess.end
            yield guess


def _area_starts(text: str, at: int) -> bool:
    while at < len(text) and text[at] in " \n\t)」":
        at += 1
    return _PREFECTURE.match(text, at) is not None or longest_name(text, at, municipalities()) > at


def _areas(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a prefecture with its municipality, or a municipality alone, starts and ends, in order."""
    found = [(match.start(), _municipality_end(text, match.end())) for match in _PREFECTURE.finditer(text)]
    for match in _ENDS_MUNICIPALITY.finditer(text):
        start = longest_name_before(text, match.end(), municipalities())
        if start < match.end():
            found.append((start, longest_name(text, start, municipalities())))
    return iter(sorted(found, key=lambda area: (area[0], -area[1])))


def _municipality_end(text: str, at: int) -> int:
    start = at + text.startswith(" ", at)
    end = longest_name(text, start, municipalities())
    if end > start:
        return end
    unknown = _UNKNOWN_MUNICIPALITY.match(text, start)
    return unknown.end() if unknown else at


def _from_area(text: str, start: int, area_end: int) -> Guess | None:
    street = read_street(text, area_end)
    has_prefecture = _PREFECTURE.match(text, start) is not None
    if street.blocks and (has_prefecture or street.is_known or street.has_unit or street.blocks > 2):
        return Guess(start, street.end, "ADDRESS", 0.9 if has_prefecture else 0.8, "jp-address")
    end = max(area_end, street.town) if street.is_known else area_end
    if is_labelled(text, start, end):
        return Guess(start, max(end, street.end), "ADDRESS", 0.85, "jp-address-label")
    if has_prefecture and area_end - start > 3:
        return Guess(start, end, "LOCATION", 0.6, "jp-area", "cue")
    return None


def is_labelled(text: str, start: int, end: int) -> bool:
    """Say whether a word for a home or an office stands before this place or behind it."""
    return bool(_LABELLED.search(text[max(0, start - _BACK) : start]) or _LIVES_BEHIND.match(text, end))


def _towns_alone(text: str) -> Iterator[Guess]:
    """Yield a known town whose numbers can hardly be anything else: 宇田川町15-1, 西中島5丁目16番."""
    for blocks in BLOCKS.finditer(text):
        start = longest_name_before(text, blocks.start(), towns())
        if start == blocks.start():
            continue
        street = read_street(text, start)
        if street.end >= blocks.end() and _is_surely_an_address(text[start : blocks.start()], street, text, start):
            yield Guess(start, street.end, "ADDRESS", 0.6, "jp-town", "cue")


def _is_surely_an_address(town: str, street: Street, text: str, start: int) -> bool:
    if is_labelled(text, start, street.end) or (street.has_unit and len(town) > 1):
        return True
    return street.blocks > 1 and len(town) > 2 and (town.endswith("町") or street.blocks > 2)
