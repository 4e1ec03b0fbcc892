"""What every screen is given: the workspace, the language, how plain the terminal is, and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.core.workspace import Workspace
from tui.language import Language

if TYPE_CHECKING:
    from appliance.core.purpose import Stage


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a screen; a test gives it a clock that stands still."""

    workspace: Workspace
    language: Language
    is_ascii: bool = False  # no braille, no blocks, no box lines
    is_read_only: bool = False  # for auditors: nothing is started, decided or written
    stage: "Stage | None" = (
        None  # what a bundle must have come to before it is installed here; None: nothing is demanded
    )
    approver_key: Path | None = (
        None  # the public key that must have signed the decisions; None: the maker's word suffices
    )
    now: Callable[[], datetime] = utc_now

    @property
    def say(self) -> Callable[..., str]:
        """Translate a sentence of ours and make its values safe to show."""
        return self.language.say
