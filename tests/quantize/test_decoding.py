import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaForCausalLM

from quantize.decoding import Sampling, completion_losses, continue_greedily, draw, log_softmax, stream
from quantize.measuring import measuring_session
from quantize.onnx_session import PIECE, OnnxSession
from quantize.speed import measure_speed
from quantize.variants import Variant

GENERATOR = np.random.default_rng(3)
PROMPTS = [GENERATOR.integers(3, 259, size).tolist() for size in (3, 17, 1, 40, 9, 9, 25, 2)]
NEVER = (10_000,)


@pytest.fixture(scope="module", params=["float", "int8", "int4"])
def session(
    request: pytest.FixtureRequest, float_variant: Variant, int8_variant: Variant, int4_variant: Variant
) -> OnnxSession:
    variants = {"float": float_variant, "int8": int8_variant, "int4": int4_variant}
    return OnnxSession(variants[request.param].folder, threads=1)


def test_answers_of_a_batch_equal_the_answers_one_by_one(session: OnnxSession) -> None:
    together = continue_greedily(session, PROMPTS, max_new_tokens=12, stop_ids=NEVER, batch_size=8)
    alone = [list(stream(session, prompt, max_new_tokens=12, stop_ids=NEVER)) for prompt in PROMPTS]
    assert together == alone
    assert {len(answer) for answer in together} == {12}


def test_a_prompt_that_is_read_in_pieces_gives_what_it_gives_in_a_batch(session: OnnxSession) -> None:
    prompt = GENERATOR.integers(3, 259, 2 * PIECE + 5).tolist()
    alone, pair = session.start([prompt], room=2), session.start([prompt, prompt[:9]], room=2)
    assert alone.read()[0] == pytest.approx(pair.read()[0], abs=2e-2)
    nexts = np.array([5, 5])
    assert alone.advance(nexts[:1])[0] == pytest.approx(pair.advance(nexts)[0], abs=2e-2)


def test_a_row_that_has_stopped_does_not_disturb_the_others(session: OnnxSession) -> None:
    whole = continue_greedily(session, PROMPTS, max_new_tokens=12, stop_ids=NEVER)
    stops = {answer[3] for answer in whole[:6]}
    cut = [answer[: next((i for i, token in enumerate(answer) if token in stops), 12)] for answer in whole]
    assert continue_greedily(session, PROMPTS, max_new_tokens=12, stop_ids=tuple(stops)) == cut


def test_greedy_answers_equal_those_of_torch(float_variant: Variant, torch_model: LlamaForCausalLM) -> None:
    answers = continue_greedily(OnnxSession(float_variant.folder, threads=1), PROMPTS, max_new_tokens=8, stop_ids=NEVER)
    for prompt, answer in zip(PROMPTS, answers, strict=True):
        ids = list(prompt)
        with torch.no_grad():
            for _ in range(8):
                ids.append(int(torch_model(torch.tensor([ids])).logits[0, -1].argmax()))
        assert answer == ids[len(prompt) :]


def test_losses_of_completions_equal_those_of_torch(float_variant: Variant, torch_model: LlamaForCausalLM) -> None:
    pairs = [(PROMPTS[0], PROMPTS[4]), (PROMPTS[3], PROMPTS[7]), (PROMPTS[1], PROMPTS[2])]
    losses = completion_losses(measuring_session(float_variant.folder, threads=1), pairs, batch_size=2)
    for (prompt, completion), loss in zip(pairs, losses, strict=True):
        with torch.no_grad():
            logits = torch_model(torch.tensor([[*prompt, *completion]])).logits[0, len(prompt) - 1 : -1]
        expected = torch.nn.functional.cross_entropy(logits, torch.tensor(completion), reduction="none")
        assert loss == pytest.approx(expected.numpy(), abs=1e-4)


def test_no_prompts_give_no_answers(float_variant: Variant) -> None:
    session = OnnxSession(float_variant.folder, threads=1)
    assert continue_greedily(session, [], max_new_tokens=4, stop_ids=(2,)) == []
    assert completion_losses(session, []) == []


def test_the_same_seed_draws_the_same_answer_and_another_seed_another(float_variant: Variant) -> None:
    session = OnnxSession(float_variant.folder, threads=1)
    drawn = [
        list(stream(session, PROMPTS[0], max_new_tokens=12, stop_ids=NEVER, sampling=Sampling(2.0, 0.95, seed)))
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_speed_is_a_positive_number_of_tokens(float_variant: Variant) -> None:
    speed = measure_speed(OnnxSession(float_variant.folder, threads=1), prompt_tokens=8, new_tokens=4)
    assert speed.prefill > 0
    assert speed.decode > 0


@given(st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=50), st.integers(0, 2**32))
def test_temperature_zero_or_a_tiny_share_draws_the_most_likely_token(values: list[float], seed: int) -> None:
    logits = np.array(values, np.float32)
    for sampling in (Sampling(0.0), Sampling(1.0, top_p=1e-9)):
        drawn = logits[draw(logits, sampling, np.random.default_rng(seed))]
        assert drawn == pytest.approx(logits.max(), abs=1e-6)  # nearer ones are equally likely in 64 bits


@given(st.integers(0, 2**32))
def test_a_token_outside_of_the_share_is_never_drawn(seed: int) -> None:
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05], np.float32))
    assert draw(logits, Sampling(1.0, top_p=0.79), np.random.default_rng(seed)) in (0, 1)


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    logits = np.log(np.array([0.6, 0.3, 0.1], np.float32))
    generator = np.random.default_rng(11)
    drawn = np.bincount([draw(logits, Sampling(1.0), generator) for _ in range(4000)]) / 4000
    assert drawn == pytest.approx([0.6, 0.3, 0.1], abs=0.03)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=40))
def test_probabilities_sum_to_one(values: list[float]) -> None:
    assert np.exp(log_softmax(np.array(values, np.float32))).sum() == pytest.approx(1)
