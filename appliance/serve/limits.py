"""What a request may cost before it is understood: headers, body, time, and how often a client may ask.

Covers: headers or bodies that trickle in, bodies that are too large (by their announcement, or as they come), pages of
other sites that let a browser ask this server (host names, content types), floods of one client.
Does not cover: a flood of connections from many machines; the operating system's limits stand before that.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from appliance.serve.errors import Refusal


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, one client and the whole server may use."""

    header_seconds: float = 10
    body_seconds: float = 10
    body_bytes: int = 1 << 20
    answer_seconds: float = 120
    queue: int = 64  # requests that wait or are answered; the next one is sent away with 503
    client_per_minute: int = 600
    client_burst: int = 60
    connections: int = 256


class ImpatientProtocol(H11Protocol):
    """Closes a connection whose request's headers have not come whole in time, on every request of it.

    uvicorn 0.54 waits for ever: only an idle connection between two requests has a limit there.
    """

    header_seconds: float = 10
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Start the clock."""
        super().connection_made(transport)
        self._start_clock()

    def data_received(self, data: bytes) -> None:
        """Stop the clock when the headers are whole; start it for the next request of the connection."""
        super().data_received(data)
        if self._waits_for_headers():
            if self._deadline is None:
                self._start_clock()
        else:
            self._stop_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def _waits_for_headers(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _start_clock(self) -> None:
        self._deadline = self.loop.call_later(self.header_seconds, self._give_up)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._waits_for_headers() and not self.transport.is_closing():
            self.transport.close()


class BodyLimit:
    """Reads the whole body within its limits before the application sees the request."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413, 408 or 415 in the application's place where a limit is not kept."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._body(scope, receive)
        except Refusal as refusal:
            response = refusal.response()
            response.headers["connection"] = "close"  # the rest of the body is never read
            await response(scope, receive, send)
            return
        if body is None:
            return
        given = False

        async def receive_again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body; None where the client has gone."""
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if len(length) > 12 or int(length) > self._limits.body_bytes:
            raise self._too_large()
        if scope["method"] == "POST" and not headers.get(b"content-type", b"").startswith(b"application/json"):
            # a page of another site can send text/plain without asking first, JSON it cannot
            raise Refusal(415, "the content type must be application/json")
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                return await self._gather(receive)
        except TimeoutError:
            raise Refusal(408, "the body did not come in time") from None

    async def _gather(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._limits.body_bytes:
                raise self._too_large()
            if not message.get("more_body"):
                return bytes(body)

    def _too_large(self) -> Refusal:
        return Refusal(413, f"the body is larger than {self._limits.body_bytes} bytes")


class KnownNames:
    """Refuses a request that calls this server by a name of somebody else; "*" stands for any beginning of a name."""

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app = app
        self._names = tuple(name.lower().strip("[]") for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 in the application's place."""
        if scope["type"] == "http" and not self._knows(dict(scope["headers"]).get(b"host", b"").decode("latin-1")):
            refusal = Refusal(400, "this server is not called so; start it with --name NAME", code="unknown_host")
            await refusal.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _knows(self, header: str) -> bool:
        try:
            name = urlsplit(f"//{header}").hostname or ""
        except ValueError:
            return False
        return any(name == known or (known[:1] == "*" and name.endswith(known[1:])) for known in self._names)


class Buckets:
    """A token bucket a client: `burst` requests at once, refilled evenly."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._levels: dict[str, tuple[float, float]] = {}  # client -> (level, time), clients are few: named by tokens

    def take(self, client: str, *, now: float | None = None) -> None:
        """Take one request of a client.

        Raises:
            Refusal: 429, it has asked too often.
        """
        now = time.monotonic() if now is None else now
        level, before = self._levels.get(client, (float(self._limits.client_burst), now))
        rate = self._limits.client_per_minute / 60
        level = min(float(self._limits.client_burst), level + (now - before) * rate)
        if level < 1:
            self._levels[client] = (level, now)
            raise Refusal(429, "too many requests of this client", retry_after=max(1, round((1 - level) / rate)))
        self._levels[client] = (level - 1, now)
