"""Counts the sockets that a process opens; as a recognizer that finds nothing it travels to worker processes too.

Covers: every socket and name look-up of Python code. Does not cover: compiled code that calls the system itself.
"""

import sys
from collections.abc import Sequence

from anonymize.recognizers.guesses import Guess

_EVENTS = ("socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname")


class SocketWatch:
    """A recognizer that fails, so that its records are quarantined, where a socket was opened in its process."""

    name = "socket-watch"

    def __init__(self) -> None:
        self.opened = 0
        sys.addaudithook(self._count)

    def __reduce__(self) -> tuple[type["SocketWatch"], tuple[()]]:
        """Begin to count anew in the process that it is sent to."""
        return SocketWatch, ()

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Find nothing; raise where the network was asked."""
        if self.opened:
            raise ConnectionError("a socket was opened")
        return [[] for _ in texts]

    def _count(self, event: str, arguments: tuple[object, ...]) -> None:
        del arguments
        self.opened += event in _EVENTS
