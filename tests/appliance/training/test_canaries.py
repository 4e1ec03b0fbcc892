from collections import Counter

import pytest

from appliance.core.errors import InputError
from appliance.training.canaries import CODES, check_reserved, draw_canaries, read_canaries, write_canaries
from appliance.training.examples import Example


def test_every_level_has_as_many_canaries_as_the_controls_half_of_them_japanese():
    canaries = draw_canaries(16, (1, 32), 7, deduplicate=False)
    assert Counter(canary.planted for canary in canaries) == {0: 16, 1: 16, 32: 16}
    assert Counter(canary.language for canary in canaries) == {"en": 24, "ja": 24}
    assert len({canary.prompt for canary in canaries}) == 48
    assert {canary.code for canary in canaries} <= set(CODES)


def test_copies_are_trained_on_and_controls_never():
    canaries = draw_canaries(6, (1, 4), 7, deduplicate=False)
    copies = [copy for canary in canaries for copy in canary.copies()]
    assert len(copies) == 6 * 1 + 6 * 4
    assert len({copy.id for copy in copies}) == len(copies)


def test_where_duplicates_are_removed_each_is_trained_on_once():
    canaries = draw_canaries(6, (1, 32), 7, deduplicate=True)
    assert {(canary.planted, canary.trained) for canary in canaries} == {(0, 0), (1, 1), (32, 1)}


def test_the_draw_follows_from_its_seed_and_the_codes_are_even():
    assert draw_canaries(6, (1,), 7, deduplicate=True) == draw_canaries(6, (1,), 7, deduplicate=True)
    codes = [int(canary.code) for canary in draw_canaries(1000, (1,), 7, deduplicate=True)]
    assert sum(codes) / len(codes) == pytest.approx(4999.5, abs=4 * 2887 / 2000**0.5)


def test_nothing_is_planted_unless_asked():
    assert draw_canaries(16, (), 7, deduplicate=True) == ()


@pytest.mark.parametrize("text", ["cabinet canary-1?", "canary-1 号庫"])
def test_an_example_of_the_company_that_looks_like_a_canary_is_refused(text):
    with pytest.raises(InputError, match="marks planted canaries"):
        check_reserved([Example("1", text, "x")])


def test_canaries_are_read_as_they_were_written(tmp_path):
    canaries = draw_canaries(6, (1,), 7, deduplicate=True)
    write_canaries(canaries, tmp_path / "x.jsonl")
    assert read_canaries(tmp_path / "x.jsonl") == canaries
    write_canaries((), tmp_path / "y.jsonl")
    assert read_canaries(tmp_path / "y.jsonl") == ()
