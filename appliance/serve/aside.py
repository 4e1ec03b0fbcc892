"""Work beside the engine, embeddings and search: in threads of its own, so that it never holds up a chat.

Covers: at most `most` requests wait or run, one more is refused at once; work ends at its deadline, and when its client
goes away. Does not cover: a single text is read to its end.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import Request

from appliance.serve.answering import gone
from appliance.serve.errors import Refusal

THREADS = 2
MOST = 32  # requests that wait or run
RETRY_AFTER = 2  # seconds
Result = TypeVar("Result")


class Aside:
    """A few threads and those who wait for them; its methods belong to the event loop."""

    def __init__(self, *, threads: int = THREADS, most: int = MOST) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="aside")
        self._free = threading.Semaphore(most)

    async def run(self, work: Callable[[Callable[[], bool]], Result], request: Request, seconds: float) -> Result:
        """Return what `work` gives; it is handed a question, whether nobody waits any more, to ask between texts.

        Raises:
            Refusal: too many wait, the deadline has passed, or the client has gone.
        """
        if not self._free.acquire(blocking=False):
            raise Refusal(503, "too many requests wait", code="overloaded", retry_after=RETRY_AFTER)
        ends = threading.Event()
        future = self._pool.submit(work, ends.is_set)
        future.add_done_callback(self._leave)
        answered: asyncio.Future[Result] = asyncio.wrap_future(future)
        left: asyncio.Future[None] = asyncio.ensure_future(gone(request))
        waited: set[asyncio.Future[Any]] = {answered, left}
        try:
            done, _ = await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if answered in done:
                return answered.result()
            if left in done:
                raise Refusal(499, "nobody waits for the answer")
            raise Refusal(504, "the answer took too long", code="deadline")
        finally:
            ends.set()
            answered.cancel()  # what has not begun never does
            left.cancel()

    def _leave(self, _: "Future[Any]") -> None:
        self._free.release()
