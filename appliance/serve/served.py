"""The version that a server answers from, and the change to a newly installed one without a dropped request.

    install            the pointer `current` names another version
    load beside        every file of it is hashed and loaded, while the old version goes on answering
    swap               new requests go to the new version; the old one writes its last answers and ends

A version that does not verify is never loaded; the old one stays, and /ready and the metrics say so.
"""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from appliance.core.errors import ApplianceError
from appliance.release.installing import POINTER_FILE, installed
from appliance.release.verifying import Verified
from appliance.serve.embedding import Embedder, has_embedder, load_embedder
from appliance.serve.engine import Engine
from appliance.serve.framing import Framer
from appliance.serve.metrics import Metrics
from appliance.serve.searching import RecordIndex, has_index
from appliance.serve.worker import Worker

log = logging.getLogger("appliance.serve")
LOOK_EVERY = 1.0  # seconds between two looks at the pointer


@dataclass(frozen=True, slots=True)
class Resources:
    """What a version may use of this machine."""

    threads: int
    seats: int
    queue: int
    guesses: bool = True  # see Engine


@dataclass(frozen=True, slots=True)
class Version:
    """One loaded version with all that answers from it."""

    verified: Verified
    worker: Worker
    framer: Framer
    embedder: Embedder | None  # None: the bundle has none
    index: RecordIndex | None  # None: the bundle has none


def load_version(home: Path, resources: Resources) -> Version:
    """Hash every file of the version in service, then load it.

    Raises:
        IntegrityError: a file is not what was signed.
        SettingsError: nothing is installed.
    """
    verified = installed(home).verified
    engine = Engine(verified, threads=resources.threads, seats=resources.seats, guesses=resources.guesses)
    assert engine.grammars  # made now, not under the first request that needs it; and the form of the task's answers
    engine.form()
    files = tuple(verified.manifest.files)
    embedder = load_embedder(verified.folder) if has_embedder(files) else None
    index = RecordIndex(verified.folder, embedder) if embedder and has_index(files) else None
    framer = Framer(verified.folder, files, engine.prompter)
    return Version(verified, Worker(engine, queue_limit=resources.queue), framer, embedder, index)


class Served:
    """The version in service."""

    def __init__(self, home: Path, resources: Resources, metrics: Metrics) -> None:
        self._home = home
        self._resources = resources
        self._metrics = metrics
        self._seen = self._pointer()
        self.version = load_version(home, resources)
        self.failure = ""  # why the newest version is not in service; empty where it is
        self._tell()

    @property
    def has_failed(self) -> bool:
        """Whether the version in service can answer nothing more."""
        return self.version.worker.has_failed

    async def follow(self) -> None:
        """Look for a newly installed version until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            seen = self._pointer()
            if seen != self._seen:
                self._seen = seen
                await self._swap()

    def close(self) -> None:
        """Let the version end."""
        self.version.worker.retire()

    async def _swap(self) -> None:
        try:
            new = await asyncio.to_thread(load_version, self._home, self._resources)
        except ApplianceError as error:
            self._refuse(error.message)
            return
        except Exception as error:  # noqa: BLE001 the outermost frame: else nothing would look for a version again
            self._refuse(f"it cannot be loaded ({type(error).__qualname__})")
            return
        old, self.version, self.failure = self.version, new, ""
        old.worker.retire()
        self._metrics.swaps.labels("done").inc()
        self._tell()

    def _refuse(self, reason: str) -> None:
        self.failure = reason
        self._metrics.swaps.labels("refused").inc()
        log.error("the new version is not taken: %s", reason)

    def _tell(self) -> None:
        manifest = self.version.verified.manifest
        self._metrics.version.clear()
        self._metrics.version.labels(manifest.name, manifest.version, self.version.verified.digest[:12]).set(1)
        log.info("in service: %s %s (%s)", manifest.name, manifest.version, manifest.variant)

    def _pointer(self) -> bytes:
        file = self._home / POINTER_FILE
        return file.read_bytes() if file.exists() else b""
