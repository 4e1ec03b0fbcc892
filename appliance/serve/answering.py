"""From a request to an order, and from the engine's thread to a coroutine that hears the answer."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from appliance.core.errors import InputError
from appliance.serve.engine import MOST_NEW_TOKENS, Engine
from appliance.serve.errors import Refusal
from appliance.serve.grammar import ANY_OBJECT, Matcher
from appliance.serve.jobs import Done, Event, Job, Order, Taken
from appliance.serve.metrics import Metrics
from appliance.serve.requests import Chat, Completion, Generating, ResponseFormat
from appliance.serve.served import Served, Version
from appliance.serve.worker import Overloaded, Retired
from quantize.decoding import Sampling

FINISH = {"stop": "stop", "length": "length"}


@dataclass(slots=True)
class Whole:
    """An answer that has come to its end."""

    text: str = ""
    taken: list[Taken] = field(default_factory=list)
    done: Done | None = None

    def add(self, event: Event) -> None:
        """Add an event."""
        if isinstance(event, Done):
            self.done = event
        else:
            self.text += event.text
            self.taken.extend(event.taken)

    @property
    def usage(self) -> dict[str, int]:
        """The numbers of tokens, as the API names them."""
        assert self.done is not None
        prompt, new = self.done.prompt_tokens, self.done.new_tokens
        return {"prompt_tokens": prompt, "completion_tokens": new, "total_tokens": prompt + new}


async def order_of(version: Version, asked: Chat | Completion) -> Order:
    """Return the order for a request.

    Raises:
        Refusal: it asks for another model, or for what this one cannot do.
    """
    check_model(version, asked.model)
    engine = version.worker.engine
    try:
        prompt = await asyncio.to_thread(_prompt, version, asked)
        matcher = await asyncio.to_thread(_matcher, engine, asked)
    except InputError as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise Refusal(400, f"{error.message}{hint}", code="invalid_value") from None
    generation = engine.manifest.generation
    wanted = asked.max_tokens or (asked.max_completion_tokens if isinstance(asked, Chat) else None)
    return Order(
        tuple(prompt),
        min(wanted or generation.max_new_tokens, max(MOST_NEW_TOKENS, generation.max_new_tokens)),
        _sampling(engine, asked),
        asked.stops,
        _alternatives(asked),
        matcher,
    )


def check_model(version: Version, name: str) -> None:
    """Check that a request means the model in service.

    Raises:
        Refusal: 404, it names another one.
    """
    manifest = version.verified.manifest
    if name not in ("", manifest.name, f"{manifest.name}-{manifest.version}"):
        raise Refusal(404, f"the model here is {manifest.name}", param="model", code="model_not_found")


@asynccontextmanager
async def started(served: Served, asked: Chat | Completion) -> AsyncIterator[tuple[Version, "asyncio.Queue[Event]"]]:
    """Start an answer; whatever happens to the reader, its row is free when the block is left.

    Raises:
        Refusal: it cannot be answered, or not now.
    """
    events: asyncio.Queue[Event] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def deliver(event: Event) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(events.put_nowait, event)

    version, job = await _submitted(served, asked, deliver)
    try:
        yield version, events
    finally:
        job.cancel()


async def _submitted(served: Served, asked: Chat | Completion, deliver: Any) -> tuple[Version, Job]:
    while True:
        version = served.version
        order = await order_of(version, asked)
        try:
            return version, version.worker.submit(order, deliver)
        except Retired:
            continue  # another version came into service meanwhile: ask that one
        except Overloaded as error:
            raise Refusal(503, error.message, code="overloaded", retry_after=error.retry_after) from None


async def heard(events: "asyncio.Queue[Event]", metrics: Metrics) -> AsyncIterator[Event]:
    """Yield what is heard of an answer up to its end, and count it.

    Raises:
        Refusal: 500, the engine failed.
    """
    loop = asyncio.get_running_loop()
    begun, first = loop.time(), True
    while True:
        event = await events.get()
        if first:
            metrics.first_token.observe(loop.time() - begun)
            first = False
        if isinstance(event, Done):
            metrics.whole.observe(loop.time() - begun)
            metrics.prompt_tokens.inc(event.prompt_tokens)
            metrics.new_tokens.inc(event.new_tokens)
            metrics.drafted.inc(event.drafted)
            metrics.accepted.inc(event.accepted)
            if event.reason not in FINISH:
                raise Refusal(500, "the answer could not be finished", code=event.reason)
        yield event
        if isinstance(event, Done):
            return


async def gone(request: Request) -> None:
    """Return when the client has closed its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _prompt(version: Version, asked: Chat | Completion) -> list[int]:
    if isinstance(asked, Chat):
        return version.framer.tokens(asked.messages)
    return version.worker.engine.prompter.plain_tokens(asked.text)


def _matcher(engine: Engine, asked: Chat | Completion) -> Matcher | None:
    """What a request says of the form of its answer holds; a chat that says nothing takes the task's own."""
    wanted = asked.response_format if isinstance(asked, Chat) else ResponseFormat(type="text")
    if wanted is None:
        return engine.form()
    if wanted.type == "text":
        return None
    schema = wanted.json_schema.content if wanted.json_schema else ANY_OBJECT
    return engine.grammars.of_schema(schema)


def _sampling(engine: Engine, asked: Generating) -> Sampling | None:
    generation = engine.manifest.generation
    temperature = generation.temperature if asked.temperature is None else asked.temperature
    if temperature <= 0:
        return None
    seed = secrets.randbits(63) if asked.seed is None else asked.seed % 2**64
    return Sampling(temperature, asked.top_p or generation.top_p, seed)


def _alternatives(asked: Chat | Completion) -> int | None:
    if isinstance(asked, Completion):
        return asked.logprobs
    if asked.top_logprobs is not None and not asked.logprobs:
        raise Refusal(400, "top_logprobs needs logprobs: true", param="top_logprobs", code="invalid_value")
    return (asked.top_logprobs or 0) if asked.logprobs else None
