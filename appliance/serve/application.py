"""The application: routes, and around them limits, names of hosts, tokens and counts.

Covers: a failure of our own ends as an answer without a traceback; logs hold routes, statuses and times, never what
was asked or answered.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.serve import completions, routes
from appliance.serve.errors import Refusal
from appliance.serve.limits import BodyLimit, KnownNames
from appliance.serve.state import State

log = logging.getLogger("appliance.serve")
OPEN = frozenset({"/", "/health", "/ready"})  # without a token: they tell nothing of any text

ROUTES = [
    Route("/", routes.show_page),
    Route("/v1/chat/completions", completions.chat, methods=["POST"]),
    Route("/v1/completions", completions.complete, methods=["POST"]),
    Route("/v1/embeddings", routes.embeddings, methods=["POST"]),
    Route("/v1/models", routes.models),
    Route("/v1/models/{name}", routes.models),
    Route("/search", routes.search, methods=["POST"]),
    Route("/card", routes.card),
    Route("/health", routes.health),
    Route("/ready", routes.ready),
    Route("/metrics", routes.metrics),
]


def application(state: State, *, hosts: Sequence[str]) -> Starlette:
    """Return the ASGI application; `hosts` are the names that clients may call this server by."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001 the library hands it over
        following = asyncio.create_task(state.served.follow())
        yield
        following.cancel()
        state.served.close()

    app = Starlette(
        routes=ROUTES,
        lifespan=lifespan,
        middleware=[
            Middleware(Counting, state=state),
            # a page whose name was pointed at this machine sends its own name
            Middleware(KnownNames, names=hosts),
            Middleware(Admission, state=state),
            Middleware(BodyLimit, limits=state.limits),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _http_refused, Exception: _failed},
    )
    app.state.shared = state
    return app


class Admission:
    """Lets a known client through, not too often."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 429 in the application's place."""
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        try:
            client = self._client(scope)
            if client is not None:  # without tokens everybody is this machine: the queue's limit is enough
                self._state.buckets.take(client)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _client(self, scope: Scope) -> str | None:
        if not self._state.guard.is_needed:
            return None
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        kind, _, secret = header.partition(" ")
        client = self._state.guard.client(secret.strip()) if kind.lower() == "bearer" else None
        if client is None:
            raise Refusal(401, "a token is needed", code="invalid_api_key")
        return client


class Counting:
    """Counts and logs every answer: route, status, time."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and look at the status of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.monotonic(), 499

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("endpoint"), "__name__", "other")  # never the path: it may hold anything
            self._state.metrics.requests.labels(route, str(status)).inc()
            log.info("%s %s %d %.3f s", scope["method"], route, status, time.monotonic() - begun)


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001 the library hands it over
    assert isinstance(error, Refusal)
    return error.response()


async def _http_refused(request: Request, error: Exception) -> Response:  # noqa: ARG001 the library hands it over
    assert isinstance(error, HTTPException)
    return Refusal(error.status_code, str(error.detail)).response()


async def _failed(request: Request, error: Exception) -> Response:  # noqa: ARG001 the library hands it over
    log.error("a bug of the appliance: %s", type(error).__qualname__)
    return Refusal(500, "the server failed", code="internal_error").response()
