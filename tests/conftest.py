"""What all tests share: no hub is ever asked, and a tiny model with real parts."""

import gc
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from appliance.core.languages import OWN_VARIABLE

os.environ["HF_HUB_OFFLINE"] = "1"  # before any test imports a library that reads it
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # tests run beside each other: threads that wait must not spin

# a property that is timed fails on a busy machine
settings.register_profile("whole", deadline=None)
settings.register_profile("fast", deadline=None, max_examples=25)


def pytest_configure(config: pytest.Config) -> None:
    """Try each property on fewer examples where the slow tests are left out; `--hypothesis-profile` overrules it."""
    settings.load_profile("fast" if "not slow" in config.getoption("markexpr") else "whole")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while everything is imported, and none of that later: it stays until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHAT_TEMPLATE = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def write_tiny_model(folder: Path, template: str | None = CHAT_TEMPLATE, *, tied: bool = True, layers: int = 2) -> Path:
    """Save a random Llama with few layers and a byte vocabulary: made in a moment, real in every other way."""
    import torch  # noqa: PLC0415 seconds that most tests need not pay
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers  # noqa: PLC0415
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: PLC0415

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*SPECIAL, *alphabet])}
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        unk_token="<|endoftext|>",
    )
    tokenizer.chat_template = template
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        max_position_embeddings=512,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
        tie_word_embeddings=tied,
        initializer_range=0.1,
    )
    LlamaForCausalLM(config).to(torch.float32).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def make_tiny():
    """The function that saves a tiny model in a folder."""
    return write_tiny_model


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model."""
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


REVIEW_SETTINGS = {
    "run": {"name": "orders"},
    "ingest": {
        "file": "orders.csv",
        "columns": {
            "text": {"role": "text"},
            "answer": {"role": "text"},
            "who": {"role": "identifier", "kind": "PERSON"},
        },
    },
    "prepare": {"input": "text", "output": "answer"},
}
REVIEW_DOCUMENTS = [
    ("WO-1", {"text": "3月2日、担当の田中太郎が①号機の軸受け温度85℃を確認。\n連絡先 03-1234-5678、社員番号 A-10293。",
              "answer": "軸受け交換", "who": "田中太郎"},
     [("text", "田中太郎", "PERSON", 0.85, "ner-ja"), ("text", "田中太郎", "PERSON", 0.9, "known-value"),
      ("text", "03-1234-5678", "PHONE_NUMBER", 0.92, "pattern"), ("who", "田中太郎", "PERSON", 1.0, "column")]),
    ("WO-2", {"text": "Mr Fairweather called about P-922", "answer": "call back", "who": ""},
     [("text", "Fairweather", "PERSON", 0.7, "title")]),
    ("WO-3", {"text": "田中太郎 replaced the Fairweather valve", "answer": "replaced", "who": "田中太郎"},
     [("text", "田中太郎", "PERSON", 0.8, "ner-ja"), ("text", "Fairweather", "PERSON", 0.6, "known-value"),
      ("who", "田中太郎", "PERSON", 1.0, "column")]),
]  # fmt: skip


@pytest.fixture
def make_review():
    """Return a function that seals records and findings as a worker does, and leaves the run waiting for a person."""
    from appliance.core.events import EventLog  # noqa: PLC0415
    from appliance.core.settings import parse_settings  # noqa: PLC0415
    from appliance.core.store import Recipe, Store  # noqa: PLC0415

    def make(workspace, documents=REVIEW_DOCUMENTS, **review):
        raw = {**REVIEW_SETTINGS, "review": review}
        settings = parse_settings(raw, where="test", folder=workspace.root)
        run = workspace.run("orders-12345678")
        run.folder.mkdir(parents=True)
        run.settings.write_text(settings.frozen(), encoding="utf-8")
        store, log = Store(workspace.root), EventLog(run.events)
        log.append("run_started", name="orders", steps=["intake", "ingest", "detect", "review", "anonymize"])
        lines = {"ingest": ("records.jsonl", [{"id": i, "place": "", "columns": c} for i, c, _ in documents])}
        lines["detect"] = ("findings.jsonl", [{"id": i, "findings": _found(i, c, f)} for i, c, f in documents])
        for step, (name, values) in lines.items():
            recipe = Recipe(step, "raw", {}, {"run": len(documents)}, {}, "code")
            draft = store.draft(recipe)
            draft.write_lines(name, values)
            draft.write_json("columns.json", REVIEW_SETTINGS["ingest"]["columns"])
            digest = store.seal(recipe, draft, {}).digest
            log.append("step_started", step=step)
            log.append("step_finished", step=step, reused=False, seconds=0.5, digest=digest, facts={})
        log.append("waiting", message=f"{len(documents)} documents wait", hint="review them")
        log.close()
        return run

    return make


def _found(record_id, columns, findings):
    placed = []
    for column, value, kind, score, recognizer in findings:
        start = columns[column].index(value)
        place = {"record_id": record_id, "column": column, "start": start, "end": start + len(value)}
        placed.append({**place, "kind": kind, "score": score, "recognizer": recognizer, "is_certain": True})
    return placed


COMPARED_PAIRS = [
    {"pair": "p0", "prompt": "REPL PMP", "A": "replace pump", "B": "repl pmp"},
    {"pair": "p1", "prompt": "ポンプ交換", "A": "ポンプ", "B": "ポンプを交換"},
    {"pair": "p2", "prompt": "C/O HOSE", "A": "x", "B": "change out hose\x1b[31m"},
]
COMPARED_KEY = {"p0": "A", "p1": "B", "p2": "B"}  # which letter is the adapted model


@pytest.fixture
def make_compared():
    """Return a function that seals the pairs of a blind comparison, as a worker does, in a run with facts of steps."""
    from appliance.core.events import EventLog  # noqa: PLC0415
    from appliance.core.settings import parse_settings  # noqa: PLC0415
    from appliance.core.store import Recipe, Store  # noqa: PLC0415

    def make(workspace, facts=(), name="small", **sections):
        raw = {**REVIEW_SETTINGS, "run": {"name": name}, **sections}
        run = workspace.run(f"{name}-12345678")
        run.folder.mkdir(parents=True)
        run.settings.write_text(parse_settings(raw, where="test", folder=workspace.root).frozen(), encoding="utf-8")
        store, log = Store(workspace.root), EventLog(run.events)
        recipe = Recipe("compare", "clean", {}, {"run": name}, {}, "code")
        draft = store.draft(recipe)
        draft.write_lines("pairs.jsonl", COMPARED_PAIRS)
        draft.write_json("key.json", COMPARED_KEY)
        draft.write_json("comparison.json", {"against": "dictionary"})
        told = {**dict(facts), "compare": {"against": "dictionary", "pairs": 3}}
        digest = store.seal(recipe, draft, {}).digest
        log.append("run_started", name=name, steps=list(told))
        for step, found in told.items():
            log.append("step_started", step=step)
            sealed = digest if step == "compare" else "ab" * 32
            log.append("step_finished", step=step, reused=False, seconds=0.1, digest=sealed, facts=found)
        log.append("run_finished", seconds=1.0)
        log.close()
        return run

    return make


@pytest.fixture(autouse=True)
def own_language() -> Generator[None, None, None]:
    """Take back what a `--lang` in a test has set for the process."""
    before = os.environ.get(OWN_VARIABLE)
    yield
    if before is None:
        os.environ.pop(OWN_VARIABLE, None)
    else:
        os.environ[OWN_VARIABLE] = before
