"""Runs steps in order; reuses what is sealed and unchanged.

The key of an artifact is the hash of {step, its code, content digests of its inputs, its settings, versions of its
tools}: a changed threshold that leaves the clean text as it was retrains nothing.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Protocol

from appliance.core.errors import CustodyError, GateRefused, InputError, Interrupted
from appliance.core.events import EventLog
from appliance.core.hashing import code_digest
from appliance.core.reporting import Facts, Reporter
from appliance.core.store import Artifact, Custody, Draft, Recipe, Store, disk_errors


class Stage(Protocol):
    """A plain function: inputs, the step's own settings, an empty draft, a reporter -> facts."""

    def __call__(self, inputs: Mapping[str, Artifact], settings: Any, draft: Draft, reporter: Reporter) -> Facts:
        """Write the result into the draft and return facts that may differ between attempts (seconds, speeds)."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the path: what a step reads, in which room its result lives, what its key depends on."""

    name: str
    inputs: tuple[str, ...]
    custody: Custody
    tools: tuple[str, ...] = ()  # distributions whose version changes the result
    code: tuple[str, ...] = ()  # our own packages and modules whose source changes the result
    declassifies: bool = False  # reads raw, writes clean


@dataclass(frozen=True, slots=True)
class Work:
    """One step with everything it needs for this run."""

    step: Step
    settings: Any  # as the stage gets them
    keyed: Callable[[], Mapping[str, Any]]  # as the key sees them: content digests in place of paths, taken now
    load: Callable[[], Stage]  # imports the stage only when it must run


def check_custody(steps: Sequence[Step]) -> None:
    """Refuse a path on which raw data could reach a clean room by any step but the one that declassifies.

    Raises:
        CustodyError: names the step.
    """
    rooms: dict[str, Custody] = {}
    for step in steps:
        reads_raw = any(rooms[name] == "raw" for name in step.inputs)
        if reads_raw and step.custody == "clean" and not step.declassifies:
            raise CustodyError(f"step {step.name} would carry raw data into the clean room")
        rooms[step.name] = step.custody


def run_steps(
    works: Sequence[Work],
    store: Store,
    log: EventLog,
    should_stop: Callable[[], bool],
    on_sealed: Callable[[Artifact], None],
) -> dict[str, Artifact]:
    """Run or reuse every step in order; return all artifacts by the name of their step.

    Raises:
        GateRefused: a sealed result says that the run must not go on.
        ApplianceError: as the stages raise it; what was sealed before stays sealed.
    """
    check_custody([work.step for work in works])
    sealed: dict[str, Artifact] = {}
    for work in works:
        if should_stop():
            raise Interrupted(f"stopped before {work.step.name}", hint="start the run again: it goes on from here")
        inputs = {name: sealed[name] for name in work.step.inputs}
        artifact = sealed[work.step.name] = _run(work, inputs, store, log, should_stop)
        on_sealed(artifact)
        if refused := artifact.facts.get("refused"):  # the evidence is sealed; the run ends here, now and next time
            message, hint = refused
            raise GateRefused(message, hint=hint)
    return sealed


def recipe_of(work: Work, digests: Mapping[str, str]) -> Recipe:
    """Return what decides the result of a step, given the content digests of its inputs by step."""
    step = work.step
    return Recipe(
        step=step.name,
        code=code_digest(step.code),
        custody=step.custody,
        inputs={name: digests[name] for name in step.inputs},
        settings=work.keyed(),
        tools={name: version(name) for name in step.tools},
    )


def _run(
    work: Work, inputs: Mapping[str, Artifact], store: Store, log: EventLog, should_stop: Callable[[], bool]
) -> Artifact:
    step = work.step
    recipe = recipe_of(work, {name: artifact.digest for name, artifact in inputs.items()})
    log.append("step_started", step=step.name)
    started = time.monotonic()
    artifact = store.find(recipe)
    reused = artifact is not None
    if artifact is None:
        with disk_errors(store.root):
            artifact = _make(work, recipe, inputs, store, Reporter(log, step.name, should_stop))
    log.append(
        "step_finished",
        step=step.name,
        reused=reused,
        seconds=round(time.monotonic() - started, 2),
        digest=artifact.digest,
        facts=dict(artifact.facts),
    )
    return artifact


def _make(work: Work, recipe: Recipe, inputs: Mapping[str, Artifact], store: Store, reporter: Reporter) -> Artifact:
    draft = store.draft(recipe)
    try:
        facts = work.load()(inputs, work.settings, draft, reporter)
        if work.keyed() != recipe.settings:
            raise InputError(
                f"a file that {recipe.step} reads was changed while it was read", hint="start the run again"
            )
        return store.seal(recipe, draft, facts)
    except BaseException:
        store.discard(draft)
        raise
