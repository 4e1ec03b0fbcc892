"""What the screens about one run share: which run it is."""

from appliance.core.workspace import RunFolder
from tui.context import Context
from tui.screens.localized import LocalizedScreen


class RunScreen(LocalizedScreen[None]):
    """A screen about one run; the screen that is opened next is about the same."""

    def __init__(self, context: Context, run: RunFolder) -> None:
        super().__init__(context)
        self._run = run

    @property
    def run_in_hand(self) -> RunFolder:
        """The run that this screen is about."""
        return self._run
