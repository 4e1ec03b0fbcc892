"""The tiny model, exported once and quantised."""

from pathlib import Path

import pytest
from transformers import LlamaForCausalLM

from quantize.export import export_float, export_quantized
from quantize.variants import NF4, Scheme, Variant


@pytest.fixture(scope="session")
def float_variant(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Variant:
    return export_float(tiny_folder, tmp_path_factory.mktemp("variants") / "float")


@pytest.fixture(scope="session")
def int8_variant(float_variant: Variant) -> Variant:
    return export_quantized(float_variant, float_variant.folder.parent / "int8", Scheme(bits=8), (NF4,))


@pytest.fixture(scope="session")
def int4_variant(float_variant: Variant) -> Variant:
    return export_quantized(float_variant, float_variant.folder.parent / "int4", Scheme(bits=4), (NF4,))


@pytest.fixture(scope="session")
def torch_model(tiny_folder: Path) -> LlamaForCausalLM:
    return LlamaForCausalLM.from_pretrained(tiny_folder, trust_remote_code=False).eval()
