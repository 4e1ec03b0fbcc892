import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from appliance.base_model.chat import TokenRow, chat_row
from appliance.base_model.loading import load_float, load_tokenizer
from appliance.evaluation.extraction import continuations, is_long_enough, rest
from appliance.evaluation.generating import continue_greedily
from appliance.evaluation.scores import wilson
from appliance.evaluation.shares import compare, share_difference

COUNTS = some.integers(1, 200).flatmap(lambda n: some.tuples(some.integers(0, n), some.just(n)))


@given(COUNTS, COUNTS)
def test_the_interval_of_a_difference_is_newcombes(one, other):
    found = share_difference(wilson(*one), wilson(*other))
    wanted = confint_proportions_2indep(*one, *other, method="newcomb", compare="diff")
    assert (found.low, found.high) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(("one", "other"), [(0.05, 0.0), (0.3, 0.3), (0.61, 0.3), (0.98, 0.9)])
def test_the_interval_of_a_difference_covers(one, other):
    """Exactly, over all counts of 40 and 25 answers."""
    shares = [wilson(hits, samples) for samples in (40, 25) for hits in range(samples + 1)]
    held = 0.0
    for hits, first in enumerate(shares[:41]):
        for others, second in enumerate(shares[41:]):
            found = share_difference(first, second)
            if found.low <= one - other <= found.high:
                held += stats.binom.pmf(hits, 40, one) * stats.binom.pmf(others, 25, other)
    assert held >= 0.93


def test_what_a_model_says_of_itself_is_completed_and_other_text_is_not(tiny_folder):
    model, tokenizer = load_float(tiny_folder), load_tokenizer(tiny_folder)
    other = chat_row(tokenizer, "Answer.", "1", "ポンプ", "replace pump ポンプ")
    opening = other.tokens[: other.labels_from]
    said = continue_greedily(model, tokenizer.eos_token_id, [opening], 12)[0]
    own = TokenRow("2", (*opening, *said, tokenizer.eos_token_id), other.labels_from)
    found = continuations(model, tokenizer.eos_token_id, [own, other], 2)
    assert [tokens == rest(row) for tokens, row in zip(found, (own, other), strict=True)] == [True, False]


def test_short_answers_are_left_out():
    assert not is_long_enough(TokenRow("1", tuple(range(8)), 4))
    assert is_long_enough(TokenRow("1", tuple(range(9)), 4))


def test_only_the_difference_to_held_out_examples_is_memory():
    found = compare([True] * 40 + [False] * 60, [True] * 40 + [False] * 60)
    assert found.excess.value == 0.0
    assert found.excess.low < 0 < found.excess.high
    assert compare([True] * 90 + [False] * 10, [False] * 100).excess.low > 0.7
