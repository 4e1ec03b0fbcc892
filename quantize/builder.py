"""The one file that knows onnxruntime-genai's model builder: a model folder becomes a float ONNX graph.

The builder prints, shows progress bars, reads the hub's token and imports torch; here it does none of the first three,
and it is imported only while it works.
"""

import contextlib
import importlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

from quantize.errors import ModelUnsupported

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
# hf_token=false: never read a token; hf_remote=false: trust_remote_code is passed as False
OPTIONS = ["hf_token=false", "hf_remote=false"]


def build_graph(model_folder: Path, out: Path) -> int:
    """Write `model.onnx` and `model.onnx.data` in 32-bit floats into `out`; return the size of an attention head.

    Raises:
        ModelUnsupported: the builder does not know the architecture.
    """
    said = io.StringIO()
    with _offline(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        builder = importlib.import_module("onnxruntime_genai.models.builder")
        source, target, cache = str(model_folder), str(out), str(out / "cache")
        options = builder.parse_extra_options("", source, target, "fp32", "cpu", cache, OPTIONS)
        try:
            builder.create_model("", source, target, "fp32", "cpu", cache, **options)
        except NotImplementedError as error:
            raise ModelUnsupported(f"the architecture of this model cannot be exported: {error}") from error
    config = json.loads((out / "genai_config.json").read_text(encoding="utf-8"))
    return int(config["model"]["decoder"]["head_size"])


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in OFFLINE}
    os.environ.update(OFFLINE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
