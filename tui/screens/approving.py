"""Asking the approver: the file of their key, their name, why, and once more before an override is signed.

The key's content is read by the service alone: what stands on the screen is its path.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance import service
from appliance.core.errors import ApplianceError
from appliance.core.reasons import reasons_of
from appliance.core.workspace import RunFolder
from appliance.release.approval import Approval
from appliance.release.approving import Word
from tui.screens.confirm import ConfirmScreen
from tui.screens.files import FileScreen, sticks
from tui.screens.localized import LocalizedScreen
from tui.screens.typing import TypeScreen
from tui.verdict_wording import refused_names


async def ask_approval(screen: LocalizedScreen[Any], run: RunFolder, verdict: Mapping[str, Any]) -> Approval | None:
    """Ask for everything that an approval needs, and have it signed; None where it was not."""
    say, gates = screen.say, refused_names(verdict)
    advice = "\n".join(
        say("{gate}: {reasons}", gate=gate["name"], reasons=reasons_of(gate))
        for gate in verdict["gates"]
        if gate["status"] == "refused"
    )
    word = await ask_word(screen, say("Who approves?"), advice)
    if word is None:
        return None
    question = say(
        "Override {gates} as {by}? Name, time and reason stay in the bundle, the report and the log: {reason}",
        gates=gates,
        by=word.by,
        reason=word.reason,
    )
    if not await screen.app.push_screen_wait(ConfirmScreen(screen.context, question, say("Override"))):
        return None
    try:
        return await asyncio.to_thread(service.approve, run, screen.context.workspace, word)
    except ApplianceError as error:
        screen.tell_error(error, say("Not approved"))
        return None


async def ask_word(screen: LocalizedScreen[Any], who: str, advice: str) -> Word | None:
    """Ask for the file of the approver's key, a name and a reason; None where one is not given."""
    say, app, context = screen.say, screen.app, screen.context
    start = next(iter(sticks()), Path.home())
    key = await app.push_screen_wait(FileScreen(context, say("The approver's private key (a file) …"), start, "file"))
    if key is None:
        return None
    by = await app.push_screen_wait(TypeScreen(context, who, "", advice))
    if not by:
        return None
    reason = await app.push_screen_wait(TypeScreen(context, say("Why? No personal data"), "", advice))
    return Word(key, by, reason) if reason else None
