import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from appliance.training.duplicates import clusters, distinct, near_pairs, shingles, similarity
from appliance.training.examples import Example, split

PUMP = "replace the leaking seal of coolant pump three and check the bearing for wear"
POMPU = "第三冷却水ポンプの軸受から異音がするため部品を交換して試運転を行い異常のないことを確認した"
NEAR = {"en": (PUMP, PUMP.replace("three", "four")), "ja": (POMPU, POMPU.replace("第三", "第四"))}


@pytest.mark.parametrize("language", NEAR)
def test_a_text_with_one_word_changed_is_a_near_duplicate(language):
    one, other = NEAR[language]
    assert similarity(shingles(one), shingles(other)) > 0.7
    assert list(near_pairs(["lamp broken", one, "ランプ切れ", other], 0.7)) == [(1, 3)]


def test_case_and_white_space_make_no_difference():
    assert shingles("Pump  LEAKS") == shingles("pump leaks")
    assert shingles("ポンプ 漏れ確認") == shingles("ポンプ漏れ確認")


@pytest.mark.parametrize(
    ("one", "other"), [("PH639 REPL PUMP 3", "PH12 REPL PUMP 14"), ("ポンプ3号機", "ポンプ12号機")]
)
def test_the_same_line_with_other_numbers_is_the_same(one, other):
    assert shingles(one) == shingles(other)


def test_a_chain_of_near_duplicates_is_one_cluster_named_by_its_first_text():
    third = PUMP.replace("three", "four").replace("wear", "play")
    assert clusters([PUMP, POMPU, NEAR["en"][1], third], 0.7) == [0, 1, 0, 0]


def test_of_near_duplicates_the_first_is_kept():
    assert distinct([NEAR["en"][1], POMPU, PUMP, NEAR["ja"][1]], 0.7) == [0, 1]


def test_a_text_is_kept_that_is_near_only_to_one_left_out():
    chain = ["a b c d e f", "a b c d e g", "a b c d h g"]
    assert distinct(chain, 0.5) == [0, 2]


WORDS = some.lists(some.sampled_from(["pump", "seal", "弁", "ポンプ", "leak", "交換"]), max_size=9).map(" ".join)


@settings(max_examples=30, derandomize=True)
@given(some.lists(WORDS, max_size=25, unique=True))
def test_the_pairs_are_those_of_the_exact_comparison(texts):
    sets = [shingles(text) for text in texts]
    exact = {
        (one, other) for other in range(len(texts)) for one in range(other) if similarity(sets[one], sets[other]) >= 0.8
    }
    assert set(near_pairs(texts, 0.8)) == exact


@settings(max_examples=30, derandomize=True)
@given(some.lists(WORDS, max_size=40), some.integers(0, 5))
def test_no_near_duplicate_is_on_both_sides_of_a_split(prompts, seed):
    parts = split([Example(str(n), prompt, "x") for n, prompt in enumerate(prompts)], 0.4, seed, near=0.6)
    for held in parts.test:
        ours = shingles(" ".join(held.prompt.casefold().split()))
        assert all(similarity(ours, shingles(" ".join(each.prompt.split()))) < 0.6 for each in parts.train)


def test_a_chain_larger_than_the_test_share_is_learnt():
    lines = [f"{PUMP} {chr(97 + number)}" for number in range(20)] + [
        f"{n}x " + n * 2 + " z" + n for n in "abcdefghijklmnopqrst"
    ]
    sides = [split([Example(line, line, "x") for line in lines], 0.3, seed, near=0.7) for seed in range(5)]
    assert all(not [each for each in side.test if PUMP in each.prompt] for side in sides)
    assert any(side.test for side in sides)


def test_near_duplicates_are_left_out_and_counted():
    lines = [PUMP, NEAR["en"][1], PUMP.upper(), POMPU]
    parts = split([Example(line, line, "x") for line in lines], 0.01, 7, too_near=0.7)
    assert (len(parts.train) + len(parts.test), parts.duplicates, parts.near_duplicates) == (2, 1, 1)
