"""Answers from the version in service.

Covers: every file is hashed against the signature before it is loaded. Does not cover: whether an answer is true.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.core.errors import IntegrityError
from appliance.release.installing import installed
from appliance.release.verifying import Verified
from appliance.serve.prompting import TOKENIZER_FILE, Prompter
from quantize.decoding import Sampling, continue_greedily, stream
from quantize.onnx_session import OnnxSession
from quantize.variants import MODEL_FILE, WEIGHTS_FILE

NEEDED = (MODEL_FILE, WEIGHTS_FILE, TOKENIZER_FILE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer and what it cost."""

    text: str
    prompt_tokens: int
    new_tokens: int
    seconds: float


class Engine:
    """A loaded bundle; one call at a time."""

    def __init__(self, verified: Verified, *, threads: int) -> None:
        self.manifest = verified.manifest
        self.digest = verified.digest
        for name in NEEDED:
            if name not in self.manifest.files:
                raise IntegrityError(f"{name} is not in the bundle", hint="ask the bundle's maker for a whole one")
        limit = self.manifest.generation.max_prompt_tokens
        self._prompter = Prompter(verified.folder / TOKENIZER_FILE, self.manifest.prompt, limit=limit)
        self._session = OnnxSession(verified.folder, threads=threads)

    def answer(self, text: str, *, sampling: Sampling | None = None) -> Answer:
        """Answer one text; without `sampling` as the bundle's own settings say.

        Raises:
            InputError: the text is empty or too long.
        """
        started = time.perf_counter()
        prompt, generation = self._prompter.tokens(text), self.manifest.generation
        if sampling is None and generation.temperature > 0:
            sampling = Sampling(generation.temperature, generation.top_p)
        tokens = stream(
            self._session,
            prompt,
            max_new_tokens=generation.max_new_tokens,
            stop_ids=self.manifest.prompt.stop_ids,
            sampling=sampling,
        )
        ids = list(tokens)
        return Answer(self._prompter.text(ids), len(prompt), len(ids), time.perf_counter() - started)

    def answer_all(self, texts: Sequence[str], *, batch_size: int = 32) -> list[str]:
        """Answer many texts with the most likely tokens, several at a time.

        Raises:
            InputError: a text is empty or too long.
        """
        answers = continue_greedily(
            self._session,
            [self._prompter.tokens(text) for text in texts],
            max_new_tokens=self.manifest.generation.max_new_tokens,
            stop_ids=self.manifest.prompt.stop_ids,
            batch_size=batch_size,
        )
        return [self._prompter.text(ids) for ids in answers]


def load(home: Path, *, threads: int = 1) -> Engine:
    """Check and load the version in service.

    Raises:
        IntegrityError: a file is not what was signed.
        SettingsError: nothing is installed.
    """
    return Engine(installed(home).verified, threads=threads)
