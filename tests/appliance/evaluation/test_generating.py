import pytest
import torch

from appliance.base_model.chat import chat_row, prompt_tokens
from appliance.base_model.likelihood import full_nll
from appliance.base_model.loading import load_float, load_tokenizer
from appliance.evaluation.generating import Generation, completion_nll, generate

PROMPTS = ["REPL PMP 3", "x", "ポンプ3 交換", "hyd hose leaking at front"]


@pytest.fixture(scope="module")
def parts(tiny_folder):
    return load_float(tiny_folder), load_tokenizer(tiny_folder)


def _generate(parts, batch_size, progress=lambda done, total: None):
    return generate(*parts, PROMPTS, Generation("Normalise.", 12, batch_size), progress)


def test_a_batch_gives_the_same_answers_as_one_by_one(parts):
    assert _generate(parts, 4) == _generate(parts, 1)


def test_the_answers_are_those_of_the_librarys_greedy_search(parts):
    model, tokenizer = parts
    row = torch.tensor([prompt_tokens(tokenizer, "Normalise.", PROMPTS[0])])
    whole = model.generate(row, attention_mask=torch.ones_like(row), do_sample=False, max_new_tokens=12)
    expected = tokenizer.decode(whole[0, row.shape[1] :], skip_special_tokens=True).strip()
    assert _generate(parts, 2)[0] == expected


def test_progress_counts_prompts(parts):
    seen = []
    _generate(parts, 3, lambda done, total: seen.append((done, total)))
    assert seen == [(3, 4), (4, 4)]


def test_an_answer_ends_before_the_end_token(parts):
    model, tokenizer = parts
    ending = load_like(model)
    with torch.no_grad():
        ending.model.norm.weight.zero_()  # all logits are equal: greedy search says token 0
    tokenizer.eos_token_id = 0
    assert generate(ending, tokenizer, PROMPTS, Generation("Normalise.", 12, 4), lambda done, total: None) == [""] * 4
    tokenizer.eos_token_id = 2


def load_like(model):
    twin = type(model)(model.config)
    twin.load_state_dict(model.state_dict())
    return twin.eval()


def test_the_likelihood_is_the_models_own_per_token(parts):
    model, tokenizer = parts
    rows = [chat_row(tokenizer, "Normalise.", str(n), prompt, "fix ポンプ") for n, prompt in enumerate(PROMPTS)]
    nats, tokens = completion_nll(model, rows, 3)
    assert tokens == sum(len(row.tokens) - row.labels_from for row in rows)
    assert nats == pytest.approx(sum(full_nll(model, row) for row in rows) / tokens, abs=1e-4)
