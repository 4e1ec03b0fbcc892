"""Whether a base model can leave the studio: its first layer is exported and must give the same logits.

One layer of each kind answers the question in seconds: what an exporter does not know, it does not know in any layer.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from appliance.base_model.chat import prompt_tokens
from appliance.base_model.checks import Check, failed, passed
from appliance.base_model.loading import load_float, load_tokenizer
from appliance.base_model.measuring import PROBE
from quantize.errors import ModelUnsupported
from quantize.export import export_float
from quantize.measuring import measuring_session

NAME = "portability.onnxruntime"
TOLERANCE = 1e-3  # of a logit; float32 sums in another order stay below


def probe(folder: Path) -> Check:
    """Export the first layer of a canonical model and compare its logits in onnxruntime with those of torch."""
    tokens = prompt_tokens(load_tokenizer(folder), *PROBE)
    with tempfile.TemporaryDirectory(prefix="probe-") as scratch:
        small, out = Path(scratch) / "model", Path(scratch) / "onnx"
        model = _first_layer(folder, small)
        try:
            export_float(small, out)
            (found,) = measuring_session(out, threads=1).start([tokens]).read_all([0])
        except (ModelUnsupported, ValueError, RuntimeError, KeyError) as error:
            reason = error.args[0] if isinstance(error, ModelUnsupported) else type(error).__name__
            return failed(NAME, f"its first layer cannot be exported: {reason}", "take a Llama-shaped model")
    with torch.no_grad():
        expected = model(input_ids=torch.tensor([tokens]), use_cache=False).logits[0].numpy()
    worst = float(np.abs(found - expected).max())
    if worst > TOLERANCE * max(1.0, float(np.abs(expected).max())):
        return failed(NAME, f"exported, its first layer's logits differ by {worst:.2g}", "take another model")
    return passed(NAME, "exported, its first layer gives the same logits")


def _first_layer(folder: Path, target: Path) -> Any:
    """Write the model without its other layers, with its tokenizer; return it."""
    model = load_float(folder)
    decoder = getattr(model, model.base_model_prefix)
    decoder.layers = decoder.layers[:1]
    model.config.num_hidden_layers = 1
    if getattr(model.config, "layer_types", None):
        model.config.layer_types = model.config.layer_types[:1]
    model.save_pretrained(target)
    for file in folder.iterdir():
        if file.name not in ("config.json", "model.safetensors", "generation_config.json"):
            shutil.copyfile(file, target / file.name)
    return model.eval()
