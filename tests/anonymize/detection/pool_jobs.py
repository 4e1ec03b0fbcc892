"""Jobs for the tests of the pool: worker processes import them by name."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anonymize.recognizers.guesses import Guess


@dataclass(frozen=True)
class Squares:
    """Squares numbers; 13 ends the process, 17 stalls it."""

    def prepare(self) -> Callable[[Sequence[int]], list[int]]:
        return lambda numbers: [self._square(number) for number in numbers]

    def _square(self, number: int) -> int:
        if number == 13:
            os._exit(1)
        if number == 17:
            time.sleep(60)
        return number * number


@dataclass(frozen=True)
class ProcessIds:
    """Answers with the id of its process."""

    def prepare(self) -> Callable[[Sequence[int]], list[int]]:
        return lambda numbers: [os.getpid() for _ in numbers]


@dataclass(frozen=True)
class NoModel:
    """Cannot be prepared."""

    def prepare(self) -> Callable[[Sequence[int]], list[int]]:
        raise FileNotFoundError("secret/path")


class TorchWatch:
    """A recognizer that fails where torch is loaded."""

    name = "torch-watch"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        if sys.modules.get("torch"):
            raise RuntimeError("torch is loaded")
        return [[] for _ in texts]
