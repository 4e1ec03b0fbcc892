"""`--help` in the language of the reader: click lays the page out, its texts come from the catalogue.

Covers: what a command says of itself, its options, the list of commands, click's own few words. A paragraph of a
docstring is one sentence of the catalogue. Does not cover: names of commands, options and arguments, which stay.
"""

import inspect
import os
import re
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, TypeVar

import click

from appliance.core.language import message, say
from appliance.core.languages import OWN_VARIABLE, language_code
from appliance.core.wrapping import cells, wrapped

Say = Callable[..., str]
Wrapped = TypeVar("Wrapped", bound=Callable[..., Any])
_EXTRA = re.compile(r"(?:^|  )\[([^\]]*)\]$")  # what click adds behind the text of an option
# click's own words; a heading is asked for by its name
WORDS = (
    message("Usage: {usage}"),
    message("Options"),
    message("Commands"),
    message("Positional arguments"),
    message("Show this message and exit."),
    message("Show the version and exit."),
)


class SpeakingContext(click.Context):
    """Translates a page of help when it is asked for: only then is it known in which language."""

    speaks: Say = staticmethod(say)

    def get_help(self) -> str:
        """Return the page; in English it is click's, to the letter."""
        if language_code() == "en":
            return super().get_help()
        formatter = _Formatter(width=self.make_formatter().width)
        _translated(self.command, self.speaks).format_help(self, formatter)
        return formatter.getvalue().rstrip("\n")


def speaking(command: click.Command, context: type[SpeakingContext] = SpeakingContext) -> click.Command:
    """Return the command; its pages, and those of the commands in it, are translated."""
    command.context_class = context
    for inner in getattr(command, "commands", {}).values():
        speaking(inner, context)
    return command


def language_options(text: str, *, is_handed_on: bool = False) -> Callable[[Wrapped], Wrapped]:
    """Add --lang, and a --help that looks at it first, wherever it stands."""
    choice = click.Choice(["en", "ja"])
    lang = click.option("--lang", type=choice, is_eager=True, expose_value=is_handed_on, callback=_choose, help=text)
    shown = click.help_option("--help", is_eager=False)
    return lambda command: lang(shown(command))


def _choose(_: click.Context, __: click.Parameter, lang: str | None) -> str | None:
    if lang:
        os.environ[OWN_VARIABLE] = lang
    return lang


def paragraphs(text: str | None) -> list[str]:
    """Return the paragraphs of a docstring, each as one line, as the catalogue has them."""
    parts = inspect.cleandoc(text or "").partition("\f")[0].split("\n\n")
    return [" ".join(part.split()) for part in parts if part.strip()]


def _translated(command: click.Command, speaks: Say) -> click.Command:
    """Return a copy that says all of itself in the reader's language."""
    told = copy(command)
    told.help = "\n\n".join(speaks(part) for part in paragraphs(command.help))
    told.params = [_parameter(each, speaks) for each in command.params]
    if isinstance(told, click.Group):
        told.commands = {name: _listed(inner, speaks) for name, inner in told.commands.items()}
    return told


def _parameter(parameter: click.Parameter, speaks: Say) -> click.Parameter:
    told = copy(parameter)
    if isinstance(told, click.Option) and told.help:
        told.help = speaks(told.help)
    return told


def _listed(command: click.Command, speaks: Say) -> click.Command:
    """Return a copy for a list: its first sentence, whole."""
    told = copy(command)
    told.short_help = speaks(paragraphs(command.help)[0])
    return told


class _Formatter(click.HelpFormatter):
    """Breaks lines by cells, and Japanese ones between letters; click counts letters and breaks at blanks."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:  # noqa: ARG002 click's own word
        usage = say("Usage: {usage}", usage=f"{prog} {args}".rstrip())
        self._write_lines(usage, say("Usage: {usage}", usage=f"{prog} "))

    def _write_lines(self, text: str, label: str = "") -> None:
        indent = self.current_indent + cells(label)
        for line in wrapped(" " * self.current_indent + text, self.width, indent):
            self.write(f"{line}\n")

    def write_heading(self, heading: str) -> None:
        self._write_lines(f"{say(heading)}:")

    def write_text(self, text: str) -> None:
        for number, part in enumerate(paragraphs(text)):
            if number:
                self.write("\n")
            self._write_lines(part)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        listed = [(first, self._row(second)) for first, second in rows]
        left = self.current_indent + min(max(cells(first) for first, _ in listed), col_max) + col_spacing
        for first, second in listed:
            head = " " * self.current_indent + first
            if second and cells(head) > left - col_spacing:
                self.write(f"{head}\n")
                head = ""
            for line in wrapped(second, self.width - left):
                self.write(f"{head}{' ' * (left - cells(head))}{line}".rstrip() + "\n")
                head = ""

    def _row(self, text: str) -> str:
        """Translate click's own sentences, and what it adds behind ours."""
        found = _EXTRA.search(text)
        if found is None:
            return say(text) if text in WORDS else text
        extras = [self._extra(each) for each in found[1].split("; ")]
        return f"{text[: found.start()]}［{'、'.join(extras)}］"

    def _extra(self, told: str) -> str:
        key, _, value = told.partition(": ")
        if key == "default" and value:
            return say("default: {value}", value=value)
        return say("required") if told == "required" else told
