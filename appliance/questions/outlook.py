"""What a run will need and what it need not do again, told before it is started, without starting anything heavy.

Covers: which steps are sealed already (exact: their keys are computed as the worker computes them), the disk that the
copies of the model take at their peak, the memory below which it cannot go, the time by earlier runs of this workspace.
Does not cover: the peak of a training step, and its checkpoints. The run measures both before the first step and
refuses what does not fit.
"""

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.base_model.gguf_header import read_header
from appliance.base_model.locating import locate
from appliance.core.run_state import RunState
from appliance.core.runner import Work, recipe_of
from appliance.core.settings import Settings
from appliance.core.store import Artifact, Store
from appliance.core.workspace import RunFolder, Workspace
from appliance.pipeline import works_of
from appliance.release.signing import PRIVATE_KEY_FILE

# bytes a parameter on disk, measured on the demo's model of 135M; float32 is also what the canonical model takes
VARIANT_BYTES = {"float": 4.03, "int8": 1.17, "int8-64": 1.11, "int4": 0.95, "int4-64": 0.88}
FLOAT_BYTES = VARIANT_BYTES["float"]
SEARCH_BYTES = 24_000_000  # of a bundle that can be searched: the embedding model
MEMORY_BYTES = 4.0  # a parameter: float32 on a CPU, the least that must be held
HALF_BYTES = 2.0  # a parameter, of safetensors as they are published
SPARE = 0.95  # of the free memory: the rest is left to the system


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run needs and what there is; sizes in bytes."""

    steps: tuple[str, ...]
    reused: tuple[str, ...]  # steps that are sealed already
    parameters: int  # 0: not known
    disk_needed: int
    disk_free: int
    memory_needed: int  # at least
    memory_free: int
    seconds: float | None  # None: no earlier run tells
    told_by: str  # the run that tells the time

    @property
    def fits_disk(self) -> bool:
        """Whether the disk is large enough."""
        return self.disk_needed <= self.disk_free

    @property
    def fits_memory(self) -> bool:
        """Whether the least memory is there; the run itself measures the peak."""
        return self.memory_needed <= self.memory_free * SPARE


def outlook(
    settings: Settings, workspace: Workspace, run: RunFolder, earlier: Iterable[tuple[RunFolder, RunState]]
) -> Outlook:
    """Return what a run will need.

    Raises:
        InputError: the source or the base model is missing.
    """
    planned = works_of(settings, workspace, run)
    reused = tuple(sealed_steps(planned, workspace))
    parameters = _parameters(locate(settings.intake.path))
    left = [work.step.name for work in planned if work.step.name not in reused]
    seconds, told_by = _seconds(left, earlier)
    return Outlook(
        steps=tuple(work.step.name for work in planned),
        reused=reused,
        parameters=parameters,
        disk_needed=disk_needed(settings, parameters, left),
        disk_free=shutil.disk_usage(_existing(workspace.root)).free,
        memory_needed=int(parameters * MEMORY_BYTES) if left else 0,
        memory_free=free_memory(),
        seconds=seconds,
        told_by=told_by,
    )


def disk_needed(settings: Settings, parameters: int, left: Sequence[str]) -> int:
    """Return the bytes of disk that the steps that are left take at their peak.

    Beside the variants the export holds, until it is sealed, the merged model; and, while a float variant is written,
    the graph that it is written from. An adapter that ships beside its base needs that base's own float variant, too.
    """
    variants = {"float", *settings.export.variants}
    exported = sum(VARIANT_BYTES[name] for name in variants)
    shipped = max((VARIANT_BYTES[name] for name in variants - {"float"}), default=FLOAT_BYTES)
    if settings.train.grid in settings.export.variants:
        at_once = exported - VARIANT_BYTES[settings.train.grid] + 3 * FLOAT_BYTES
    else:
        at_once = FLOAT_BYTES + max(exported, 2 * FLOAT_BYTES)
    if settings.distil and "export" in left:  # at most: a student has fewer layers, and its floats are not kept
        exported += sum(VARIANT_BYTES[name] for name in variants - {"float"})
        at_once = max(at_once, exported + 3 * FLOAT_BYTES)
    kept = exported if "export" in left else 0.0
    bundles = 2 * shipped if "bundle" in left else 0.0  # sealed, and the copy that people find
    a_parameter = max(at_once if "export" in left else 0.0, kept + bundles)
    if "intake" in left:
        a_parameter += FLOAT_BYTES
    search = 2 * SEARCH_BYTES if "bundle" in left and settings.bundle.index_columns else 0
    return int(parameters * a_parameter) + search


def sealed_steps(planned: list[Work], workspace: Workspace) -> dict[str, Artifact]:
    """Return what is sealed already of a run's steps, by name, in their order.

    The path is followed as the runner does: what depends on an unsealed step is not sealed either.
    """
    kept = (workspace.vault, workspace.keys / PRIVATE_KEY_FILE, workspace.pseudonym_key)
    if not all(place.exists() for place in kept):
        return {}  # a fresh workspace has nothing to reuse
    store = Store(workspace.root)
    found: dict[str, Artifact] = {}
    for work in planned:
        if not set(work.step.inputs) <= found.keys():
            continue
        artifact = store.find(recipe_of(work, {name: each.digest for name, each in found.items()}))
        if artifact is not None:
            found[work.step.name] = artifact
    return found


def free_memory() -> int:
    """Return the bytes that programs may still take, as the kernel estimates it."""
    meminfo = Path("/proc/meminfo").read_text(encoding="ascii")
    line = next(line for line in meminfo.splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) * 1024


def _parameters(place: Path) -> int:
    if place.suffix == ".gguf":
        return read_header(place).parameters
    return int(sum(file.stat().st_size for file in place.glob("*.safetensors")) / HALF_BYTES)


def _seconds(left: list[str], earlier: Iterable[tuple[RunFolder, RunState]]) -> tuple[float | None, str]:
    """Return what the steps took in the newest finished run that did all of them itself."""
    for run, state in earlier:
        took = {step.name: step.seconds for step in state.steps if step.status == "done"}
        if left and set(left) <= took.keys():
            return sum(took[name] for name in left), run.id
    return (0.0, "") if not left else (None, "")


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if os.path.lexists(place))
