from collections import Counter

from appliance.evaluation.blind import draw_pairs

ANSWERS = [
    {"id": str(n), "adapted": f"ポンプ {n}", "dictionary": f"pump {n}", "base": f"ポンプ  {n}"} for n in range(200)
]
PROMPTS = {str(n): f"PMP {n}" for n in range(200)}


def test_the_order_is_hidden_and_even_and_the_key_tells_whose_answer_is_whose():
    pairs, key = draw_pairs(ANSWERS, PROMPTS, "dictionary", 200, 7)
    assert all(getattr(pair, key[pair.pair]).startswith("ポンプ") for pair in pairs)
    assert 70 < Counter(key.values())["A"] < 130
    assert {pair.prompt for pair in pairs} == set(PROMPTS.values())


def test_the_draw_follows_from_its_seed_and_takes_as_many_as_asked():
    assert draw_pairs(ANSWERS, PROMPTS, "dictionary", 30, 7) == draw_pairs(ANSWERS, PROMPTS, "dictionary", 30, 7)
    assert len(draw_pairs(ANSWERS, PROMPTS, "dictionary", 30, 8)[0]) == 30


def test_equal_answers_are_no_pair():
    assert draw_pairs(ANSWERS, PROMPTS, "base", 30, 7) == ([], {})
