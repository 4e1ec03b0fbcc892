import subprocess
import sys
from typing import Any

import pytest

from appliance.core.errors import InputError, IntegrityError, SettingsError
from appliance.release.installing import installed
from appliance.serve.engine import Engine, load
from appliance.serve.prompting import Prompter
from quantize.decoding import Sampling, continue_greedily
from quantize.onnx_session import OnnxSession

TEXTS = ["冷却水ポンプの異音", "PH639 RECTIFY", "a", "電話 内線 1234 へ連絡", "x" * 60]


@pytest.fixture(scope="module")
def engine(tiny: Any) -> Engine:
    return load(tiny.home)


def test_an_answer_is_what_the_exported_variant_says(engine: Engine, tiny: Any) -> None:
    manifest = engine.manifest
    prompter = Prompter(tiny.model / "tokenizer.json", manifest.prompt, limit=200)
    session = OnnxSession(tiny.variants["int4"].folder, threads=1)
    ids = continue_greedily(session, [prompter.tokens(TEXTS[0])], max_new_tokens=8, stop_ids=(2,))[0]
    answer = engine.answer(TEXTS[0])
    assert answer.text == prompter.text(ids)
    assert (answer.prompt_tokens, answer.new_tokens) == (len(prompter.tokens(TEXTS[0])), len(ids))


def test_many_texts_are_answered_as_each_alone(engine: Engine) -> None:
    assert engine.answer_all(TEXTS, batch_size=3) == [engine.answer(text).text for text in TEXTS]


def test_a_seed_decides_a_drawn_answer(engine: Engine) -> None:
    drawn = [engine.answer(TEXTS[1], sampling=Sampling(3.0, seed=seed)).text for seed in (4, 4, 5)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_text_longer_than_the_bundle_allows_is_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match="200 are allowed"):
        engine.answer("x" * 300)


def test_the_engine_knows_which_bundle_it_serves(engine: Engine, tiny: Any) -> None:
    assert engine.digest == installed(tiny.home).verified.digest


def test_a_changed_weight_is_found_before_it_is_loaded(tiny: Any) -> None:
    weights = installed(tiny.home).folder / "model.onnx.data"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        with pytest.raises(IntegrityError, match=r"model\.onnx\.data was changed"):
            load(tiny.home)
    finally:
        weights.write_bytes(content)


def test_nothing_installed_is_said_so(tmp_path: Any) -> None:
    with pytest.raises(SettingsError, match="nothing is installed"):
        load(tmp_path)


def test_serving_brings_neither_the_training_nor_the_language_stack_into_the_process() -> None:
    script = (
        "import sys, appliance.serve.engine;"
        "heavy = {'torch', 'transformers', 'presidio_analyzer', 'spacy', 'onnx', 'onnxruntime_genai', 'jinja2'};"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "[]"
