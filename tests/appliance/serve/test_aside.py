"""Embeddings and search: few threads, few who wait, and an end for each."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from starlette.requests import Request
from starlette.types import Message

from appliance.serve.aside import Aside
from appliance.serve.embedding import Embedder
from appliance.serve.errors import Refusal


def request(leaves: asyncio.Event | None = None) -> Request:
    async def receive() -> Message:
        await (leaves or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def wait_for_end(is_over: Callable[[], bool]) -> None:
    while not is_over():
        threading.Event().wait(0.01)


@pytest.mark.parametrize("reason", ["deadline", "gone"])
def test_work_ends_at_its_deadline_and_with_its_client_and_frees_its_place(reason: str) -> None:
    async def ask() -> int:
        aside, leaves = Aside(threads=1, most=1), asyncio.Event()
        if reason == "gone":
            leaves.set()
        with pytest.raises(Refusal) as caught:
            await aside.run(wait_for_end, request(leaves), 0.2 if reason == "deadline" else 60)
        await asyncio.sleep(0.2)
        assert await aside.run(lambda _: 7, request(), 60) == 7
        return caught.value.status

    assert asyncio.run(ask()) == {"deadline": 504, "gone": 499}[reason]


def test_one_more_than_may_wait_is_told_when_to_come_back() -> None:
    async def ask() -> Refusal:
        aside = Aside(threads=1, most=2)
        waiting = [asyncio.ensure_future(aside.run(wait_for_end, request(), 0.5)) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(Refusal) as caught:
            await aside.run(wait_for_end, request(), 60)
        await asyncio.gather(*waiting, return_exceptions=True)
        return caught.value

    refusal = asyncio.run(ask())
    assert refusal.status == 503 and refusal.retry_after


def test_no_text_is_read_for_nobody(embedder: Embedder) -> None:
    asked = iter([False, True, True])
    assert len(embedder.embed(["a", "b", "c"], lambda: next(asked))[0]) == 1
