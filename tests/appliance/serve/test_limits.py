"""What a request may cost, before anybody understands it: a server with short deadlines in this process."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message

from appliance.serve.errors import Refusal
from appliance.serve.limits import BodyLimit, Buckets, ImpatientProtocol, KnownNames, Limits

LIMITS = Limits(body_seconds=0.5, body_bytes=100)


class Hasty(ImpatientProtocol):
    """The real protocol with a shorter patience."""

    header_seconds = 0.5


async def length(request: Request) -> Response:
    return JSONResponse(len(await request.body()))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = BodyLimit(Starlette(routes=[Route("/", length, methods=["POST"])]), LIMITS)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=Hasty, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def talk(port: int, *pieces: bytes, pause: float = 0) -> bytes:
    """Send pieces with pauses; return all that comes until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass  # the server has closed it already
        said = b""
        try:
            while part := connection.recv(4096):
                said += part
        except ConnectionResetError:
            pass
        return said


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"


def test_a_request_within_its_limits_is_answered(port: int) -> None:
    assert talk(port, HEAD + b"Content-Length: 2\r\n\r\n", b"{}").endswith(b"2")


def test_headers_that_trickle_in_are_cut_off(port: int) -> None:
    begun = time.monotonic()
    assert talk(port, *[b"POST / HTTP/1.1\r\n", *[b"a: b\r\n"] * 100], pause=0.1) == b""
    assert time.monotonic() - begun < 11  # the client's own pauses; the server stopped listening long before


def test_a_silent_connection_is_closed(port: int) -> None:
    begun = time.monotonic()
    assert talk(port) == b""
    assert time.monotonic() - begun < 5


def test_a_second_request_of_a_connection_has_the_same_patience(port: int) -> None:
    whole = HEAD.replace(b"close", b"keep-alive") + b"Content-Length: 2\r\n\r\n{}"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(whole)
        said = b""
        while not said.endswith(b"\r\n\r\n2"):
            said += connection.recv(4096)
        connection.sendall(b"POST / HT")
        assert connection.recv(4096) == b""


def test_a_body_that_trickles_in_is_refused(port: int) -> None:
    assert b" 408 " in talk(port, HEAD + b"Content-Length: 50\r\n\r\n", *[b"x"] * 8, pause=0.1)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(port: int) -> None:
    assert b" 413 " in talk(port, HEAD + b"Content-Length: 300000000\r\n\r\n")


def test_a_body_that_grows_too_large_is_refused(port: int) -> None:
    chunk = b"32\r\n" + b"x" * 50 + b"\r\n"
    assert b" 413 " in talk(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk * 3)


@pytest.mark.parametrize("kind", [b"text/plain", b"application/x-www-form-urlencoded"])
def test_what_a_page_of_another_site_can_send_is_refused(port: int, kind: bytes) -> None:
    head = (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " + kind + b"\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert b" 415 " in talk(port, head)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"localhost:8080", 200),
        (b"[::1]:8080", 200),
        (b"LLM.local", 200),
        (b"a.plant.example", 200),
        (b"evil.example", 400),
        (b"", 400),
        (b"[", 400),
    ],
)
def test_a_name_of_somebody_else_is_refused_in_the_form_of_the_api(header: bytes, status: int) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    app = KnownNames(JSONResponse("in"), names=["localhost", "[::1]", "llm.local", "*.plant.example"])
    asyncio.run(app({"type": "http", "method": "GET", "headers": [(b"host", header)]}, receive, send))
    assert sent[0]["status"] == status
    assert status == 200 or json.loads(sent[1]["body"])["error"]["code"] == "unknown_host"


def test_a_client_may_ask_in_bursts_and_evenly_after_that() -> None:
    buckets = Buckets(Limits(client_per_minute=60, client_burst=3))
    for _ in range(3):
        buckets.take("press", now=0)
    with pytest.raises(Refusal) as caught:
        buckets.take("press", now=0)
    assert (caught.value.status, caught.value.retry_after) == (429, 1)
    buckets.take("lathe", now=0)  # another client has its own
    buckets.take("press", now=1)
    with pytest.raises(Refusal):
        buckets.take("press", now=1.5)
