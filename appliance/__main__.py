"""The command line: `appliance COMMAND`. One file a command; each is imported only when it is called.

Covers: every failure ends with a message, what to do, and an exit status; never with a traceback, whose values may
quote the text of a record.
"""

import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import NoReturn

import click

from appliance.core.ending import end_with
from appliance.core.extras import require
from appliance.core.help_texts import SpeakingContext, language_options, speaking
from appliance.core.language import message, say
from appliance.core.telling import tell_text

# name -> one line of help, so that `appliance --help` imports no command at all
COMMANDS = {
    "doctor": message("Tell what this machine can do, and how to mend what it cannot."),
    "demo": message("Run the whole path on embedded data and print what happened."),
    "preview": message("Look at a source: encoding, columns, counts, kinds of personal data."),
    "new": message("Write the TOML file of a run."),
    "plan": message("Tell what a run will need, whether it fits, and what it reuses."),
    "model": message("Take a base model in: risk, provenance, licence, claims."),
    "run": message("Run, or go on with, the run that a TOML file describes."),
    "runs": message("List the runs of the workspace and what each one needs next."),
    "follow": message("Follow a run that is going on."),
    "approve": message("Override a verdict that refuses, with the approver's key and a reason."),
    "decide": message("End a stage of a project with the approver's signed decision."),
    "compare": message("Pick the better of two answers, without knowing whose they are."),
    "stop": message("Ask a run to stop after its next checkpoint."),
    "try-prompt": message("Answer a prompt with what a run has learnt so far."),
    "review": message("Decide on the findings of a run that waits for a person."),
    "learn-ids": message("Learn the form of the company's own identifiers from examples."),
    "reveal": message("Show what a placeholder stands for; needs the vault's key, and is logged."),
    "hand-over": message("Write a bundle to a stick, and read it back from there."),
    "verify": message("Check a bundle's signature and every file, without installing it."),
    "audit": message("Recompute what the reports of a bundle say; find a changed number."),
    "install": message("Check a bundle and install it on this machine."),
    "roll-back": message("Put the version before this one back into service."),
    "token": message("Say who may ask the server of this machine."),
    "cost": message("Measure what a request costs on this machine: seconds, joules."),
    "generate": message("Answer with the installed model, offline."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    context_class = SpeakingContext

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Return the names in the order of the path."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"appliance.commands.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return speaking(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 as above
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, say(told)) for name, told in COMMANDS.items()])


@click.group(cls=LazyGroup, invoke_without_command=True)
@click.version_option(version("adaptation-appliance"), prog_name="appliance")
@language_options(message("Language [as LC_ALL, LC_MESSAGES, LANG say]."))
@click.pass_context
def appliance(ctx: click.Context) -> None:
    """Company text in; an adapted, signed model that answers offline out.

    Without a command it opens the terminal UI.
    """
    if ctx.invoked_subcommand is None:
        _open_terminal_ui(ctx)


def _open_terminal_ui(ctx: click.Context) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        tell_text(ctx.get_help(), err=True)
        ctx.exit(2)
    require("tui")
    os.execv(sys.executable, [sys.executable, "-m", "tui"])  # noqa: S606 replaces this process, no shell


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; every failure ends with a message, a hint and its exit status."""
    end_with(lambda: appliance.main(args=arguments, prog_name="appliance", standalone_mode=False))


if __name__ == "__main__":
    main()
