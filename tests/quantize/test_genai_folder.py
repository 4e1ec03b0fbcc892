"""The folders are what plain onnxruntime-genai loads: its own loop gives our loop's tokens, in batches, too."""

import json

import numpy as np
import onnxruntime_genai as genai
import pytest

from quantize.decoding import continue_greedily
from quantize.onnx_session import OnnxSession
from quantize.variants import Variant

NEW, PAD, END = 12, 2, 2
PROMPTS = [[1, 50, 60, 70], [1, 90, 91, 92, 93, 94, 95, 96, 97], [1, 200], [7] * 30]


@pytest.fixture(params=["float", "int8", "int4"])
def variant(
    request: pytest.FixtureRequest, float_variant: Variant, int8_variant: Variant, int4_variant: Variant
) -> Variant:
    return {"float": float_variant, "int8": int8_variant, "int4": int4_variant}[request.param]


def written(model: genai.Model, prompts: list[list[int]]) -> list[list[int]]:
    """What onnxruntime-genai writes behind prompts that it reads as one batch, padded on the right."""
    width = max(map(len, prompts))
    wishes = genai.GeneratorParams(model)
    wishes.set_search_options(max_length=width + NEW, batch_size=len(prompts), do_sample=False)
    generator = genai.Generator(model, wishes)
    generator.append_tokens(np.array([prompt + [PAD] * (width - len(prompt)) for prompt in prompts], np.int32))
    steps = []
    while not generator.is_done():
        generator.generate_next_token()
        steps.append(generator.get_next_tokens().tolist())
    rows = [list(row) for row in zip(*steps, strict=True)]
    return [row[: row.index(END)] if END in row else row for row in rows]


def test_plain_genai_writes_the_tokens_of_our_own_loop(variant: Variant) -> None:
    model = genai.Model(str(variant.folder))
    ours = continue_greedily(
        OnnxSession(variant.folder, threads=1), PROMPTS, max_new_tokens=NEW, stop_ids=(END,), batch_size=4
    )
    assert written(model, PROMPTS) == ours
    assert [written(model, [prompt])[0][:NEW] for prompt in PROMPTS] == ours


def test_plain_genai_reads_a_prompt_in_pieces(float_variant: Variant) -> None:
    model = genai.Model(str(float_variant.folder))
    wishes = genai.GeneratorParams(model)
    wishes.set_search_options(max_length=64)
    generator = genai.Generator(model, wishes)
    for piece in (PROMPTS[3][:11], PROMPTS[3][11:12], PROMPTS[3][12:]):
        generator.append_tokens(np.array(piece, np.int32))
    logits = OnnxSession(float_variant.folder, threads=1).start([PROMPTS[3]]).read()
    assert generator.get_logits().reshape(-1) == pytest.approx(logits[0], abs=1e-4)


def test_the_tokenizer_and_the_chat_template_are_there(int4_variant: Variant) -> None:
    tokenizer = genai.Tokenizer(genai.Model(str(int4_variant.folder)))
    text = "ポンプ A-12 を交換"
    assert tokenizer.decode(tokenizer.encode(text)) == text
    said = tokenizer.apply_chat_template(json.dumps([{"role": "user", "content": text}]), add_generation_prompt=True)
    assert said == f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"
