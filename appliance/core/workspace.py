"""Where everything of one appliance lies.

workspace/
  store/           sealed clean artifacts
  vault/           sealed raw artifacts and pseudonyms, encrypted; their keys; the log of who revealed what (0700)
  runs/<id>/       settings.json, events.jsonl, worker.log, lock, decisions.jsonl, choices.jsonl, report/
  keys/            the signing key of this workspace
  approvals/       what an approver has overridden, signed
  models/<name>/   signed reports on received base models
  bundles/<name>/  released bundles, ready to be copied to a factory
"""

import os
from dataclasses import dataclass
from pathlib import Path

WORKSPACE_VARIABLE = "APPLIANCE_WORKSPACE"
SETTINGS = "settings.json"  # in the folder of a run


@dataclass(frozen=True, slots=True)
class Workspace:
    """The root folder of an appliance; nothing is made before it is needed."""

    root: Path

    @property
    def runs(self) -> Path:
        """One folder a run."""
        return self.root / "runs"

    @property
    def keys(self) -> Path:
        """The signing key pair."""
        return self.root / "keys"

    @property
    def bundles(self) -> Path:
        """Released bundles."""
        return self.root / "bundles"

    @property
    def models(self) -> Path:
        """Signed reports on received base models."""
        return self.root / "models"

    @property
    def vault(self) -> Path:
        """Raw artifacts, the pseudonyms, and the keys of both."""
        return self.root / "vault"

    @property
    def pseudonym_key(self) -> Path:
        """The secret that every replacement follows from: the same key gives the same ones on another machine."""
        return self.vault / "pseudonym-key"

    @property
    def audit_log(self) -> Path:
        """Who revealed what."""
        return self.vault / "audit.jsonl"

    @property
    def approvals(self) -> Path:
        """Signed overrides of verdicts, in a folder for each name of a run."""
        return self.root / "approvals"

    @property
    def lock(self) -> Path:
        """Held by the one worker of the workspace."""
        return self.root / "worker.lock"

    def all_runs(self) -> list["RunFolder"]:
        """Return all runs, the newest first.

        Raises:
            FileNotFoundError: a run was removed meanwhile.
        """
        if not self.runs.is_dir():
            return []
        files = [folder / SETTINGS for folder in self.runs.iterdir()]
        times = {file.parent.name: file.stat().st_mtime for file in files if file.exists()}
        return [self.run(name) for name in sorted(times, key=lambda name: times[name], reverse=True)]

    def run(self, run_id: str) -> "RunFolder":
        """Return the folder of a run, made or not."""
        return RunFolder(run_id, self.runs / run_id)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run."""

    id: str
    folder: Path

    @property
    def settings(self) -> Path:
        """The frozen settings, as JSON."""
        return self.folder / SETTINGS

    @property
    def events(self) -> Path:
        """The event file."""
        return self.folder / "events.jsonl"

    @property
    def lock(self) -> Path:
        """Held by the worker of this run while it lives."""
        return self.folder / "lock"

    @property
    def log(self) -> Path:
        """Whatever the libraries print."""
        return self.folder / "worker.log"

    @property
    def decisions(self) -> Path:
        """What reviewers decided, where the settings name no other file; places and ids, never text."""
        return self.folder / "decisions.jsonl"

    @property
    def report(self) -> Path:
        """A copy of the report that people decide on, of a run that is refused, too."""
        return self.folder / "report"

    @property
    def choices(self) -> Path:
        """What people chose in the blind comparison, where the settings name no other file; never text."""
        return self.folder / "choices.jsonl"

    @property
    def traceback(self) -> Path:
        """Where a bug of our own leaves its trace, without any value."""
        return self.folder / "traceback.txt"


def default_root() -> Path:
    """Return $APPLIANCE_WORKSPACE, or `workspace` in the current folder."""
    return Path(os.environ.get(WORKSPACE_VARIABLE, "workspace")).absolute()
