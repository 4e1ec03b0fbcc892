import json
from collections import Counter

import pytest

from appliance.core.errors import InputError
from appliance.evaluation.blind import draw_pairs, read_choices, tally

ANSWERS = [
    {"id": str(n), "adapted": f"ポンプ {n}", "dictionary": f"pump {n}", "base": f"ポンプ  {n}"} for n in range(200)
]
PROMPTS = {str(n): f"PMP {n}" for n in range(200)}


def _line(pair, choice, by="mk"):
    return json.dumps({"pair": pair, "by": by, "choice": choice})


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


def test_wins_losses_and_ties_are_counted_by_the_key():
    found = tally({"p0": "A", "p1": "A", "p2": "tie", "p3": "B"}, {"p0": "A", "p1": "B", "p2": "A", "p3": "B"})
    assert (found["wins"], found["losses"], found["ties"]) == (2, 1, 1)
    assert (found["win_rate"]["value"], found["win_rate"]["samples"]) == (pytest.approx(2 / 3), 3)
    assert tally({}, {})["win_rate"]["samples"] == 0


def test_the_later_choice_on_a_pair_holds():
    assert read_choices(f"{_line('p0', 'A')}\n\n{_line('p0', 'tie')}\n", {"p0": "A"}, "x") == {"p0": "tie"}


@pytest.mark.parametrize("line", [_line("p9", "A"), _line("p0", "C"), _line("p0", "A", " "), "{}", "[]", "{佐藤"])
def test_a_line_that_is_no_choice_is_refused_without_its_text(line):
    with pytest.raises(InputError, match="line 1") as caught:
        read_choices(line, {"p0": "A"}, "choices.jsonl")
    assert "佐藤" not in str(caught.value)
