import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from appliance.core.errors import InputError, IntegrityError, SettingsError
from appliance.release.installing import installed
from appliance.serve.choosing import choose
from appliance.serve.engine import Engine, load
from appliance.serve.grammar import ANY_OBJECT
from appliance.serve.jobs import Done, Event, Job, Order, Piece
from appliance.serve.prompting import Prompter
from appliance.serve.writing import Writer
from quantize.decoding import Sampling, continue_greedily, log_softmax
from quantize.onnx_session import OnnxSession

TEXTS = ["冷却水ポンプの異音", "PH639 RECTIFY", "a", "電話 内線 1234 へ連絡", "x" * 60]


@pytest.fixture(scope="module")
def engine(tiny: Any) -> Engine:
    return load(tiny.home, seats=3)


def written(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Piece))


def ask(engine: Engine, order: Order) -> list[Event]:
    events: list[Event] = []
    engine.admit(Job(order, events.append))
    engine.run()
    return events


def test_an_answer_is_what_the_exported_variant_says(engine: Engine, tiny: Any) -> None:
    prompter = Prompter(tiny.model / "tokenizer.json", engine.manifest.prompt, limit=200)
    session = OnnxSession(tiny.variants["int4"].folder, threads=1)
    ids = continue_greedily(session, [prompter.tokens(TEXTS[0])], max_new_tokens=8, stop_ids=(2,))[0]
    answer = engine.answer(TEXTS[0])
    assert answer.text == prompter.text(ids)
    assert (answer.prompt_tokens, answer.new_tokens) == (len(prompter.tokens(TEXTS[0])), len(ids))


def test_many_texts_in_few_seats_are_answered_as_each_alone(engine: Engine) -> None:
    together = engine.answer_orders([engine.order(engine.prompter.tokens(text)) for text in TEXTS])
    assert [text for text, _, _ in together] == [engine.answer(text).text for text in TEXTS]


def test_a_seed_decides_a_drawn_answer(engine: Engine) -> None:
    drawn = [engine.answer(TEXTS[1], sampling=Sampling(3.0, seed=seed)).text for seed in (4, 4, 5)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_cancelled_job_frees_its_seat_and_the_others_go_on(engine: Engine) -> None:
    heard: list[list[Event]] = [[] for _ in TEXTS]
    jobs = [
        Job(engine.order(engine.prompter.tokens(text)), events.append)
        for text, events in zip(TEXTS, heard, strict=True)
    ]
    for job in jobs:
        engine.admit(job)
    engine.step()
    jobs[1].cancel()  # it writes
    jobs[4].cancel()  # it waits
    engine.run()
    reasons = [events[-1].reason for events in heard if isinstance(events[-1], Done)]
    assert (reasons[1], reasons[4]) == ("cancelled", "cancelled")
    assert [written(heard[at]) for at in (0, 2, 3)] == [engine.answer(TEXTS[at]).text for at in (0, 2, 3)]


@pytest.mark.parametrize("sampling", [Sampling(1e-320), Sampling(1e-45, top_p=0.9), Sampling(5e-4)])
def test_a_temperature_next_to_nothing_takes_the_most_likely_token(engine: Engine, sampling: Sampling) -> None:
    assert engine.answer(TEXTS[0], sampling=sampling).text == engine.answer(TEXTS[0]).text


@pytest.mark.parametrize("place", ["choose", "write"])
def test_a_row_that_fails_ends_alone(engine: Engine, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    good, bad = engine.order(engine.prompter.tokens(TEXTS[0])), engine.order(engine.prompter.tokens(TEXTS[1]))
    expected = written(ask(engine, good))

    def choose_or_fail(logits: Any, order: Order, generator: Any) -> Any:
        if order is bad:
            raise ValueError("a text")
        return choose(logits, order, generator)

    def write_or_fail(writer: Writer, token: int) -> str:
        if writer._stop:
            raise ValueError("a text")
        return write(writer, token)

    write = Writer.write
    if place == "choose":
        monkeypatch.setattr("appliance.serve.engine.choose", choose_or_fail)
    else:
        bad = replace(bad, stop=("never",))
        monkeypatch.setattr(Writer, "write", write_or_fail)
    heard: list[list[Event]] = [[], []]
    for order, events in zip((bad, good), heard, strict=True):
        engine.admit(Job(order, events.append))
    engine.run()
    end = heard[0][-1]
    assert isinstance(end, Done) and end.reason == "failed" and written(heard[1]) == expected


def test_a_stop_text_ends_the_answer_and_is_no_part_of_it(engine: Engine) -> None:
    whole = engine.answer(TEXTS[2]).text
    stop = whole[3:5]
    events = ask(engine, Order(tuple(engine.prompter.tokens(TEXTS[2])), 8, stop=(stop,)))
    assert written(events) == whole[: whole.index(stop)]
    assert isinstance(events[-1], Done) and events[-1].reason == "stop"


def test_an_answer_that_is_cut_says_so(engine: Engine) -> None:
    done = ask(engine, Order(tuple(engine.prompter.tokens(TEXTS[1])), 2))[-1]
    assert isinstance(done, Done) and (done.reason, done.new_tokens) == ("length", 2)


def test_probabilities_are_those_of_the_model(engine: Engine, tiny: Any) -> None:
    prompt = engine.prompter.tokens(TEXTS[1])
    events = ask(engine, Order(tuple(prompt), 1, alternatives=3))
    first = events[0]
    assert isinstance(first, Piece)
    logits = OnnxSession(tiny.variants["int4"].folder, threads=1).start([prompt]).read()[0]
    expected = log_softmax(logits)
    assert [other.token for other in first.taken[0].alternatives] == list((-expected).argsort(kind="stable")[:3])
    assert first.taken[0].logprob == pytest.approx(expected.max(), abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_a_schema_is_kept_by_random_weights_at_a_high_temperature(engine: Engine, seed: int) -> None:
    schema = {
        "type": "object",
        "properties": {"故障": {"enum": ["漏れ", "異音"]}, "n": {"type": "integer", "minimum": 0, "maximum": 99}},
        "required": ["故障", "n"],
        "additionalProperties": False,
    }
    prompt = tuple(engine.prompter.tokens(TEXTS[0]))
    matcher = engine.grammars.of_schema(schema)
    events = ask(engine, Order(prompt, 60, Sampling(5.0, seed=seed), matcher=matcher))
    jsonschema.validate(json.loads(written(events)), schema)


def test_schemas_that_cannot_be_enforced_are_refused(engine: Engine) -> None:
    for schema in ({"type": "foo"}, {"$ref": "http://192.0.2.1/x"}, {"type": "string", "pattern": "(?=a)b"}):
        with pytest.raises(InputError, match="JSON schema"):
            engine.grammars.of_schema(schema)
    with pytest.raises(InputError, match="characters"):
        engine.grammars.of_schema({**ANY_OBJECT, "description": "x" * 70_000})


def test_a_text_longer_than_the_bundle_allows_is_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match="200 are allowed"):
        engine.answer("x" * 300)


def test_the_engine_knows_which_bundle_it_serves(engine: Engine, tiny: Any) -> None:
    assert engine.verified.digest == installed(tiny.home).verified.digest


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
