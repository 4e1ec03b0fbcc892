"""Do something with untrusted content in a child process that may use only so much time and memory.

Covers: a chat template or a pickle that computes for ever or fills the memory; a child that dies.
Does not cover: a child that attacks the kernel. The child has the rights of its parent; what it may do to files is
limited by what the called code does.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from appliance.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use."""

    seconds: int  # of CPU time; twice as many of wall time
    memory_bytes: int  # of address space


def limited_call(module: str, limits: Limits, *arguments: str, stdin: Any = None, what: str) -> Any:
    """Run `python -m module SECONDS BYTES arguments`, give it JSON, and return the JSON that it prints.

    The module's `main` calls `limit_myself` with the two numbers first.

    Raises:
        InputError: it took too long, used too much memory, or failed; `what` is named.
    """
    command = [sys.executable, "-m", module, str(limits.seconds), str(limits.memory_bytes), *arguments]
    try:
        done = subprocess.run(
            command, input=json.dumps(stdin), capture_output=True, text=True, timeout=2 * limits.seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise _refused(what, f"took more than {2 * limits.seconds} s") from None
    if done.returncode != 0:
        reason = "took too long or too much memory" if done.returncode < 0 else "failed"
        last = done.stderr.strip().splitlines()[-1:] or [""]
        raise _refused(what, f"{reason} {last[0].partition(':')[0][:80]}".strip())
    return json.loads(done.stdout)


def limit_myself(arguments: Sequence[str]) -> Sequence[str]:
    """Set the limits of this process from its first two arguments; return the others."""
    seconds, memory_bytes = int(arguments[0]), int(arguments[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return arguments[2:]


def _refused(what: str, reason: str) -> InputError:
    return InputError(f"{what} {reason}", hint="take another model")
