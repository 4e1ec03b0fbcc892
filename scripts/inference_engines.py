"""The engines that bench_inference.py measures, each in a process of its own, all over the same weights and tokens.

An engine is started once and answers lines of JSON, so that rounds can go in turns and its peak memory is its own:

    with started("ours", folder, threads=1) as engine:
        engine.ask("speed", prompt=[...], new=32)  # {"read": CPU seconds, "first": wall seconds, "write": CPU seconds}
        engine.ask("answers", prompts=[[...]], new=24, stop=2)  # greedy
        engine.ask("nats", pieces=[[...]])  # {"nats": sum, "tokens": n}
        engine.ask("copied", prompts=[...], respelt=[...], known=[...], drafts="ours", new=40, stop=2)  # copied_answers
        engine.ask("peak")  # bytes
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from copied_answers import Reader, copied

Ids = Sequence[int]
KINDS = ("ours", "genai", "llama", "torch")


@dataclass(frozen=True, slots=True)
class Started:
    """A running engine; `load` holds the CPU and the wall seconds until it was ready."""

    process: subprocess.Popen[str]
    load: dict[str, float]

    def ask(self, what: str, **wishes: Any) -> Any:
        """Return the engine's answer to one question.

        Raises:
            RuntimeError: the engine has ended.
        """
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"what": what, **wishes}) + "\n")
        self.process.stdin.flush()
        return _line(self.process)


@contextlib.contextmanager
def started(kind: str, model: Path, *, threads: int) -> Iterator[Started]:
    """Start an engine on a model (a folder, or a GGUF file for llama) and end it afterwards."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, __file__, kind, str(model), str(threads)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            yield Started(process, _line(process))
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait()


def _line(process: subprocess.Popen[str]) -> Any:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"an engine ended with {process.wait()}: {' '.join(map(str, process.args))}")  # type: ignore[arg-type]
    return json.loads(line)


class Ours:
    """A folder in the loop of this project."""

    def __init__(self, model: Path, threads: int) -> None:
        from quantize.onnx_session import OnnxSession  # noqa: PLC0415 each process imports its own engine only

        self._model, self._threads = model, threads
        self._session = OnnxSession(model, threads=threads)

    def start(self, prompt: Ids, new: int) -> Callable[[int | None], int]:
        """Return a function that reads the prompt (None) or one token, and returns the most likely next one."""
        batch = self._session.start([prompt], room=new)

        def step(token: int | None) -> int:
            logits = batch.read() if token is None else batch.advance(np.array([token], np.int64))
            return int(logits[0].argmax())

        return step

    def open(self, prompt: Ids, new: int) -> Reader:
        """Return a function that reads tokens and gives their logits [tokens, vocabulary], and one that forgets some.

        Of the first call, which must read the prompt, it returns the last row only.
        """
        batch, length = self._session.start([prompt], room=new), 0

        def extend(ids: Ids) -> Any:
            nonlocal length
            length += len(ids)
            return batch.read() if length == len(prompt) else batch.extend_each(np.array(ids, np.int64))

        def forget(count: int) -> None:
            nonlocal length
            length -= count
            batch.go_on_from(np.array([length], np.int64))

        return extend, forget

    def logits(self, piece: Ids) -> Any:
        """Return the logits [tokens, vocabulary] of a piece of text."""
        from quantize.measuring import measuring_session  # noqa: PLC0415

        return measuring_session(self._model, threads=self._threads).start([piece]).read_all([0])[0]


class Genai:
    """The same folder in onnxruntime-genai's own loop."""

    def __init__(self, model: Path, threads: int) -> None:
        import onnxruntime_genai as genai  # noqa: PLC0415

        self._genai = genai
        config = genai.Config(str(model))
        options = {"intra_op_num_threads": threads, "inter_op_num_threads": 1}
        config.overlay(json.dumps({"model": {"decoder": {"session_options": options}}}))
        self._model = genai.Model(config)

    def start(self, prompt: Ids, new: int) -> Callable[[int | None], int]:
        """See `Ours.start`; the engine appends its own token."""
        wishes = self._genai.GeneratorParams(self._model)
        wishes.set_search_options(max_length=len(prompt) + new + 1, min_length=len(prompt) + new + 1, do_sample=False)
        generator = self._genai.Generator(self._model, wishes)

        def step(token: int | None) -> int:
            if token is None:
                generator.append_tokens(np.array(prompt, np.int32))
            generator.generate_next_token()
            return int(generator.get_next_tokens()[0])

        return step


class Llama:
    """llama.cpp through llama-cpp-python, at the level of its C functions: no sampler, no text."""

    def __init__(self, model: Path, threads: int) -> None:
        import llama_cpp  # noqa: PLC0415

        self._c = llama_cpp
        self._whole = llama_cpp.Llama(
            str(model), n_ctx=1024, n_threads=threads, n_threads_batch=threads, flash_attn=True, verbose=False
        )
        self._context = self._whole.ctx
        self._vocabulary = self._whole.n_vocab()

    def _read(self, ids: Ids) -> None:
        tokens = (self._c.llama_token * len(ids))(*ids)
        if self._c.llama_decode(self._context, self._c.llama_batch_get_one(tokens, len(ids))):
            raise RuntimeError("llama.cpp could not read the tokens")

    def _row(self, at: int) -> Any:
        return np.ctypeslib.as_array(self._c.llama_get_logits_ith(self._context, at), (self._vocabulary,))

    def _forget(self) -> None:
        self._c.llama_memory_clear(self._c.llama_get_memory(self._context), True)

    def start(self, prompt: Ids, new: int) -> Callable[[int | None], int]:  # noqa: ARG002 its cache has room or grows
        """See `Ours.start`."""
        self._forget()

        def step(token: int | None) -> int:
            self._read(prompt if token is None else [token])
            return int(self._row(-1).argmax())

        return step

    def open(self, prompt: Ids, new: int) -> Reader:  # noqa: ARG002 as above
        """See `Ours.open`."""
        self._forget()
        length = 0

        def extend(ids: Ids) -> Any:
            nonlocal length
            length += len(ids)
            if length == len(prompt):
                self._read(ids)
                return self._row(-1)[None]
            return self._rows(ids, length - len(ids))

        def forget(count: int) -> None:
            nonlocal length
            length -= count
            self._c.llama_memory_seq_rm(self._c.llama_get_memory(self._context), 0, length, -1)

        return extend, forget

    def logits(self, piece: Ids) -> Any:
        """See `Ours.logits`."""
        self._forget()
        return self._rows(piece, 0)

    def _rows(self, piece: Ids, behind: int) -> Any:
        """Read tokens behind so many others; return the logits of each."""
        batch = self._c.llama_batch_init(len(piece), 0, 1)
        batch.n_tokens = len(piece)
        for at, token in enumerate(piece):
            batch.token[at], batch.pos[at], batch.logits[at] = token, behind + at, 1
            batch.n_seq_id[at], batch.seq_id[at][0] = 1, 0
        if self._c.llama_decode(self._context, batch):
            raise RuntimeError("llama.cpp could not read the tokens")
        rows = np.stack([self._row(at) for at in range(len(piece))])
        self._c.llama_batch_free(batch)
        return rows

    def tokens(self, text: str) -> list[int]:
        """Return the engine's own tokens of a text, control tokens read as such."""
        found: list[int] = self._whole.tokenize(text.encode(), add_bos=False, special=True)
        return found


class Torch:
    """PyTorch eager in 32-bit floats, with transformers' cache."""

    def __init__(self, model: Path, threads: int) -> None:
        import torch  # noqa: PLC0415
        from transformers import AutoModelForCausalLM  # noqa: PLC0415

        torch.set_num_threads(threads)
        self._torch = torch
        self._model = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32, local_files_only=True).eval()

    def start(self, prompt: Ids, new: int) -> Callable[[int | None], int]:  # noqa: ARG002 its cache has room or grows
        """See `Ours.start`."""
        cache: Any = None

        def step(token: int | None) -> int:
            nonlocal cache
            ids = self._torch.tensor([list(prompt) if token is None else [token]])
            with self._torch.inference_mode():
                out = self._model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
            cache = out.past_key_values
            return int(out.logits[0, -1].argmax())

        return step

    def logits(self, piece: Ids) -> Any:
        """See `Ours.logits`."""
        with self._torch.inference_mode():
            return self._model(input_ids=self._torch.tensor([list(piece)]), use_cache=False).logits[0].numpy()


def speed(engine: Any, prompt: Ids, new: int) -> dict[str, float]:
    """Time one prompt and `new` tokens behind it; CPU seconds of all threads, and the wall time to the first token."""
    step = engine.start(prompt, new)
    wall, cpu = time.perf_counter(), time.process_time()
    token = step(None)
    first, read = time.perf_counter() - wall, time.process_time() - cpu
    for _ in range(new):
        token = step(token)
    return {"read": read, "first": first, "write": time.process_time() - cpu - read}


def answers(engine: Any, prompts: Sequence[Ids], new: int, stop: int) -> list[list[int]]:
    """Return the most likely tokens behind every prompt, up to and without `stop`."""
    said = []
    for prompt in prompts:
        step, row, token = engine.start(prompt, new), list[int](), None
        for _ in range(new):
            token = step(token)
            if token == stop:
                break
            row.append(token)
        said.append(row)
    return said


def nats(engine: Any, pieces: Sequence[Ids]) -> dict[str, float]:
    """Return the negative log-probability of all tokens but the first of each piece, and their number."""
    total, count = 0.0, 0
    for piece in pieces:
        rows = engine.logits(piece)[:-1].astype(np.float64)
        rows -= rows.max(axis=-1, keepdims=True)
        normal = rows - np.log(np.exp(rows).sum(axis=-1, keepdims=True))
        total -= float(normal[np.arange(len(piece) - 1), list(piece[1:])].sum())
        count += len(piece) - 1
    return {"nats": total, "tokens": count}


def peak_bytes() -> int:
    """Return the most memory that this process has held; getrusage would tell that of the parent it was forked from."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _answer(engine: Any, wishes: dict[str, Any]) -> Any:
    match wishes.pop("what"):
        case "speed":
            return speed(engine, **wishes)
        case "answers":
            return answers(engine, **wishes)
        case "nats":
            return nats(engine, **wishes)
        case "copied":
            return copied(engine, **wishes)
        case "tokens":
            return [engine.tokens(text) for text in wishes["texts"]]
        case _:
            return peak_bytes()


def _child(kind: str, model: str, threads: str) -> None:
    say = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not stand between the answers
    wall, cpu = time.perf_counter(), time.process_time()
    engine = {"ours": Ours, "genai": Genai, "llama": Llama, "torch": Torch}[kind](Path(model), int(threads))
    loaded: Any = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    say.write(json.dumps(loaded) + "\n")
    say.flush()
    for line in sys.stdin:
        say.write(json.dumps(_answer(engine, json.loads(line))) + "\n")
        say.flush()


if __name__ == "__main__":
    _child(*sys.argv[1:])
