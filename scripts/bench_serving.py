"""Measure a server under load beside llama.cpp's: 1, 4, 8, 16 clients, time to the first token and to the last.

    uv run --no-sync python scripts/bench_serving.py --home HOME \
        --peer 'llama-server -m model.gguf --port {port} -t 2 -np 16 -c 8192' [--rounds N] [--check]

Both run on this machine, one after the other at each number of clients, and are asked the same short work orders as
streams. Tokens per CPU second are those of the server's own process: on a busy machine they are the figure to trust;
their ratio is taken within a round and told as the median with the least and the most. With --check the exit status is
1 where ours writes fewer than the peer. Nothing leaves 127.0.0.1; at most 16 connections are open.
"""

import argparse
import csv
import http.client
import json
import os
import shlex
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

CLIENTS = (1, 4, 8, 16)
TICKS = os.sysconf("SC_CLK_TCK")
START_WITHIN = 120  # seconds
PER_CLIENT = 4  # requests, one after the other
GOAL = 1.0  # tokens per CPU second, ours over the peer's


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Heard:
    """One streamed answer: seconds to its first token and to its end, and how many tokens the server counted."""

    first: float
    whole: float
    tokens: int


@dataclass(frozen=True, slots=True)
class Row:
    """One server at one number of clients."""

    server: str
    clients: int
    answers: tuple[Heard, ...]
    wall_seconds: float
    cpu_seconds: float

    @property
    def tokens(self) -> int:
        """All tokens that were written."""
        return sum(answer.tokens for answer in self.answers)

    @property
    def rate(self) -> float:
        """Tokens per CPU second."""
        return self.tokens / self.cpu_seconds

    def line(self) -> str:
        """Return the row of the table."""
        firsts = [answer.first for answer in self.answers]
        wholes = [answer.whole for answer in self.answers]
        return (
            f"{self.server:<12} {self.clients:>7} {self.tokens:>7} {self.tokens / self.wall_seconds:>9.1f} "
            f"{self.rate:>11.1f} {_quantile(firsts, 50):>9.2f} {_quantile(firsts, 95):>9.2f} "
            f"{_quantile(wholes, 50):>9.2f} {_quantile(wholes, 95):>9.2f}"
        )


HEADER = (
    f"{'server':<12} {'clients':>7} {'tokens':>7} {'tokens/s':>9} {'/CPU second':>11} "
    f"{'first p50':>9} {'first p95':>9} {'whole p50':>9} {'whole p95':>9}"
)


def main() -> int:
    """Run both servers in turns; print a row each, and the ratios last."""
    options = _options()
    ours = f"{shlex.quote(sys.executable)} -m appliance.serve --home {shlex.quote(str(options.home))} "
    ours += f"--port {{port}} --threads {options.threads} --seats 16"
    commands = {"appliance": ours, **({"peer": options.peer} if options.peer else {})}
    texts = _texts()
    print(HEADER, flush=True)
    met = True
    for clients in options.clients:
        rows: dict[str, list[Row]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                with _running(name, command) as server:
                    _load(server, texts, clients=1, requests=2, max_tokens=4)  # warms up
                    rows[name].append(_load(server, texts, clients, clients * PER_CLIENT, options.max_tokens))
                print(rows[name][-1].line(), flush=True)
        if options.peer:
            met &= _goal(clients, rows["appliance"], rows["peer"])
    return 1 if options.check and not met else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="folder with an installed bundle")
    parser.add_argument("--peer", help="command of another OpenAI-compatible server; {port} stands for its port")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--max-tokens", type=int, default=24)
    parser.add_argument("--clients", type=int, nargs="*", default=CLIENTS)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="exit with 1 where the goal is missed")
    return parser.parse_args()


def _goal(clients: int, ours: Sequence[Row], theirs: Sequence[Row]) -> bool:
    ratios = [one.rate / other.rate for one, other in zip(ours, theirs, strict=True)]
    value = statistics.median(ratios)
    told = f"{value:.2f} ({min(ratios):.2f}, {max(ratios):.2f}) >= {GOAL:g} {'met' if value >= GOAL else 'MISSED'}"
    print(f"{clients} clients, tokens per CPU second, ours over the peer's: {told}", flush=True)
    return value >= GOAL


def _load(server: Server, texts: Sequence[str], clients: int, requests: int, max_tokens: int) -> Row:
    cpu, begun = _cpu_seconds(server.pid), time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        answers = tuple(pool.map(lambda text: _ask(server.port, text, max_tokens), texts[:requests]))
    return Row(server.name, clients, answers, time.monotonic() - begun, _cpu_seconds(server.pid) - cpu)


def _ask(port: int, text: str, max_tokens: int) -> Heard:
    body = {"messages": [{"role": "user", "content": text}], "max_tokens": max_tokens, "temperature": 0}
    body |= {"stream": True, "stream_options": {"include_usage": True}}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    begun, first, tokens = time.monotonic(), 0.0, 0
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"status {answer.status}: {answer.read(200)!r}")
    for line in answer:
        if not line.startswith(b"data: {"):
            continue
        event = json.loads(line[6:])
        choices = event.get("choices") or [{}]
        if choices[0].get("delta", {}).get("content"):
            first = first or time.monotonic() - begun
        tokens = (event.get("usage") or {}).get("completion_tokens", tokens)
    connection.close()
    return Heard(first, time.monotonic() - begun, tokens)


@contextmanager
def _running(name: str, command: str) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = shlex.split(command.format(port=port))
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield Server(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(60)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/v1/models")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("the server did not start: run its command by hand")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _quantile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def _texts() -> list[str]:
    """Return the demo's work orders; each is another one, so that no cache answers."""
    content = files("appliance.demo").joinpath("work_orders.csv").read_text(encoding="utf-8-sig")
    return [f"Normalise. {row['description']}" for row in csv.DictReader(content.splitlines())]


if __name__ == "__main__":
    sys.exit(main())
