"""The tiny model, exported, bundled, signed and installed."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.release.building import build
from appliance.release.installing import install
from appliance.release.manifest import BaseModelFacts, BundleFacts, Generation, Prompt
from appliance.release.signing import generate_key, load_private_key
from quantize.export import export_float, export_quantized
from quantize.variants import NF4, Scheme, Variant

PROMPT = Prompt(prefix="<|im_start|>user\n", suffix="<|im_end|>\n<|im_start|>assistant\n", stop_ids=(2,))


@dataclass(frozen=True, slots=True)
class Tiny:
    """Where the parts of the tiny model are."""

    model: Path
    variants: dict[str, Variant]
    home: Path


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    root = tmp_path_factory.mktemp("served")
    (root / "bundle").mkdir()
    variant = export_float(tiny_folder, root / "float")
    small = export_quantized(variant, root / "int4", Scheme(bits=4), (NF4,))
    keys = generate_key(root / "keys")
    facts = BundleFacts(
        name="tiny",
        version="1",
        variant="int4",
        licence="Apache-2.0",
        base_model=BaseModelFacts(name="tiny", sha256="ab" * 32, licence="Apache-2.0"),
        prompt=PROMPT,
        generation=Generation(max_new_tokens=8, max_prompt_tokens=200),
    )
    parts = {file.name: file for file in small.folder.iterdir()}
    build(root / "bundle", parts, facts, load_private_key(keys.private))
    install(root / "bundle", keys.public, root / "home")
    return Tiny(tiny_folder, {"float": variant, "int4": small}, root / "home")
