"""What this machine can do, and how to mend what it cannot: each check says what was found and what to do.

Covers: what can be told at once (Python, packages, names that collide, disk, memory, clock, rights, network) and, in a
child process, what needs the libraries themselves (GPU and driver, 4-bit layers, the models that look for names, ONNX).
Does not cover: a network that is there but blocked elsewhere; nothing is sent to find out.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from appliance.core.extras import MARKERS
from appliance.core.hardware import usable_cores
from appliance.core.workspace import Workspace
from appliance.questions.outlook import free_memory

Result = Literal["pass", "warn", "fail"]
OUR_NAMES = ("appliance", "anonymize", "quantize", "tui")  # three of them are also taken on PyPI
DISTRIBUTION = "adaptation-appliance"
LEAST_DISK = 5e9  # bytes; the demo takes 2
LEAST_MEMORY = 6e9  # bytes; the demo peaks at 4.5
BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before this is wrong
ROUTES = Path("/proc/net/route")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name, how it ended, what was found, and how to mend it ("" where nothing is to be done)."""

    name: str
    result: Result
    found: str
    hint: str = ""


def quick_checks(workspace: Workspace) -> Iterator[Finding]:
    """Yield what can be told without importing anything heavy."""
    yield _finding("python", (3, 11) <= sys.version_info < (3, 13), sys.version.split()[0], "use Python 3.11 or 3.12")
    yield _packages()
    yield _names()
    yield _disk(workspace)
    memory = free_memory()
    hint = "end other programs, or choose a smaller model"
    yield _finding("memory", memory >= LEAST_MEMORY, f"{memory / 1e9:.1f} GB free", hint, otherwise="warn")
    yield _finding("cores", usable_cores() >= 2, str(usable_cores()), "training will be slow", otherwise="warn")
    yield _clock(workspace)
    yield _network()
    yield _vault(workspace)


def _finding(name: str, is_good: bool, found: str, hint: str, *, otherwise: Result = "fail") -> Finding:
    return Finding(name, "pass", found) if is_good else Finding(name, otherwise, found, hint)


def _packages() -> Finding:
    lacking = {extra: [name for name in names if find_spec(name) is None] for extra, names in MARKERS.items()}
    absent = [extra for extra, names in lacking.items() if names and extra != "dp"]  # wanted by few
    found = ", ".join(extra for extra in MARKERS if not lacking[extra]) or "none"
    hint = f"install {DISTRIBUTION}[{absent[0]}]; a factory server needs [serve] alone" if absent else ""
    return Finding("packages", "warn" if absent else "pass", f"installed: {found}", hint)


def _names() -> Finding:
    """Another distribution with one of our import names was overwritten, or overwrote us, without a word."""
    owners = packages_distributions()
    others = sorted({owner for name in OUR_NAMES for owner in owners.get(name, ()) if owner != DISTRIBUTION})
    if not others:
        return Finding("import names", "pass", f"{DISTRIBUTION} {version(DISTRIBUTION)} alone")
    return Finding("import names", "fail", f"also claimed by {', '.join(others)}", "use an environment of its own")


def _disk(workspace: Workspace) -> Finding:
    place = next(folder for folder in (workspace.root, *workspace.root.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    return _finding(
        "disk", free >= LEAST_DISK, f"{free / 1e9:.1f} GB free at {place}", "free some space, or move the workspace"
    )


def _clock(workspace: Workspace) -> Finding:
    """Signatures and logs carry the time: a clock that runs behind what it wrote itself is wrong."""
    now = datetime.now(UTC)
    files = workspace.runs.glob("*/events.jsonl") if workspace.runs.exists() else ()
    newest = max((file.stat().st_mtime for file in files), default=0.0)
    is_good = now > BUILT and now.timestamp() >= newest - 60
    return _finding("clock", is_good, f"{now:%Y-%m-%d %H:%M} UTC", "set the clock: timedatectl set-time")


def _network() -> Finding:
    """The worker asks nobody; a machine without a route out could not, either."""
    try:
        rows = [line.split() for line in ROUTES.read_text(encoding="ascii").splitlines()[1:]]
    except OSError:
        return Finding("network", "warn", "cannot be told", "see that no route leads out")
    out = sorted({row[0] for row in rows if row[1] == "00000000"})
    if not out:
        return Finding("network", "pass", "no route leads out")
    found = f"a route leads out by {', '.join(out)}; the appliance uses none"
    return Finding("network", "warn", found, "for an air gap: unplug it, or let a firewall refuse this user")


def _vault(workspace: Workspace) -> Finding:
    if not workspace.vault.exists():
        return Finding("vault", "pass", "none yet; it is made with the first run")
    is_open = bool(workspace.vault.stat().st_mode & 0o077)
    is_writable = os.access(workspace.vault, os.W_OK | os.X_OK)
    if is_open:
        return Finding("vault", "fail", "other users can enter it", f"chmod 700 {workspace.vault}")
    return _finding(
        "vault", is_writable, "for this user alone", f"chown it to the user who runs the appliance: {workspace.vault}"
    )
