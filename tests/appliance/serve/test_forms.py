"""A task's answers keep the form that the signed manifest tells, unless a request asks for another one."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from appliance.core.errors import InputError
from appliance.release.building import build
from appliance.release.installing import install
from appliance.release.manifest import AnswerField, BaseModelFacts, BundleFacts, Generation, Prompt, TaskFacts
from appliance.release.signing import PRIVATE_KEY_FILE, load_private_key
from appliance.serve.batch import run_batch
from appliance.serve.engine import Engine, load
from appliance.serve.forms import schema_of
from appliance.serve.grammar import Grammars, Matcher
from quantize.decoding import Sampling

LABELS = TaskFacts(kind="label", labels=("pump", "pump seal", 'the "big" one\\', "油漏れ", "異音"))
FIELDS = TaskFacts(
    kind="json",
    fields=(
        AnswerField(name="urgent", types=("boolean", "null"), is_required=True),
        AnswerField(name="止まった", types=("boolean",), is_required=False),
    ),
)
TEXTS = ["冷却水ポンプの異音", "PH639 RECTIFY", "a", "電話 内線 1234 へ連絡"]


@pytest.fixture(scope="module")
def grammars(tiny: Any) -> Grammars:
    return load(tiny.home).grammars


def takes(matcher: Matcher, grammars: Grammars, text: str) -> bool:
    """Say whether a grammar lets a text be the whole answer, token by token."""
    for token in grammars._tokenizer.tokenize_str(text):
        if not matcher.allowed()[token]:
            return False
        matcher.take(token)
    return matcher.is_complete or bool(matcher.allowed()[2])  # the end


@pytest.mark.parametrize("label", LABELS.labels)
def test_every_label_is_an_answer_whatever_letters_it_has(grammars: Grammars, label: str) -> None:
    assert takes(grammars.of_task(LABELS), grammars, label)


@pytest.mark.parametrize("other", ["seal", "pump sea", "pump  seal", "Pump", ""])
def test_nothing_else_is(grammars: Grammars, other: str) -> None:
    assert not takes(grammars.of_task(LABELS), grammars, other)


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
def test_an_object_is_written_with_the_spaces_of_training(grammars: Grammars, separators: Any) -> None:
    task = FIELDS.model_copy(update={"separators": separators})
    written, other = (
        json.dumps({"urgent": None, "止まった": True}, ensure_ascii=False, separators=each)
        for each in (separators, (" , ", " : "))
    )
    assert takes(grammars.of_task(task), grammars, written)
    assert not takes(grammars.of_task(task), grammars, other)
    assert not takes(grammars.of_task(task), grammars, '{"止まった"' + separators[1] + "true}")
    jsonschema.validate(json.loads(written), schema_of(task))


def test_a_task_without_a_form_is_held_to_none(grammars: Grammars) -> None:
    assert grammars.of_task(None) is None
    assert grammars.of_task(TaskFacts(kind="label")) is None
    assert grammars.of_task(TaskFacts(kind="line")) is None


def test_a_form_that_cannot_be_enforced_is_refused(grammars: Grammars) -> None:
    with pytest.raises(InputError, match="cannot be enforced") as refused:
        grammars.of_task(TaskFacts.model_construct(kind="label", labels=("half of a pair: \ud83d",)))
    assert "constrained = false" in refused.value.hint


@dataclass(frozen=True)
class Installed:
    """A home in which a bundle of a task of one kind is installed."""

    task: TaskFacts
    home: Path
    engine: Engine

    def is_kept(self, answer: str) -> bool:
        if self.task.labels:
            return answer in self.task.labels
        try:
            jsonschema.validate(json.loads(answer), schema_of(self.task))
        except (ValueError, jsonschema.ValidationError):
            return False
        return True


@pytest.fixture(scope="module", params=[LABELS, FIELDS], ids=["label", "json"])
def installed_task(request: Any, tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The tiny model, which has learnt nothing, signed as one for this task."""
    root, task = tmp_path_factory.mktemp("task"), request.param
    (root / "bundle").mkdir()
    facts = BundleFacts(
        name="tiny",
        version=f"{task.kind}-1",
        variant="int4",
        licence="Apache-2.0",
        base_model=BaseModelFacts(name="tiny", sha256="ab" * 32, licence="Apache-2.0"),
        prompt=Prompt(prefix="<|im_start|>user\n", suffix="<|im_end|>\n<|im_start|>assistant\n", stop_ids=(2,)),
        generation=Generation(max_new_tokens=64, max_prompt_tokens=200),
        task=task,
    )
    parts = {file.name: file for file in tiny.variants["int4"].folder.iterdir()}
    build(root / "bundle", parts, facts, load_private_key(tiny.key.with_name(PRIVATE_KEY_FILE)))
    install(root / "bundle", tiny.key, root / "home")
    return Installed(task, root / "home", load(root / "home", seats=3))


def test_what_is_generated_keeps_the_form_most_likely_drawn_and_in_batches(installed_task, tmp_path) -> None:
    engine = installed_task.engine
    assert all(installed_task.is_kept(engine.answer(text).text) for text in TEXTS)
    drawn = {engine.answer(TEXTS[0], sampling=Sampling(5.0, seed=seed)).text for seed in range(20)}
    assert len(drawn) > 2
    assert all(map(installed_task.is_kept, drawn))
    lines = "".join(json.dumps({"text": text}) + "\n" for text in TEXTS)
    (tmp_path / "in.jsonl").write_text(lines, encoding="utf-8")
    list(run_batch(engine, tmp_path / "in.jsonl", tmp_path / "out.jsonl"))
    answers = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(answers) == len(TEXTS)
    assert all(installed_task.is_kept(answer["text"]) for answer in answers)


def test_a_chat_keeps_the_form_and_a_request_may_ask_for_another(installed_task, serve) -> None:
    with serve(installed_task.home) as server:

        def said(**more: Any) -> str:
            body = {"messages": [{"role": "user", "content": TEXTS[0]}], "seed": 3, "temperature": 2, **more}
            status, answer = server.ask("/v1/chat/completions", body)
            assert status == 200, answer
            return answer["choices"][0]["message"]["content"]

        assert all(installed_task.is_kept(said(seed=seed)) for seed in range(5))
        assert not installed_task.is_kept(said(response_format={"type": "text"}))
        schema = {
            "type": "object",
            "properties": {"x": {"type": "null"}},
            "required": ["x"],
            "additionalProperties": False,
        }
        asked = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        assert json.loads(said(response_format=asked)) == {"x": None}
        status, completed = server.ask("/v1/completions", {"prompt": TEXTS[0], "temperature": 2, "seed": 3})
        assert status == 200
        assert not installed_task.is_kept(completed["choices"][0]["text"])  # a text that goes on is no answer
        told = server.ask("/v1/models")[1]["data"][0]
        assert TaskFacts.model_validate(told["task"]) == installed_task.task
        assert server.ask("/card")[1]["task"]["kind"] == installed_task.task.kind
