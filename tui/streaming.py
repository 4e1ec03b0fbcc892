"""Takes what a blocking generator yields into the event loop, one value at a time, each from a thread."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

Value = TypeVar("Value")


async def streamed(values: Iterator[Value]) -> AsyncGenerator[Value, None]:
    """Yield the values; a generator that is no longer wanted is closed, which ends its child process."""
    end = object()
    try:
        while (value := await asyncio.to_thread(next, values, end)) is not end:
            yield value  # type: ignore[misc]
    finally:
        close = getattr(values, "close", None)
        if close is not None:
            try:
                close()
            except ValueError:  # a thread is still inside of it: it ends with the child, which ends with us
                return
