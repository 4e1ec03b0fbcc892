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

from quantize.file_pages import FilePages, watch_mapping
from quantize.huge_pages import in_huge_pages
from quantize.variants import LOGIT_OFFSETS, LOGIT_PLACES, MODEL_FILE, WEIGHTS_FILE

Integers = NDArray[np.int64]
Floats = NDArray[np.float32]
Cache = dict[str, Floats]  # input of the graph -> keys or values [rows, heads, capacity, size]
PAST, PRESENT = "past_key_values.", "present."
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")  # the first one comes with onnxruntime-gpu only
TABLE = 2**20  # bytes: of what stays mapped, the embedding is larger, and the scales that nobody reads are not
FEW = 8  # tokens, each of which lets the system map 64 KB of the embedding anew
PIECE = 64  # tokens of one sequence that are read at once: docs/experiments.md, 2026-11-24
WEIGHTS_PLACE = "session.model_external_initializers_file_folder_path"


class OnnxSession:
    """A loaded variant: `model.onnx` in a folder, as `quantize.export` writes it.

    With a `graph`, another one over the same folder's weights: see `quantize.measuring`.
    """

    def __init__(self, folder: Path, *, threads: int, graph: bytes | None = None) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        # a thread that spins while it waits takes a core from its own partner on a small or busy machine
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # errors; warnings name nodes of the graph and help nobody on the floor
        options.add_session_config_entry(WEIGHTS_PLACE, str(folder))
        model = graph or str(folder / MODEL_FILE)
        options.enable_mem_pattern = False  # a plan for one length of prompt: 16 MB, and no faster
        here = ort.get_available_providers()
        providers = [name for name in PROVIDERS if name in here]
        with in_huge_pages():
            self._runtime, mapped = watch_mapping(
                folder / WEIGHTS_FILE, lambda: ort.InferenceSession(model, options, providers=providers)
            )
        mapped.release()
        self._tables = mapped.at_least(TABLE)
        caches = {value.name: value.shape for value in self._runtime.get_inputs() if value.name.startswith(PAST)}
        self._cache_shapes: dict[str, tuple[int, int]] = {name: (shape[1], shape[3]) for name, shape in caches.items()}
        # folders that were exported before there was this input give the last token's logits only
        self.checks_drafts = LOGIT_OFFSETS in [value.name for value in self._runtime.get_overridable_initializers()]

    def start(self, sequences: Sequence[Sequence[int]], *, room: int = 0) -> "Batch":
        """Return a batch that has read nothing yet, with room for `room` more tokens a row."""
        lengths = np.array([len(sequence) for sequence in sequences], np.int64)
        ids = np.zeros((len(sequences), int(lengths.max())), np.int64)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence)] = sequence
        cache = self.new_cache(len(sequences), ids.shape[1] + room)
        return Batch(self._runtime, ids, lengths, cache, self._tables)

    def new_cache(self, rows: int, capacity: int) -> Cache:
        """Return an empty cache for so many rows of so many tokens; memory is taken where it is written."""
        return {
            name: np.zeros((rows, heads, capacity, size), np.float32)
            for name, (heads, size) in self._cache_shapes.items()
        }

    def over(self, cache: Cache) -> "Batch":
        """Return a batch over a cache that the caller keeps; its rows have read nothing."""
        rows = len(next(iter(cache.values())))
        empty = np.zeros((rows, 0), np.int64)
        return Batch(self._runtime, empty, np.zeros(rows, np.int64), cache, self._tables)


class Batch:
    """Rows that advance together; row i of every result belongs to row i of the sequences that are left.

    Logits are returned where the engine wrote them: they hold until the next step.
    """

    def __init__(
        self, runtime: ort.InferenceSession, ids: Integers, lengths: Integers, cache: Cache, tables: FilePages
    ) -> None:
        self._runtime = runtime
        self._tables = tables  # mapped by the runtime, and for as long as it is there
        self._selects = any(value.name == LOGIT_PLACES for value in runtime.get_inputs())
        self._vocabulary: int = runtime.get_outputs()[0].shape[-1]
        self._buffers: dict[int, Floats] = {}  # of logits: memory fresh from the system costs a twentieth of a step
        self._ids = ids
        self._lengths = lengths
        self._bind(cache)

    def read(self) -> Floats:
        """Read the sequences; return the logits [rows, vocabulary] behind their last tokens."""
        if len(self._ids) == 1 and self._ids.shape[1] > PIECE:
            return self._read_in_pieces()
        return self._run(self._ids, self._lengths - 1)

    def _read_in_pieces(self) -> Floats:
        """Read one sequence piece by piece: what is computed on the way takes less memory, and no more time."""
        self._lengths = np.zeros(1, np.int64)
        for start in range(0, self._ids.shape[1], PIECE):
            logits = self.extend(self._ids[:, start : start + PIECE])
        return logits

    def read_all(self, first: Sequence[int]) -> list[Floats]:
        """Read the sequences; return for each row the logits [tokens, vocabulary] from its position `first` on.

        Only a measuring session can: the graph that ships gives one row of logits a sequence.
        """
        columns = [np.arange(start, length) for start, length in zip(first, self._lengths, strict=True)]
        counts = [len(row) for row in columns]
        logits = self._run(self._ids, np.concatenate(columns), np.repeat(np.arange(len(columns)), counts))
        return np.split(logits, np.cumsum(counts)[:-1])

    def advance(self, tokens: Integers) -> Floats:
        """Append one token [rows] to every row; return the logits [rows, vocabulary] behind it."""
        return self.extend(tokens[:, None])

    def go_on_from(self, lengths: Integers) -> None:
        """Take it that the rows have read so many tokens: the caller has put others into the cache."""
        self._lengths = lengths

    def extend(self, tokens: Integers) -> Floats:
        """Append tokens [rows, count] to every row; return the logits [rows, vocabulary] behind the last ones."""
        rows, count = tokens.shape
        self._lengths = self._lengths + count
        return self._run(tokens, np.full(rows, count - 1))

    def extend_each(self, tokens: Integers) -> Floats:
        """Append tokens [count] to the only row; return the logits [count, vocabulary] behind each of them."""
        count = len(tokens)
        if count == 1:  # also a folder without the input can
            return self.advance(tokens)
        self._lengths = self._lengths + count
        self._want(np.arange(count - 1, -1, -1))
        logits = self._run(tokens[None], np.arange(count))
        self._want(np.zeros(1, np.int64))
        return logits

    def _want(self, offsets: Integers) -> None:
        """Bind what the binding's own short form refuses: an input that has a default."""
        self._binding.bind_ortvalue_input(LOGIT_OFFSETS, ort.OrtValue.ortvalue_from_numpy(offsets[:, None]))

    def keep(self, rows: Integers) -> None:
        """Go on with these rows only."""
        self._lengths = self._lengths[rows]
        self._bind({name: cache[rows] for name, cache in self._cache.items()})

    def _bind(self, cache: Cache) -> None:
        """Name the places of the cache once: doing so for every token takes a tenth of a small model's time."""
        self._cache = cache
        self._binding = self._runtime.io_binding()
        for name, keys in cache.items():
            place = ("cpu", 0, np.float32, keys.shape, keys.ctypes.data)
            self._binding.bind_input(name, *place)
            self._binding.bind_output(name.replace(PAST, PRESENT), *place)
        self._buffers.clear()
        self._logits: Floats = np.empty((0, self._vocabulary), np.float32)

    def _run(self, ids: Integers, columns: Integers, rows: Integers | None = None) -> Floats:
        mask = (np.arange(int(self._lengths.max())) < self._lengths[:, None]).astype(np.int64)
        self._binding.bind_cpu_input("input_ids", np.ascontiguousarray(ids))
        self._binding.bind_cpu_input("attention_mask", mask)
        if self._selects:
            places = np.stack([np.arange(len(ids)) if rows is None else rows, columns], axis=-1)
            self._binding.bind_cpu_input(LOGIT_PLACES, np.ascontiguousarray(places[:, None]))
        if len(self._logits) != len(columns):
            self._logits = self._buffer(len(columns))
            shape = (len(columns), 1, self._vocabulary)
            self._binding.bind_output("logits", "cpu", 0, np.float32, shape, self._logits.ctypes.data)
        self._runtime.run_with_iobinding(self._binding)
        if ids.shape[1] > FEW:  # a prompt has many different tokens, a step brings one or a few guesses
            self._tables.release()
        return self._logits

    def _buffer(self, count: int) -> Floats:
        if count not in self._buffers:
            self._buffers[count] = np.empty((count, self._vocabulary), np.float32)
        return self._buffers[count]
