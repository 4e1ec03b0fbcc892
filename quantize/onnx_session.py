"""One ONNX model at work on a batch of token sequences, with its key/value cache. No torch.

Sequences of different length are padded on the right. The attention operator takes the length of each row from the
sum of its mask and writes the row's next key right behind its last one: padding is overwritten and never attended to.
The cache is allocated once and bound as input and as output, so that nothing is copied from token to token.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from quantize.variants import MODEL_FILE

Integers = NDArray[np.int64]
Floats = NDArray[np.float32]
PAST, PRESENT = "past_key_values.", "present."


class OnnxSession:
    """A loaded variant: `model.onnx` in a folder, as `quantize.export` writes it."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        # a thread that spins while it waits takes a core from its own partner on a small or busy machine
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # errors; warnings name nodes of the graph and help nobody on the floor
        model = str(folder / MODEL_FILE)
        self._runtime = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        caches = {value.name: value.shape for value in self._runtime.get_inputs() if value.name.startswith(PAST)}
        self._cache_shapes: dict[str, tuple[int, int]] = {name: (shape[1], shape[3]) for name, shape in caches.items()}

    def start(self, sequences: Sequence[Sequence[int]], *, room: int = 0) -> "Batch":
        """Return a batch that has read nothing yet, with room for `room` more tokens a row."""
        lengths = np.array([len(sequence) for sequence in sequences], np.int64)
        ids = np.zeros((len(sequences), int(lengths.max())), np.int64)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence)] = sequence
        capacity = ids.shape[1] + room
        cache = {
            name: np.zeros((len(sequences), heads, capacity, size), np.float32)
            for name, (heads, size) in self._cache_shapes.items()
        }
        return Batch(self._runtime, ids, lengths, cache)


class Batch:
    """Rows that advance together; row i of every result belongs to row i of the sequences that are left."""

    def __init__(
        self, runtime: ort.InferenceSession, ids: Integers, lengths: Integers, cache: dict[str, Floats]
    ) -> None:
        self._runtime = runtime
        self._ids = ids
        self._lengths = lengths
        self._cache = cache

    def read(self) -> Floats:
        """Read the sequences; return the logits [rows, vocabulary] behind their last tokens."""
        rows, width = self._ids.shape
        return self._run(self._ids, np.arange(rows) * width + self._lengths - 1)

    def read_all(self, first: Sequence[int]) -> list[Floats]:
        """Read the sequences; return for each row the logits [tokens, vocabulary] from its position `first` on."""
        width = self._ids.shape[1]
        places = [
            np.arange(start, length) + row * width
            for row, (start, length) in enumerate(zip(first, self._lengths, strict=True))
        ]
        logits = self._run(self._ids, np.concatenate(places))
        return np.split(logits, np.cumsum([len(place) for place in places])[:-1])

    def advance(self, tokens: Integers) -> Floats:
        """Append one token [rows] to every row; return the logits [rows, vocabulary] behind it."""
        self._lengths = self._lengths + 1
        return self._run(tokens[:, None], np.arange(len(tokens)))

    def keep(self, rows: Integers) -> None:
        """Go on with these rows only."""
        self._lengths = self._lengths[rows]
        self._cache = {name: cache[rows] for name, cache in self._cache.items()}

    def _run(self, ids: Integers, positions: Integers) -> Floats:
        mask = (np.arange(int(self._lengths.max())) < self._lengths[:, None]).astype(np.int64)
        binding = self._runtime.io_binding()
        binding.bind_cpu_input("input_ids", np.ascontiguousarray(ids))
        binding.bind_cpu_input("attention_mask", mask)
        binding.bind_cpu_input("logit_positions", positions)
        for name, cache in self._cache.items():
            place = ("cpu", 0, np.float32, cache.shape, cache.ctypes.data)
            binding.bind_input(name, *place)
            binding.bind_output(name.replace(PAST, PRESENT), *place)
        binding.bind_output("logits")
        self._runtime.run_with_iobinding(binding)
        logits: Floats = binding.get_outputs()[-1].numpy()
        return logits
