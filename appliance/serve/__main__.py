"""`appliance-serve`: the installed model behind an OpenAI-compatible API, on this machine only unless told otherwise.

Covers: an address that others can reach is refused as long as there is no token.
Does not cover: encryption on the way; put a reverse proxy with TLS in front of a UNIX socket for that.
"""

import ipaddress
import logging
import socket
import sys
from pathlib import Path
from typing import NoReturn

import click
import uvicorn

from appliance.core.ending import end_with
from appliance.core.errors import OWN_BUG, ResourceError, SettingsError
from appliance.core.hardware import usable_cores
from appliance.core.help_texts import speaking
from appliance.core.language import say
from appliance.core.telling import tell
from appliance.release.installing import HOME_VARIABLE, default_home
from appliance.serve.application import application
from appliance.serve.limits import Buckets, ImpatientProtocol, Limits
from appliance.serve.metrics import Metrics
from appliance.serve.served import Resources, Served
from appliance.serve.state import State
from appliance.serve.tokens import Guard, read_tokens

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1", "[::1]")
END_WITHIN = 30  # seconds for answers that are being written when the server is told to end


@click.command("appliance-serve")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_home,
    help=f"Folder of the installed models [${HOME_VARIABLE}, else ~/.local/share/appliance].",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@click.option("--unix-socket", type=click.Path(path_type=Path), help="Listen at a UNIX socket instead.")
@click.option("--name", "names", multiple=True, help="A name that clients call this server by; may be repeated.")
@click.option("--threads", type=click.IntRange(min=1), help="Cores to use [all of them].")
@click.option("--seats", type=click.IntRange(1, 64), default=8, show_default=True, help="Answers written at a time.")
@click.option("--queue", type=click.IntRange(1), default=64, show_default=True, help="Answers that may wait or run.")
@click.option("--guesses/--no-guesses", default=True, show_default=True, help="Check several guessed tokens a step.")
@click.option("--answer-seconds", type=click.FloatRange(min=1), default=120, show_default=True)
def serve(  # noqa: PLR0913, PLR0917 one parameter an option
    home: Path,
    host: str,
    port: int,
    unix_socket: Path | None,
    names: tuple[str, ...],
    threads: int | None,
    seats: int,
    queue: int,
    guesses: bool,
    answer_seconds: float,
) -> int:
    """Answer with the installed model. Every file of it is checked before it is loaded; nothing is asked of a network.

    A version that is installed meanwhile is taken over without a dropped request. A failure of the engine ends the
    server with status 70.
    """
    is_reachable = unix_socket is None and not is_loopback(host)
    if is_reachable and not read_tokens(home):
        raise SettingsError(
            f"{host} can be reached by other machines, and there is no token",
            hint="make one for each client: appliance token add NAME",
        )
    guard = Guard(home, always=is_reachable)  # removing the last token lets nobody in
    listening = _unix(unix_socket) if unix_socket else _internet(host, port)
    _log_without_texts()
    limits, metrics = Limits(queue=queue, answer_seconds=answer_seconds), Metrics()
    served = Served(home, Resources(threads or usable_cores(), seats, queue, guesses), metrics)
    app = application(
        State(served, limits, metrics, guard, Buckets(limits)), hosts=[*LOCAL_NAMES, *names, *_own_name(host)]
    )
    config = uvicorn.Config(
        app,
        http=ImpatientProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        h11_max_incomplete_event_size=16 << 10,
        timeout_graceful_shutdown=END_WITHIN,
    )
    if unix_socket is None and _is_wildcard(host) and not names:
        tell(say("clients on other machines are refused until this server knows its name: --name NAME"), err=True)
    tell(f"listening at {_place(listening)}", err=True)
    _Server(config, served).run(sockets=[listening])
    return OWN_BUG if served.has_failed else 0


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches an address; a name counts as reachable unless it is localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _internet(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        raise ResourceError(f"{host}:{port}: {error.strerror}", hint="choose another --host or --port") from error
    return listening


def _unix(path: Path) -> socket.socket:
    """Bind a socket that only the owner and the group may write to; uvicorn itself would open it to everybody."""
    if path.is_socket():
        path.unlink()
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.bind(str(path))
        path.chmod(0o660)
        listening.listen()
    except OSError as error:
        raise ResourceError(f"{path}: {error.strerror}", hint="choose another --unix-socket") from error
    return listening


def _own_name(host: str) -> list[str]:
    return [] if _is_wildcard(host) else [host]


def _is_wildcard(host: str) -> bool:
    """Say whether a host stands for every address of this machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return not host


def _place(listening: socket.socket) -> str:
    name = listening.getsockname()
    return name if isinstance(name, str) else f"http://{name[0]}:{name[1]}"


class _Server(uvicorn.Server):
    """Ends when the engine has failed, so that whoever watches over the process starts it again."""

    def __init__(self, config: uvicorn.Config, served: Served) -> None:
        super().__init__(config)
        self._served = served

    async def on_tick(self, counter: int) -> bool:
        """Say whether to end."""
        return await super().on_tick(counter) or self._served.has_failed


class _Plain(logging.Formatter):
    """A line without a traceback: its values may quote what was asked."""

    def formatException(self, ei: object) -> str:  # noqa: ARG002, N802 the library's signature
        return "(the traceback is left out)"


def _log_without_texts() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Plain("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the server; every failure ends with a message, a hint and its exit status."""
    end_with(lambda: speaking(serve).main(args=arguments, prog_name="appliance-serve", standalone_mode=False))


if __name__ == "__main__":
    main()
