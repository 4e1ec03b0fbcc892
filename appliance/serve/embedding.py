"""Sentences as vectors of 384 numbers: all-MiniLM-L6-v2 in ONNX, 8 bits, from the bundle.

Reimers & Gurevych 2019: the mean of the last layer over the real tokens, scaled to length 1. The model knows English;
Japanese is split into single characters and compared only roughly.
Texts are read one by one: the 8-bit scales are found over all that is read at once, so that in a batch a text's vector
would depend on its neighbours.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from appliance.core.errors import InputError, IntegrityError

MODEL, TOKENIZER = "embedding/model.onnx", "embedding/tokenizer.json"
NAME = "all-minilm-l6-v2"
WIDTH = 384
LONGEST = 256  # tokens, as it was trained


def has_embedder(files: Sequence[str]) -> bool:
    """Say whether a bundle with these files brings the model."""
    return MODEL in files and TOKENIZER in files


class Embedder:
    """The loaded model; may be called from several threads."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # noqa: BLE001 the library raises bare Exception for every fault of the file
            raise IntegrityError(f"{TOKENIZER} cannot be read: {type(error).__name__}") from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def embed(
        self, texts: Sequence[str], is_over: Callable[[], bool] = lambda: False
    ) -> tuple[NDArray[np.float32], int]:
        """Return vectors [texts, 384] of length 1, and how many tokens were read; fewer where it `is_over` before.

        Raises:
            InputError: a text is longer than 256 tokens; names its number.
        """
        encoded = [self._tokenizer.encode(text) for text in texts]
        for number, text in enumerate(encoded):
            if len(text) > LONGEST:
                raise InputError(f"text {number} has {len(text)} tokens, {LONGEST} are allowed", hint="shorten it")
        vectors = [self._vector(text) for text in encoded if not is_over()]
        return np.array(vectors, np.float32).reshape(-1, WIDTH), sum(map(len, encoded))

    def embed_beginning(self, text: str) -> NDArray[np.float32]:
        """Return the vector [384] of the first 256 tokens of a text."""
        encoded = self._tokenizer.encode(text)
        encoded.truncate(LONGEST)
        return self._vector(encoded)

    def _vector(self, text: Encoding) -> NDArray[np.float32]:
        values = {"input_ids": text.ids, "attention_mask": text.attention_mask, "token_type_ids": text.type_ids}
        feed = {name: np.array([numbers], np.int64) for name, numbers in values.items()}
        mean = self._session.run(None, feed)[0][0].mean(axis=0)
        unit: NDArray[np.float32] = (mean / np.linalg.norm(mean)).astype(np.float32)
        return unit


def load_embedder(folder: Path) -> Embedder:
    """Load the model of a verified bundle.

    Raises:
        IntegrityError: its tokenizer cannot be read.
    """
    return Embedder(folder / MODEL, folder / TOKENIZER)
