"""Starting and stopping a run from any screen: the service does it, here people are asked and told.

The service is imported when it is needed: with the settings' models it takes a third of the start.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from appliance.core.errors import ApplianceError
from appliance.core.workspace import RunFolder
from tui.screens.confirm import ConfirmScreen
from tui.screens.localized import LocalizedScreen
from tui.screens.reading import ReadingScreen
from tui.screens.typing import TypeScreen
from tui.streaming import streamed


def start_again(screen: LocalizedScreen[Any], run: RunFolder) -> None:
    """Start a worker for the run in a thread; say what came of it."""
    screen.app.notify(screen.say("Starting {run} …", run=run.id), markup=False)
    screen.app.run_worker(_start(screen, run), group=f"start-{run.id}", exclusive=False, exit_on_error=True)


async def _start(screen: LocalizedScreen[Any], run: RunFolder) -> None:
    from appliance import service  # noqa: PLC0415 as said above

    try:
        await asyncio.to_thread(service.start, run, screen.context.workspace)
    except ApplianceError as error:
        screen.tell_error(error, screen.say("Not started"))


def ask_to_stop(screen: LocalizedScreen[Any], run: RunFolder) -> None:
    """Ask first; then the worker saves a checkpoint and ends."""
    from appliance import service  # noqa: PLC0415 as said above

    say = screen.say
    question = say("Stop {run} after its next checkpoint? What is sealed is kept; r goes on.", run=run.id)
    _ask(screen, question, say("Stop"), lambda: service.stop(run), say("Stopping after the next checkpoint."))


def ask_to_stop_now(screen: LocalizedScreen[Any], run: RunFolder) -> None:
    """Ask first; then the worker ends at once."""
    from appliance import service  # noqa: PLC0415 as said above

    say = screen.say
    question = say("Stop {run} at once? What came after its last checkpoint is lost; r goes on from there.", run=run.id)
    _ask(screen, question, say("Stop now"), lambda: service.stop_now(run), say("Stopped."))


def _ask(screen: LocalizedScreen[Any], question: str, yes: str, stop: Callable[[], bool], done: str) -> None:
    def answered(is_confirmed: bool | None) -> None:
        if is_confirmed:
            screen.app.notify(done if stop() else screen.say("It does not run."), markup=False)

    screen.app.push_screen(ConfirmScreen(screen.context, question, yes), answered)


async def try_prompt(screen: LocalizedScreen[Any], run: RunFolder) -> None:
    """Ask for a prompt, let a child process answer it, and show the answer."""
    from appliance import service  # noqa: PLC0415 as said above

    advice = screen.say("The newest checkpoint answers; the training goes on.")
    prompt = await screen.app.push_screen_wait(TypeScreen(screen.context, screen.say("Try a prompt"), "", advice))
    if not prompt:
        return
    screen.app.notify(screen.say("Loading the newest checkpoint …"), markup=False)
    try:
        async with aclosing(streamed(service.try_prompt(run, screen.context.workspace, prompt))) as lines:
            async for told in lines:
                where = (
                    screen.say("checkpoint {step}", step=told["step"])
                    if told["step"]
                    else screen.say("finished adapter")
                )
                shown = [prompt, "", told["answer"], "", f"{where}  {told['seconds']} s"]
                screen.app.push_screen(ReadingScreen(screen.context, screen.say("Answer"), shown))
    except ApplianceError as error:
        screen.tell_error(error, screen.say("No answer"))
