"""The one way from the command line to the terminal: what is told is made safe there, whoever made it.

Covers: text and JSON on standard output and standard error. JSON is the same value for every reader; what could steer
a terminal stands in it as an escape (`\\u009b`). Does not cover: what another program does with the output.
"""

import json
import re
import shutil
import sys
from typing import Any

import click

from appliance.core.language import say
from appliance.core.sanitising import visible
from appliance.core.wrapping import cells, wrapped

CLEAR_LINE = "\r\x1b[K"


def tell(line: str = "", *, err: bool = False) -> None:
    """Write one line; a line end inside of it is shown as a sign, so that data cannot forge a line."""
    click.echo(visible(line), err=err)


def tell_hanging(line: str, indent: int) -> None:
    """Write one line; on a terminal what does not fit goes on below, indented. A program gets it whole."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for part in wrapped(visible(line), width, indent) if width else (visible(line),):
        click.echo(part)


def tell_text(text: str, *, err: bool = False) -> None:
    """Write text of several lines."""
    click.echo(safe_lines(text), err=err)


def tell_live(line: str) -> None:
    """Write a line on standard error, in place of the one that stands there."""
    click.echo(f"{CLEAR_LINE}{visible(line)}", nl=False, err=True)


def tell_json(value: Any) -> None:
    """Write one line of JSON on standard output."""
    click.echo(safe_json(value))


def error_line(message: str) -> str:
    """Return the line of a failure; the message may be in any language."""
    return say("error: {message}", message=message)


def hint_line(hint: str) -> str:
    """Return the line that says what to do."""
    return say("  do: {hint}", hint=say(hint))


def padded(text: str, width: int) -> str:
    """Return text with blanks behind it up to a width in cells; a full-width letter takes two."""
    return text + " " * (width - cells(text))


def safe_lines(text: str) -> str:
    """Return text for a terminal: its line ends are kept, what else is invisible is shown."""
    return "\n".join(map(visible, text.split("\n")))


def safe_json(value: Any) -> str:
    """Return a value as a line of JSON in which what is invisible is escaped."""
    written = json.dumps(value, ensure_ascii=False)
    return written if visible(written) == written else _UNSAFE.sub(_escaped, written)


_UNSAFE = re.compile(r"[^\x20-\x7e]")


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return character if visible(character) == character else json.dumps(character)[1:-1]
