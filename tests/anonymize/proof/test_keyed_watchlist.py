import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from anonymize.proof.keyed_watchlist import KeyedWatchlist
from anonymize.replacing.keys import Key
from anonymize.replacing.originals import Original

KEY = Key(b"k" * 32)
VALUES = ("Person Whitfield", "佐藤", "090-0000-1234", "taro@plant01.local", "Xu")
WATCHED = KeyedWatchlist.of(KEY, [Original("<X>", "PERSON", value) for value in VALUES])


@pytest.mark.parametrize(
    "text",
    [
        "ask PERSON  WHITFIELD now",
        "person-whitfield",
        "本日佐藤が来た",
        r'{"by": "\u4f50\u85e4"}',
        "tel ０９００００ 0-1234",
        "mail ＴＡＲＯ＠plant01.local!",
    ],
)
def test_a_replaced_value_is_found_however_it_is_written(text):
    assert len(WATCHED.said(text)) == 1


@pytest.mark.parametrize(
    "text", ["", "Whitfield", "aperson whitfield", "person whitfields", "Xu", "佐 々木", "0900000123"]
)
def test_a_part_of_a_value_and_a_longer_word_are_none(text):
    assert WATCHED.said(text) == frozenset()


def test_short_values_are_not_watched():
    assert len(WATCHED) == 4


def test_the_clean_side_holds_no_value_and_finds_the_same():
    plain = json.dumps(WATCHED.to_json(), ensure_ascii=False)
    assert not any(value in plain.casefold() for value in ("whitfield", "佐藤", "0000", "plant01"))
    again = KeyedWatchlist.from_json(KEY, json.loads(plain))
    assert again.said("ask Person Whitfield") == WATCHED.said("ask Person Whitfield")


def test_another_key_gives_other_digests_and_is_refused():
    other = Key(b"o" * 32)
    originals = [Original("<X>", "PERSON", value) for value in VALUES]
    assert not set(KeyedWatchlist.of(other, originals).to_json()["digests"]) & set(WATCHED.to_json()["digests"])
    with pytest.raises(ValueError, match="another key"):
        KeyedWatchlist.from_json(other, WATCHED.to_json())


@given(
    some.text("ab 佐藤-ﾎﾟ1", min_size=1, max_size=12), some.text("cd 、x", max_size=6), some.text("ef 、y", max_size=6)
)
def test_a_watched_value_between_spaces_is_always_found(value, before, after):
    watched = KeyedWatchlist.of(KEY, [Original("<X>", "PERSON", value)])
    assert len(watched.said(f"{before} {value} {after}")) == len(watched)
