"""How a command line ends: with a message, what to do, and an exit status; never with a traceback.

A traceback's values may quote the text of a record.
"""

import sys
import traceback
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import NoReturn

import click

from appliance.core.errors import INTERRUPTED_BY_KEYBOARD, OWN_BUG, ApplianceError, ResourceError
from appliance.core.extras import extra_of, not_installed
from appliance.core.language import say
from appliance.core.telling import error_line, hint_line, tell, tell_text


def end_with(run: Callable[[], int | None]) -> NoReturn:
    """Run a command line and exit with its status; every failure is told on standard error."""
    try:
        sys.exit(run())
    except click.Abort:
        sys.exit(INTERRUPTED_BY_KEYBOARD)
    except click.ClickException as error:
        shown = StringIO()  # what was typed is quoted in it
        error.show(shown)
        tell_text("\n".join(map(say, shown.getvalue().rstrip("\n").split("\n"))), err=True)
        sys.exit(error.exit_code)
    except ApplianceError as error:
        _end(error.message, error.hint, error.exit_status)
    except Exception as error:  # noqa: BLE001 the outermost frame: nothing may end in a traceback
        _end_unforeseen(error)


def _end_unforeseen(error: Exception) -> NoReturn:
    match error:
        case OSError():
            reason = error.strerror or "a file could not be read or written"
            message = f"{error.filename}: {reason}" if error.filename else reason
            _end(
                message,
                "check the disk or the stick, the free space and the owner of the folder",
                ResourceError.exit_status,
            )
        case MemoryError():
            _end("the machine has no memory left", "end other programs, and try again", ResourceError.exit_status)
        case ModuleNotFoundError(name=str(module)) if extra := extra_of(module):
            missing = not_installed(module, extra)
            _end(missing.message, missing.hint, missing.exit_status)
        case _:
            _end(f"a bug of the appliance: {_place(error)}", "report this line and the command", OWN_BUG)


def _place(error: Exception) -> str:
    """Return the type and the last frame; the message may quote the text of a record."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    file = "/".join(Path(frame.filename).parts[-2:])
    return f"{type(error).__qualname__} in {file}:{frame.lineno} ({frame.name})"


def _end(message: str, hint: str, status: int) -> NoReturn:
    tell(error_line(say(message)), err=True)
    if hint:
        tell(hint_line(hint), err=True)
    sys.exit(status)
