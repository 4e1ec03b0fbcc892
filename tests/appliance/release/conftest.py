"""A small bundle: not a model, but files as a model has them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.release.building import build
from appliance.release.manifest import BaseModelFacts, BundleFacts, Prompt
from appliance.release.signing import KeyPair, generate_key, load_private_key


@pytest.fixture
def keys(tmp_path: Path) -> KeyPair:
    return generate_key(tmp_path / "keys")


@pytest.fixture
def facts() -> BundleFacts:
    return BundleFacts(
        name="work-orders",
        version="1",
        variant="int4",
        licence="Apache-2.0",
        base_model=BaseModelFacts(name="tiny", sha256="ab" * 32, licence="Apache-2.0"),
        prompt=Prompt(prefix="作業を標準化してください: ", suffix="\n", stop_ids=(2,)),
    )


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Path]:
    source = tmp_path / "source"
    source.mkdir()
    contents = {"model.onnx": b"graph", "model.onnx.data": bytes(range(200)), "report.txt": "精度の報告\n".encode()}
    for name, content in contents.items():
        (source / name).write_bytes(content)
    return {
        "model.onnx": source / "model.onnx",
        "model.onnx.data": source / "model.onnx.data",
        "evidence/報告書.txt": source / "report.txt",
    }


@pytest.fixture
def make_bundle(tmp_path: Path, keys: KeyPair, facts: BundleFacts, parts: dict[str, Path]) -> Callable[[str], Path]:
    def make(version: str) -> Path:
        folder = tmp_path / f"bundle-{version}"
        folder.mkdir()
        build(folder, parts, facts.model_copy(update={"version": version}), load_private_key(keys.private))
        return folder

    return make


@pytest.fixture
def bundle(make_bundle: Callable[[str], Path]) -> Path:
    return make_bundle("1")
