"""Whether the name and version of a bundle are free, asked before hours are spent on it.

Covers: a bundle with another content that lies there already; the run's end looks again, at every byte.
Does not cover: a name that another run takes meanwhile; a run of which only steps are left that people change later
(an audit, choices, an override): they take seconds, and may give the same bundle.
"""

from collections.abc import Iterator

from pydantic import ValidationError

from appliance.core.events import read_events
from appliance.core.settings import Settings, thaw
from appliance.core.workspace import RunFolder, Workspace
from appliance.pipeline import works_of
from appliance.questions.outlook import sealed_steps
from appliance.release.publishing import name_taken, published_digest

LATE = frozenset({"residual", "compare", "gates", "report", "bundle"})  # what people write goes into these


def check_name(settings: Settings, workspace: Workspace, run: RunFolder) -> None:
    """Refuse a run whose bundle would bear the name and version of another one, unless this run made that one.

    Raises:
        SettingsError: says how to mend it, as the run's end would.
    """
    target = workspace.bundles / settings.bundle.folder
    if not target.exists():
        return
    published = published_digest(target)
    if published in _made_by(run):
        return
    planned = works_of(settings, workspace, run)
    sealed = sealed_steps(planned, workspace)
    if "bundle" in sealed and sealed["bundle"].facts["digest"] == published:
        return
    left = {work.step.name for work in planned} - sealed.keys()
    if left and left <= LATE:
        return
    raise name_taken(target)


def check_planned(run: RunFolder, workspace: Workspace) -> None:
    """The same of a run that was planned; what another edition planned is left to its worker.

    Raises:
        SettingsError: as `check_name` does.
    """
    try:
        settings = thaw(run.settings.read_text(encoding="utf-8"))
    except (OSError, ValidationError, ValueError):
        return
    if isinstance(settings, Settings):
        check_name(settings, workspace, run)


def _made_by(run: RunFolder) -> Iterator[str]:
    """Yield the digest of every bundle that this run has sealed, in all its attempts."""
    for event in read_events(run.events).events:
        if event.kind == "step_finished" and event.fields["step"] == "bundle":
            yield str(event.fields["facts"].get("digest"))
