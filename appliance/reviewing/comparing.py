"""A blind comparison before one person: two answers, no word of whose they are, and each choice on the disk at once.

Covers: the key that tells whose answer is whose is not read before every pair is chosen, and no choice changes after
that: a rate that is seen while choices are open invites to go on until it pleases.
Does not cover: a person who opens key.json in the store.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from appliance.core.errors import InputError, SettingsError
from appliance.core.run_state import RunState
from appliance.core.settings import Settings, thaw
from appliance.core.store import sealed_folder
from appliance.core.workspace import RunFolder, Workspace
from appliance.reviewing.appending import append_durably
from appliance.reviewing.choices import (
    COMPARISON_FILE,
    KEY_FILE,
    PAIRS_FILE,
    TAKEN_BACK,
    Choice,
    standing_choices,
    tally,
)


class Pair(NamedTuple):
    """Two answers to one prompt."""

    pair: str
    prompt: str
    A: str
    B: str


class Comparison:
    """The pairs of a run, what was chosen so far by anybody, and what `by` chooses."""

    def __init__(self, sealed: Path, file: Path, by: str) -> None:
        """Read the pairs; `sealed` is the folder of the compare step, `file` the choices, there or not."""
        lines = (sealed / PAIRS_FILE).read_text(encoding="utf-8").split("\n")
        self.pairs = tuple(Pair(**json.loads(line)) for line in lines if line)
        self.file, self.by = file, by
        self._sealed = sealed
        self._stands: dict[str, tuple[Choice, str]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read what was chosen meanwhile.

        Raises:
            InputError: the file cannot be read, or a line is no choice on one of the pairs.
        """
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            text = ""
        except (OSError, UnicodeDecodeError):
            raise InputError(f"{self.file}: the choices cannot be read", hint="restore the file") from None
        whole = text[: text.rfind("\n") + 1]  # of a choice that a power cut left unfinished nobody was told
        self._stands = standing_choices(whole, {pair.pair for pair in self.pairs}, str(self.file))

    @property
    def judged(self) -> int:
        """How many pairs are chosen."""
        return len(self._stands)

    @property
    def is_complete(self) -> bool:
        """Whether every pair is chosen."""
        return self.judged == len(self.pairs)

    def is_open(self, place: int) -> bool:
        """Whether a pair is not chosen yet."""
        return self.pairs[place].pair not in self._stands

    def open_pair(self, after: int = -1) -> int | None:
        """Return the next pair that is not chosen, from the beginning again behind the last; None where none is."""
        places = [*range(after + 1, len(self.pairs)), *range(after + 1)]
        return next((place for place in places if self.is_open(place)), None)

    def place_of(self, name: str) -> int:
        """Return the place of a pair by its name.

        Raises:
            SettingsError: there is none.
        """
        names = [pair.pair for pair in self.pairs]
        if name not in names:
            raise SettingsError(f"no pair is called {name!r}", hint="appliance compare RUN --json names the open ones")
        return names.index(name)

    def choose(self, place: int, choice: Choice) -> None:
        """Write a choice to the disk.

        Raises:
            SettingsError: every pair is chosen already.
            Busy, InputError: it could not be written.
        """
        self._write(self.pairs[place].pair, choice)

    def undo(self) -> int | None:
        """Take back the newest choice of this person that stands; return its place, or None where there is none.

        Raises:
            SettingsError: every pair is chosen already.
            Busy, InputError: it could not be written.
        """
        self.refresh()
        own = [pair for pair, (_, by) in self._stands.items() if by == self.by]
        if not own:
            return None
        self._write(own[-1], TAKEN_BACK)
        return self.place_of(own[-1])

    def _write(self, pair: str, choice: str) -> None:
        self.refresh()
        if self.is_complete:
            raise SettingsError("every pair is chosen, and the result is open: the choices stand")
        line = json.dumps({"pair": pair, "by": self.by, "choice": choice}, ensure_ascii=False)
        append_durably(self.file, f"{line}\n".encode())
        self.refresh()

    def result(self) -> Mapping[str, Any] | None:
        """Return against whom, wins, losses, ties, win rate; None while a pair is open, or where no answer differs."""
        if not self.pairs or not self.is_complete:
            return None
        key = json.loads((self._sealed / KEY_FILE).read_text(encoding="utf-8"))
        against = json.loads((self._sealed / COMPARISON_FILE).read_text(encoding="utf-8"))["against"]
        return {"against": against, **tally({pair: choice for pair, (choice, _) in self._stands.items()}, key)}


def open_comparison(run: RunFolder, state: RunState, workspace: Workspace, by: str) -> Comparison:
    """Open the pairs of a run for one person.

    Raises:
        SettingsError: the run has drawn none yet.
        InputError: the file of choices is not about these pairs.
        IntegrityError: the sealed pairs are not there any more.
    """
    digest = next((step.digest for step in state.steps if step.name == "compare"), "")
    if not digest:
        raise SettingsError(f"{run.id} has drawn no pairs yet", hint=f"appliance follow {run.id}")
    sealed = sealed_folder(workspace.root / "store", "compare", digest)
    settings = thaw(run.settings.read_text(encoding="utf-8"))
    assert isinstance(settings, Settings), "the intake of a model has no such step"
    return Comparison(sealed, settings.compare.choices or run.choices, by)
