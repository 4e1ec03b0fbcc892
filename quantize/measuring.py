"""The session that measures likelihoods: the shipped weights under a graph that gives the logits of any token."""

from pathlib import Path

import onnx

from quantize.graph import select_tokens
from quantize.onnx_session import OnnxSession
from quantize.variants import MODEL_FILE


def measuring_session(folder: Path, *, threads: int) -> OnnxSession:
    """Load a variant so that `Batch.read_all` works; the change is made in memory, the folder is left as it is."""
    model = onnx.load(str(folder / MODEL_FILE), load_external_data=False)
    select_tokens(model)
    return OnnxSession(folder, threads=threads, graph=model.SerializeToString())
