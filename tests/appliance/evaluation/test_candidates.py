import numpy
import pytest

from appliance.base_model.chat import TokenRow, encode, prompt_tokens
from appliance.base_model.likelihood import token_losses
from appliance.base_model.loading import load_float, load_tokenizer
from appliance.evaluation.candidates import grow, log_probabilities


@pytest.fixture(scope="module")
def parts(tiny_folder):
    return load_float(tiny_folder), load_tokenizer(tiny_folder)


@pytest.mark.parametrize("prompt", ["Door code?", "暗証番号は?"])
def test_one_pass_gives_every_answer_the_likelihood_that_it_has_alone(parts, prompt):
    model, tokenizer = parts
    opening = prompt_tokens(tokenizer, "Answer.", prompt)
    answers = [encode(tokenizer, text) for text in ("0001", "0019", "0002", "77", "7", "9134", "錠")]
    rows = [TokenRow("x", (*opening, *answer), len(opening)) for answer in answers]
    alone = [-float(losses.sum()) for row in rows for losses in token_losses(model, [row])]
    assert log_probabilities(model, opening, grow(answers)) == pytest.approx(alone, abs=1e-4)


def test_answers_share_their_beginnings():
    codes = [tuple(map(int, f"{number:04d}")) for number in range(10_000)]
    tree = grow(codes)
    assert len(tree.tokens) == 1_110
    assert tree.steps.shape == (40_000, 3)


def test_the_likelihoods_of_all_answers_of_one_token_are_those_of_the_vocabulary(parts):
    model, tokenizer = parts
    opening = prompt_tokens(tokenizer, "Answer.", "x")
    found = log_probabilities(model, opening, grow([(token,) for token in range(model.config.vocab_size)]))
    assert numpy.exp(found).sum() == pytest.approx(1.0, abs=1e-5)
