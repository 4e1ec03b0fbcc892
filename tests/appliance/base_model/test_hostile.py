"""Hostile and broken model folders are refused and never run; sound ones of many forms are accepted."""

import json
import os
import pickle
import shutil
import struct
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from appliance.base_model.intake import receive
from appliance.core.sections import IntakeSettings, WaiverSettings

WAIVERS = tuple(
    WaiverSettings(check=name, by="tests", reason="made here") for name in ("provenance.origin", "licence.text")
)


class Payload:
    """Touches the canary when something unpickles it."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self):
        return os.system, (f"touch {self.canary}",)


def edited(folder: Path, name: str, **changes: object) -> None:
    content = json.loads((folder / name).read_text(encoding="utf-8"))
    (folder / name).write_text(json.dumps({**content, **changes}), encoding="utf-8")


def tensors(folder: Path, header: dict[str, object], data: bytes = b"") -> None:
    head = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + data)


def zipped_pickle(folder: Path, name: str, canary: Path) -> None:
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Payload(canary)))


def code(folder: Path, canary: Path) -> str:
    return f"import pathlib; pathlib.Path({str(canary)!r}).touch()\n"


F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
HOSTILE = {
    "pickle as .bin": lambda f, c: (f / "pytorch_model.bin").write_bytes(pickle.dumps(Payload(c))),
    "pickle as .pt": lambda f, c: (f / "weights.pt").write_bytes(pickle.dumps(Payload(c))),
    "pickle as .ckpt": lambda f, c: (f / "last.ckpt").write_bytes(pickle.dumps(Payload(c))),
    "pickle as .joblib": lambda f, c: (f / "scaler.joblib").write_bytes(pickle.dumps(Payload(c))),
    "pickle as .npy": lambda f, c: (f / "words.npy").write_bytes(pickle.dumps(Payload(c))),
    "pickle as .json": lambda f, c: (f / "extra.json").write_bytes(pickle.dumps(Payload(c))),
    "pickle as .txt": lambda f, c: (f / "notes.txt").write_bytes(pickle.dumps(Payload(c))),
    "pickle as .safetensors": lambda f, c: (f / "model.safetensors").write_bytes(pickle.dumps(Payload(c))),
    "pickle in a zip named .txt": lambda f, c: zipped_pickle(f, "notes.txt", c),
    "pickle in a zip named .pth": lambda f, c: zipped_pickle(f, "model.pth", c),
    "Python module": lambda f, c: (f / "modeling_llama.py").write_text(code(f, c)),
    "Python module in a folder": lambda f, c: (f / "sub").mkdir() or (f / "sub" / "x.py").write_text(code(f, c)),
    "compiled Python": lambda f, c: (f / "modeling_llama.pyc").write_bytes(b"\x00" * 16),
    "shared library": lambda f, c: (f / "kernel.so").write_bytes(b"\x7fELF" + bytes(60)),
    "shell script": lambda f, c: (f / "setup.sh").write_text(f"touch {c}\n"),
    "auto_map in config": lambda f, c: edited(f, "config.json", auto_map={"AutoModelForCausalLM": "modeling.X"}),
    "auto_map in tokenizer": lambda f, c: edited(f, "tokenizer_config.json", auto_map={"AutoTokenizer": ["t.T", None]}),
    "nested auto_map": lambda f, c: edited(f, "config.json", text_config={"auto_map": {"AutoModel": "a.B"}}),
    "symbolic link": lambda f, c: (f / "passwd.txt").symlink_to("/etc/passwd"),
    "dangling link": lambda f, c: (f / "none.json").symlink_to("nowhere"),
    "hard link": lambda f, c: (f / "twin.json").hardlink_to(f / "config.json"),
    "fifo": lambda f, c: os.mkfifo(f / "pipe.json"),
    "names that differ in case": lambda f, c: (f / "CONFIG.json").write_text("{}"),
    "tensor beyond the file": lambda f, c: tensors(f, {"w": {**F32, "data_offsets": [0, 1 << 40]}}, bytes(8)),
    "tensor of a huge shape": lambda f, c: tensors(f, {"w": {**F32, "shape": [1 << 40, 1 << 20]}}, bytes(8)),
    "tensors that overlap": lambda f, c: tensors(f, {"a": F32, "b": F32}, bytes(8)),
    "header longer than the file": lambda f, c: (f / "model.safetensors").write_bytes(struct.pack("<Q", 1 << 62)),
    "header that is no JSON": lambda f, c: (f / "model.safetensors").write_bytes(struct.pack("<Q", 4) + b"oops"),
    "weights cut short": lambda f, c: os.truncate(f / "model.safetensors", 4096),
    "config that is no JSON": lambda f, c: (f / "config.json").write_text("{"),
    "JSON nested without end": lambda f, c: (f / "extra.json").write_text("[" * 200_000),
    "binary text": lambda f, c: (f / "README.md").write_bytes(b"a\0b"),
    "GGUF that declares absurd counts": lambda f, c: (f / "m.gguf").write_bytes(
        b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60)
    ),
    "ONNX of an unknown kind": lambda f, c: (f / "model.onnx").write_bytes(b"\x08\x07garbage"),
    "template that fills the memory": lambda f, c: (f / "chat_template.jinja").write_text("{{ 'a' * 10**9 }}"),
    "template that reaches for Python": lambda f, c: (f / "chat_template.jinja").write_text(
        "{{ ().__class__.__base__.__subclasses__() }}"
    ),
    "no weights": lambda f, c: (f / "model.safetensors").unlink(),
    "no tokenizer": lambda f, c: [file.unlink() for file in f.glob("tokenizer*")],
}


@pytest.fixture(scope="module")
def tally():
    """What became of the folders of this file."""
    return Counter()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_broken_folder_is_refused_and_nothing_of_it_runs(tiny_folder, tmp_path, tally, name):
    folder, canary, out = tmp_path / "model", tmp_path / "canary", tmp_path / "out"
    shutil.copytree(tiny_folder, folder)
    out.mkdir()
    HOSTILE[name](folder, canary)
    outcome = receive(IntakeSettings(path=str(folder), waivers=WAIVERS), out, lambda doing: None)
    tally["executed"] += canary.exists()
    assert outcome.refused is not None
    assert not canary.exists()
    tally["refused"] += 1


def test_what_the_payloads_do_is_seen_where_somebody_opens_them(tmp_path):
    """The control: a canary that cannot be touched would show nothing."""
    pickle.loads(pickle.dumps(Payload(tmp_path / "pickle")))
    exec(code(tmp_path, tmp_path / "module"))
    assert {file.name for file in tmp_path.iterdir()} == {"pickle", "module"}


def saved_as(folder: Path, dtype: str, shard: str = "1GB") -> None:
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=getattr(torch, dtype))
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size=shard)


CLEAN = {
    "as saved": lambda f: None,
    "float16": lambda f: saved_as(f, "float16"),
    "bfloat16": lambda f: saved_as(f, "bfloat16"),
    "in several parts": lambda f: saved_as(f, "float32", "100KB"),
    "with a README in Japanese": lambda f: (f / "README.md").write_text(
        "---\nlanguage: ja\n---\n# 小型", encoding="utf-8"
    ),
    "with its recipe and lock": lambda f: [(f / n).write_text("seed: 1") for n in ("recipe.yaml", "requirements.txt")],
    "with the template in the tokenizer's file": lambda f: (
        edited(f, "tokenizer_config.json", chat_template=(f / "chat_template.jinja").read_text())
        or (f / "chat_template.jinja").unlink()
    ),
    "with a word auto_map in the vocabulary": lambda f: (f / "added_tokens.json").write_text('{"auto_map": 300}'),
    "with a .gitattributes": lambda f: (f / ".gitattributes").write_text("*.safetensors filter=lfs"),
}


@pytest.mark.parametrize("name", CLEAN)
def test_a_sound_folder_is_accepted(tiny_folder, tmp_path, tally, name):
    folder, out = tmp_path / "model", tmp_path / "out"
    shutil.copytree(tiny_folder, folder)
    out.mkdir()
    CLEAN[name](folder)
    outcome = receive(IntakeSettings(path=str(folder), waivers=WAIVERS), out, lambda doing: None)
    assert outcome.refused is None
    assert outcome.report["measured"]["vocabulary"] == 259
    tally["accepted"] += 1


def test_enough_folders_are_refused_and_accepted_and_none_was_executed(tally):
    """The cases above do the work; here they are counted: -rP shows it."""
    print(
        f"{tally['refused']} hostile folders refused, {tally['executed']} executed, {tally['accepted']} sound accepted"
    )
    assert tally["executed"] == 0
    assert (len(HOSTILE) >= 25, len(CLEAN) >= 8) == (True, True)
    assert tally["refused"] in (0, len(HOSTILE))  # 0: this test was called alone
    assert tally["accepted"] in (0, len(CLEAN))
