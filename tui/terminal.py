"""The terminal under the screens: where it is gone, the UI ends instead of waiting for keys that cannot come.

A terminal that has hung up (its window was closed, tmux was killed, the SSH connection is lost) reads as if something
were there, and gives nothing. Textual 8 asks it again at once, for ever, on a core of its own; its writer ends with the
first frame that fails, and the screens wait for it. SIGHUP comes only to who leads the terminal's session.
Covers: a terminal that hangs up, with or without SIGHUP. Does not cover: one that is there and seen by nobody, such as
a detached tmux: the UI goes on, and whoever comes back finds it.
"""

import asyncio
import os
import select
import signal
from contextlib import suppress
from threading import Event, Thread
from typing import Any, TextIO

from textual.drivers.linux_driver import LinuxDriver

GONE = 128 + signal.SIGHUP  # exit status, whether the signal came or not
LOOK = 1000  # milliseconds between two looks whether the UI has ended; a hang-up is told at once


class WatchedTerminal(LinuxDriver):
    """Textual's terminal, and a thread that sleeps until it hangs up."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        terminal: Any = self._file  # what a writer needs of a file is there afterwards, too
        self._file: Any = Vanishing(terminal)
        self._has_ended = Event()
        self._watch: Thread | None = None

    def start_application_mode(self) -> None:
        """Begin, or come back from a suspension; watch from the first beginning on."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._watch is None:
            loop = asyncio.get_running_loop()
            self._watch = Thread(target=self._wait_for_hang_up, args=(loop,), name="hang-up", daemon=True)
            self._watch.start()

    def close(self) -> None:
        """Let the thread go."""
        self._has_ended.set()
        super().close()

    def _wait_for_hang_up(self, loop: asyncio.AbstractEventLoop) -> None:
        watched = select.poll()
        watched.register(self.fileno, 0)  # hang-ups are told without being asked for
        while not self._has_ended.is_set():
            if watched.poll(LOOK):
                self.exit_event.set()  # the reading thread ends
                with suppress(RuntimeError):  # the UI has ended meanwhile
                    loop.call_soon_threadsafe(self._app.exit, None, GONE)
                return


class Vanishing:
    """A terminal's file that takes what is written after its end, too, and loses it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def fileno(self) -> int:
        """Return the number of the file."""
        return self._file.fileno()

    def write(self, text: str) -> None:
        """Write to the terminal, if it is there."""
        try:
            self._file.write(text)
        except OSError:
            self._lose()

    def flush(self) -> None:
        """Write what is kept back to the terminal, if it is there."""
        try:
            self._file.flush()
        except OSError:
            self._lose()

    def _lose(self) -> None:
        """Let all that is kept back go nowhere: Python would fail once more on it when it ends, with another status."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
