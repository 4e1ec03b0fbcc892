"""What is asked of the engine, and what it says back."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from appliance.serve.grammar import Matcher
from quantize.decoding import Sampling

Reason = Literal["stop", "length", "cancelled", "failed"]
MOST_ALTERNATIVES = 20  # as the OpenAI API has it


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have been taken, and its logarithmic probability."""

    token: int
    logprob: float


@dataclass(frozen=True, slots=True)
class Taken:
    """A token that was taken; `alternatives` are the most likely ones in its place, itself among them or not."""

    token: int
    logprob: float
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """The next part of an answer: text that no later token changes, and the tokens behind it."""

    text: str
    taken: tuple[Taken, ...]  # empty where no probabilities were asked for


@dataclass(frozen=True, slots=True)
class Done:
    """The end of an answer."""

    reason: Reason
    prompt_tokens: int
    new_tokens: int
    drafted: int = 0  # tokens that were guessed
    accepted: int = 0  # of these, tokens that the model wrote


Event = Piece | Done


@dataclass(frozen=True, slots=True)
class Order:
    """One prompt and how it is to be continued."""

    prompt: tuple[int, ...]
    max_new_tokens: int
    sampling: Sampling | None = None  # None: the most likely token
    stop: tuple[str, ...] = ()  # texts that end the answer and are no part of it
    alternatives: int | None = None  # how many alternatives of each token to tell; None: no probabilities at all
    matcher: Matcher | None = None  # what may be written; None: anything


@dataclass(slots=True)
class Job:
    """An order on its way; any thread may cancel it."""

    order: Order
    deliver: Callable[[Event], None]
    _cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask that no more be written; what is held for it is freed before the next token."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody cancelled it."""
        return self._cancelled.is_set()
