"""A running server: who may ask, what it refuses when it is full, what it logs, how a new version comes in."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from appliance.core.errors import IntegrityError
from appliance.release.installing import install, installed, roll_back
from appliance.serve.tokens import add_token, remove_token

SECRET_TEXT = "内線4321567890の田中 SECRET-PROMPT-77"


def chat(text: str, **options: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **options}


def value(server: Any, name: str) -> float:
    text = server.ask("/metrics")[1]
    return sum(float(line.split()[-1]) for line in text.splitlines() if re.match(rf"{name}(\{{|\s)", line))


def wait_until(holds: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_guesses_are_counted_in_the_metrics(server: Any) -> None:
    before = [value(server, f"appliance_{name}_tokens_total") for name in ("drafted", "accepted")]
    for text in ("aaaa aaaa aaaa", "ポンプ ポンプ ポンプ"):
        assert server.ask("/v1/chat/completions", chat(text, max_tokens=40))[0] == 200
    drafted, accepted = (value(server, f"appliance_{name}_tokens_total") for name in ("drafted", "accepted"))
    assert drafted - before[0] >= accepted - before[1] > 0


def test_it_says_that_it_is_ready_and_what_it_serves(server: Any) -> None:
    assert server.ask("/health") == (200, {"status": "ok"})
    assert server.ask("/ready") == (200, {"ready": True, "name": "tiny", "version": "1.0", "newer_refused": ""})
    card = server.ask("/card")[1]
    assert (card["name"], card["variant"], card["reports"]["scores"]) == ("tiny", "int4", {"gate": {"passed": True}})


@pytest.mark.parametrize(
    ("query", "first"),
    [("oil leak at the pump seal", "1"), ("油漏れ", "4"), ("異音", "2"), ("100%_\\", None), ('"; DROP', None)],
)
def test_records_are_found_by_meaning_and_by_letters(server: Any, query: str, first: str | None) -> None:
    status, answer = server.ask("/search", {"query": query, "limit": 3})
    assert (status, answer["records"]) == (200, 5)
    if first is not None:
        assert answer["data"][0]["id"] == first


def test_neither_prompts_nor_answers_are_logged_or_counted(server: Any) -> None:
    status, answer = server.ask("/v1/chat/completions", chat(SECRET_TEXT, max_tokens=5))
    said = answer["choices"][0]["message"]["content"]
    assert status == 200
    for path, body in (("/search", {"query": SECRET_TEXT}), ("/v1/embeddings", {"input": SECRET_TEXT, "n": 1})):
        server.ask(path, body)
    server.ask("/" + "SECRET-PATH")
    wait_until(lambda: any("other 404" in line for line in server.lines))
    everything = "".join(server.lines) + server.ask("/metrics")[1]
    assert not [word for word in ("SECRET", "田中", "4321567890", said) if word and word in everything]


def test_a_client_that_goes_away_frees_its_seat(server: Any) -> None:
    body = json.dumps(chat("a", stream=True, max_tokens=300, temperature=1, seed=3)).encode()
    host, port = server.url.removeprefix("http://").split(":")
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    before = value(server, "appliance_new_tokens_total")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        connection.recv(100)
        assert value(server, "appliance_open_jobs") >= 1
    wait_until(lambda: value(server, "appliance_open_jobs") == 0)
    assert value(server, "appliance_new_tokens_total") - before < 300


def test_a_client_that_reads_slowly_harms_nobody(server: Any) -> None:
    body = json.dumps(chat("a", stream=True, max_tokens=200, temperature=1, seed=3)).encode()
    host, port = server.url.removeprefix("http://").split(":")
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        connection.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert server.ask("/v1/chat/completions", chat("b", max_tokens=4))[0] == 200
        wait_until(lambda: value(server, "appliance_open_jobs") == 0)  # written to its end, though nobody read it


@pytest.mark.slow
def test_a_full_queue_says_when_to_come_back(tiny: Any, full_bundle: Path, serve: Any, tmp_path: Path) -> None:
    install(full_bundle, tiny.key, tmp_path)
    with (
        serve(tmp_path, "--seats", "1", "--queue", "2", "--answer-seconds", "1") as server,
        ThreadPoolExecutor(8) as pool,
    ):
        asked = chat("a", max_tokens=300, temperature=1.0, response_format={"type": "json_object"})
        statuses = [status for status, _ in pool.map(lambda _: server.ask("/v1/chat/completions", asked), range(8))]
        assert 503 in statuses
        assert set(statuses) <= {200, 503, 504}
        wait_until(lambda: value(server, "appliance_open_jobs") == 0)
        assert server.ask("/v1/chat/completions", chat("b", max_tokens=1))[0] == 200


@pytest.mark.slow
def test_a_token_is_needed_as_soon_as_there_is_one(tiny: Any, full_bundle: Path, serve: Any, tmp_path: Path) -> None:
    install(full_bundle, tiny.key, tmp_path)
    with serve(tmp_path) as server:
        assert server.ask("/v1/models")[0] == 200
        secret = add_token(tmp_path, "press-shop")
        assert secret not in (tmp_path / "tokens.json").read_text()
        assert server.ask("/v1/models")[0] == 401
        assert server.ask("/v1/models", authorization="Bearer apl_wrong")[0] == 401
        assert server.ask("/v1/models", authorization=f"Bearer {secret}")[0] == 200
        assert server.ask("/health")[0] == 200
        remove_token(tmp_path, "press-shop")
        add_token(tmp_path, "lathe")
        assert server.ask("/v1/models", authorization=f"Bearer {secret}")[0] == 401
        assert server.ask("/ready", host="evil.example")[0] == 400  # a name that was pointed at this machine


@pytest.mark.slow
def test_a_public_address_without_tokens_is_refused(tiny: Any) -> None:
    command = [sys.executable, "-m", "appliance.serve", "--home", str(tiny.home), "--host", "0.0.0.0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "appliance token add" in done.stderr


@pytest.mark.slow
def test_a_server_whose_engine_fails_tells_who_waits_and_ends(
    tiny: Any, full_bundle: Path, serve: Any, tmp_path: Path
) -> None:
    install(full_bundle, tiny.key, tmp_path)
    program = (
        "from quantize.slots import Slots\n"
        "from appliance.serve.__main__ import main\n"
        "def fail(*_): raise ValueError('SECRET')\n"
        "Slots.advance = Slots.advance_each = fail\n"
        "main()\n"
    )
    with serve(tmp_path, program=program) as server:
        assert server.ask("/v1/chat/completions", chat("a", max_tokens=5, temperature=1, seed=1))[0] == 500
        assert server.process.wait(40) == 70
        wait_until(lambda: any("the engine failed: ValueError" in line for line in server.lines))
        assert not [line for line in server.lines if "Traceback" in line or "SECRET" in line]


@pytest.mark.slow
def test_a_server_that_others_reach_asks_for_a_token_when_the_last_one_is_removed(
    tiny: Any, full_bundle: Path, serve: Any, tmp_path: Path
) -> None:
    install(full_bundle, tiny.key, tmp_path)
    add_token(tmp_path, "press-shop")
    with serve(tmp_path, "--host", "0.0.0.0") as server:
        assert "--name NAME" in server.lines[-2] + server.lines[-1]
        status, told = server.ask("/health", host="llm.factory.local:80")
        assert (status, told["error"]["code"]) == (400, "unknown_host")
        assert server.ask("/v1/models", host="localhost")[0] == 401
        remove_token(tmp_path, "press-shop")
        assert server.ask("/v1/models", host="localhost")[0] == 401


@pytest.mark.slow
def test_a_unix_socket_is_closed_to_strangers(tiny: Any, serve: Any, tmp_path: Path) -> None:
    place = tmp_path / "socket"
    command = [sys.executable, "-m", "appliance.serve", "--home", str(tiny.home), "--unix-socket", str(place)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "listening at" not in process.stderr.readline():
            pass
        wait_until(lambda: _asked(place).startswith(b"HTTP/1.1 200"))
        assert place.stat().st_mode & 0o777 == 0o660
        process.terminate()


def _asked(place: Path) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(place))
        except ConnectionRefusedError:
            return b""
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection.recv(1000)


@pytest.mark.slow
def test_a_new_version_comes_in_without_a_dropped_request(
    tiny: Any, full_bundle: Path, bundler: Any, serve: Any, tmp_path: Path
) -> None:
    install(full_bundle, tiny.key, tmp_path)
    newer, ends, answers = bundler.make("2.0", variant="float"), threading.Event(), []
    with serve(tmp_path, "--seats", "2") as server:

        def keep_asking() -> None:
            while not ends.is_set():
                answers.append(server.ask("/v1/chat/completions", chat("油漏れ", max_tokens=6)))

        threads = [threading.Thread(target=keep_asking) for _ in range(3)]
        for thread in threads:
            thread.start()
        install(newer, tiny.key, tmp_path)
        wait_until(lambda: server.ask("/ready")[1]["version"] == "2.0")
        asked = len(answers)
        wait_until(lambda: len(answers) > asked + 3)
        roll_back(tmp_path)
        wait_until(lambda: server.ask("/ready")[1]["version"] == "1.0")
        ends.set()
        for thread in threads:
            thread.join()
        assert {status for status, _ in answers} == {200}
        assert len({answer["system_fingerprint"] for _, answer in answers}) == 2
        assert value(server, "appliance_swaps_total") == 2


@pytest.mark.slow
def test_a_changed_byte_keeps_a_version_out_of_service_and_the_old_one_in(
    tiny: Any, full_bundle: Path, bundler: Any, serve: Any, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    install(full_bundle, tiny.key, home)
    bad = bundler.make("3.0")
    content = bytearray((bad / "embedding/model.onnx").read_bytes())
    content[1000] ^= 1
    damaged = tmp_path / "damaged"
    shutil.copytree(bad, damaged)
    (damaged / "embedding/model.onnx").write_bytes(content)
    with pytest.raises(IntegrityError, match="embedding/model"):
        install(damaged, tiny.key, home)
    with serve(home) as server:
        install(bad, tiny.key, home)
        wait_until(lambda: server.ask("/ready")[1]["version"] == "3.0")
        pointer = (home / "current").read_bytes()
        previous = home / "versions" / str(installed(home).previous) / "model.onnx.data"
        weights = previous.read_bytes()
        previous.write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
        with pytest.raises(IntegrityError):
            roll_back(home)
        switched = json.loads(pointer)
        switched["current"], switched["previous"] = switched["previous"], switched["current"]
        (home / "current").write_text(json.dumps(switched))  # by hand, around the check
        wait_until(lambda: "model.onnx.data" in server.ask("/ready")[1]["newer_refused"])
        assert server.ask("/ready")[1]["version"] == "3.0"
        assert server.ask("/v1/chat/completions", chat("x", max_tokens=1))[0] == 200
    command = [sys.executable, "-m", "appliance.serve", "--home", str(home), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
    assert (done.returncode, "model.onnx.data was changed" in done.stderr) == (7, True)
