"""POST /v1/chat/completions and /v1/completions, whole or as a stream of events."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from appliance.serve.answering import FINISH, Whole, gone, heard, started
from appliance.serve.errors import Refusal
from appliance.serve.jobs import Done, Event
from appliance.serve.requests import Chat, Completion, parsed
from appliance.serve.shapes import Envelope, chat_choice, chat_logprobs, text_choice
from appliance.serve.state import State, state_of

Asked = Chat | Completion


async def chat(request: Request) -> Response:
    """Answer a conversation."""
    return await _answer(request, parsed(Chat, await request.body()))


async def complete(request: Request) -> Response:
    """Continue a text."""
    return await _answer(request, parsed(Completion, await request.body()))


async def _answer(request: Request, asked: Asked) -> Response:
    state = state_of(request)
    deadline = asyncio.get_running_loop().time() + state.limits.answer_seconds
    if not asked.stream:
        return await _whole(request, state, asked, deadline)
    stack = AsyncExitStack()  # left when the stream ends: what cannot be answered is told before the first event
    version, events = await stack.enter_async_context(started(state.served, asked))
    envelope = Envelope(version, _kind(asked))
    return TimedStream(_stream(stack, state, asked, envelope, events), deadline)


async def _whole(request: Request, state: State, asked: Asked, deadline: float) -> Response:
    try:
        async with asyncio.timeout_at(deadline), started(state.served, asked) as (version, events):
            whole = await _unless_gone(_gather(events, state), request)
            if whole is None:
                return Response(status_code=499)  # nobody reads it
    except TimeoutError:
        raise Refusal(504, "the answer took too long", code="deadline") from None
    envelope, finish = Envelope(version, _kind(asked)), _finish(whole)
    make = chat_choice if isinstance(asked, Chat) else text_choice
    choice = make(envelope, whole, finish, with_logprobs=_with_logprobs(asked))
    return JSONResponse({**envelope.around([choice]), "usage": whole.usage})


async def _unless_gone(answer: Coroutine[Any, Any, Whole], request: Request) -> Whole | None:
    """Return an answer; None where the client goes away before. Neither task is left behind, at a deadline either."""
    answered, left = asyncio.ensure_future(answer), asyncio.ensure_future(gone(request))
    try:
        done, _ = await asyncio.wait({answered, left}, return_when=asyncio.FIRST_COMPLETED)
        return answered.result() if answered in done else None
    finally:
        answered.cancel()
        left.cancel()


async def _gather(events: "asyncio.Queue[Event]", state: State) -> Whole:
    whole = Whole()
    async for event in heard(events, state.metrics):
        whole.add(event)
    return whole


async def _stream(
    stack: AsyncExitStack, state: State, asked: Asked, envelope: Envelope, events: "asyncio.Queue[Event]"
) -> AsyncIterator[str]:
    """Yield the events of a stream; the last one is `[DONE]`."""
    async with stack:
        whole = Whole()
        if isinstance(asked, Chat):
            yield _event(envelope, _delta({"role": "assistant", "content": ""}))
        try:
            async for event in heard(events, state.metrics):
                whole.add(event)
                yield _event(envelope, _part(asked, envelope, event))
        except Refusal as refusal:
            yield f"data: {json.dumps(refusal.content())}\n\n"
            return
        if asked.stream_options.include_usage:
            yield _sent({**envelope.around([], in_stream=True), "usage": whole.usage})
        yield "data: [DONE]\n\n"


def _part(asked: Asked, envelope: Envelope, event: Event) -> dict[str, Any]:
    if isinstance(asked, Completion):
        part = Whole()
        part.add(event)
        ends = isinstance(event, Done)
        return text_choice(
            envelope, part, _finish(part) if ends else None, with_logprobs=_with_logprobs(asked) and not ends
        )
    if isinstance(event, Done):
        return _delta({}, FINISH[event.reason])
    choice = _delta({"content": event.text})
    if asked.logprobs:
        choice["logprobs"] = chat_logprobs(envelope.grammars, event.taken)
    return choice


def _delta(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _event(envelope: Envelope, choice: dict[str, Any]) -> str:
    return _sent(envelope.around([choice], in_stream=True))


def _sent(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


def _kind(asked: Asked) -> str:
    return "chat.completion" if isinstance(asked, Chat) else "text_completion"


def _finish(whole: Whole) -> str:
    assert whole.done is not None
    return FINISH[whole.done.reason]


def _with_logprobs(asked: Asked) -> bool:
    return asked.logprobs if isinstance(asked, Chat) else asked.logprobs is not None


class TimedStream(StreamingResponse):
    """A stream of events that ends at its deadline, however slowly it is read."""

    def __init__(self, events: AsyncIterator[str], deadline: float) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"cache-control": "no-store"})
        self._deadline = deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        try:
            async with asyncio.timeout_at(self._deadline):
                await super().__call__(scope, receive, send)
        except TimeoutError:
            return  # the connection is closed without [DONE]: the client sees that the answer is not whole
