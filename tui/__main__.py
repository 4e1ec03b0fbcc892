"""The console script `appliance-tui`: refuses where nothing can be drawn, else opens the screens."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from appliance.core.help_texts import SpeakingContext, language_options, speaking
from appliance.core.languages import LanguageCode, language_code
from appliance.core.workspace import Workspace, default_root
from tui.context import Context
from tui.language import language, message

USAGE = 2  # exit status
STAGES = (
    "poc",
    "evaluation",
    "roll-out",
)  # here again: the settings' models take longer to import than the first paint
# each writes what the screen shows to a file or to another machine, and Textual reads them when it is imported
LEAKING_VARIABLES = (
    "TEXTUAL",
    "TEXTUAL_DEVTOOLS_HOST",
    "TEXTUAL_LOG",
    "TEXTUAL_SCREENSHOT",
    "TEXTUAL_SCREENSHOT_FILENAME",
    "TEXTUAL_SCREENSHOT_LOCATION",
)
# a size that a shell has exported is taken for that of the window, and does not change with it
FIXED_SIZE = ("COLUMNS", "LINES")


class _Context(SpeakingContext):
    """Speaks by the catalogue of the screens."""

    speaks = staticmethod(lambda sentence, **values: language(language_code()).say(sentence, **values))


@click.command(
    "appliance-tui",
    help=message("Show the runs of a workspace, and follow them. Leaving it leaves every run going on."),
)
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    help=message("Folder of all runs and artifacts [$APPLIANCE_WORKSPACE, else ./workspace]."),
)
@language_options(message("Language [as kept, else LC_ALL, LC_MESSAGES, LANG]."), is_handed_on=True)
@click.option("--ascii", "is_ascii", is_flag=True, help=message("Draw with plain ASCII characters."))
@click.option(
    "--read-only", "is_read_only", is_flag=True, help=message("For auditors: show everything, change nothing.")
)
@click.option(
    "--stage",
    type=click.Choice(STAGES),
    envvar="APPLIANCE_STAGE",
    help=message("Install no bundle that has not come to this stage [$APPLIANCE_STAGE]."),
)
@click.option(
    "--approver-key",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="APPLIANCE_APPROVER_KEY",
    help=message("The approver's public key, as for the command install [$APPLIANCE_APPROVER_KEY]."),
)
def command(workspace: Path | None, lang: LanguageCode | None, **how: Any) -> None:
    """Open the screens, or say what does the same where nothing can be drawn."""
    root = (workspace or default_root()).absolute()
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        spoken = language(lang or language_code())
        click.echo(spoken.say("This terminal cannot draw screens. The same without them:"), err=True)
        click.echo("  appliance runs\n  appliance follow RUN", err=True)
        sys.exit(USAGE)
    sys.exit(_show(Context(Workspace(root), language("en"), **how), lang))


def _show(asked: Context, lang: LanguageCode | None) -> int:
    """Open the screens; a change of the language opens them anew."""
    for name in (*LEAKING_VARIABLES, *FIXED_SIZE):
        os.environ.pop(name, None)
    from tui.app import ApplianceApp  # noqa: PLC0415 Textual reads the variables above when it is imported
    from tui.preferences import Preferences, load_preferences, preferences_file  # noqa: PLC0415 imports Textual
    from tui.terminal import WatchedTerminal  # noqa: PLC0415 as above

    liked = load_preferences(preferences_file())
    liked = replace(liked, language=lang or liked.language, is_ascii=asked.is_ascii or liked.is_ascii)
    while True:
        spoken = language(liked.language or language_code())
        context = replace(asked, language=spoken, is_ascii=liked.is_ascii)
        is_plain = bool(os.environ.get("NO_COLOR"))
        app = ApplianceApp(context, is_plain=is_plain, theme=liked.theme, driver_class=WatchedTerminal)
        changed = app.run()
        if not isinstance(changed, Preferences):
            return app.return_code or 0
        liked = changed


def main() -> None:
    """Run the console script."""
    speaking(command, _Context)(prog_name="appliance-tui")


if __name__ == "__main__":
    main()
