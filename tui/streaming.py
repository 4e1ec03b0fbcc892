"""Takes the lines of a child process into the event loop, each waited for in a thread."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from appliance.core.children import ChildLines


async def streamed(lines: ChildLines) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the lines; where they are no longer wanted the child is ended, so that no thread waits for it."""
    end: dict[str, Any] = {}
    try:
        while (line := await asyncio.to_thread(next, lines, end)) is not end:
            yield line
    finally:
        lines.close()
