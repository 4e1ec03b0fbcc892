"""Teaches a student: the adapted model with fewer layers, from what the whole one says of the training examples. Clean.

The step exists only where [distil] asks for it. It trains as [train] does, with the same batches and checkpoints; what
ships is decided by the gates of every other variant.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from appliance.base_model.loading import compute_dtype, pick_device
from appliance.core.distil_section import DistilSettings
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import TrainSettings
from appliance.core.store import Artifact, Draft
from appliance.evaluation.generating import completion_nll
from appliance.stages.train import CURVE, MEASURED
from appliance.training.adapter import merged, save_adapter
from appliance.training.arithmetic import computing_with, cpu_capability
from appliance.training.checkpoints import newest_checkpoint
from appliance.training.distilling import Distillation
from appliance.training.frozen_base import ADAPTER, adapted_base
from appliance.training.learnt_rows import learnt_rows
from appliance.training.plan import Execution, TrainPlan, TrainPoint
from appliance.training.planning import forecast, refuse_if_too_big
from appliance.training.qlora import train
from appliance.training.student import cut, kept_layers
from appliance.training.teaching import Lessons, Question, ask, read_lessons

DISTILLATION = "distillation.json"
TEACHING = "lessons"  # folder of what the teacher said, in the scratch and then in the result


@dataclass(frozen=True, slots=True)
class _Lesson:
    """A student at its start, what it learns from, and how."""

    student: Any
    loss: Distillation
    plan: TrainPlan
    kept: tuple[int, ...]
    layers: int  # of the teacher
    parameters: tuple[int, int]  # of the student, of the teacher


def run(inputs: Mapping[str, Artifact], settings: DistilSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the student's adapter, the layers that it is of, what the teacher said, and the learning curve.

    Raises:
        InputError: the student would have as many layers as its teacher, or they cannot be taken apart.
        ResourceError: the training does not fit into this machine, says what would; or the GPU is not there.
    """
    assert settings.training is not None
    with computing_with(inputs["train"].facts["threads"]):
        return _taught(inputs, settings, draft, reporter)


def student_of(inputs: Mapping[str, Artifact]) -> Any:
    """Return the taught student as a plain float model."""
    kept = inputs["distil"].read_json(DISTILLATION)["kept"]
    return merged(cut(_teacher(inputs), kept), inputs["distil"].folder / ADAPTER)


def _teacher(inputs: Mapping[str, Artifact]) -> Any:
    return merged(adapted_base(inputs), inputs["train"].folder / ADAPTER)


def _taught(inputs: Mapping[str, Artifact], settings: DistilSettings, draft: Draft, reporter: Reporter) -> Facts:
    lesson = _lesson(inputs, settings, draft.scratch, reporter)
    plan = lesson.plan
    before = _held_out(lesson, lesson.student)
    planned = _planned(lesson, draft.scratch, reporter)

    def report(point: TrainPoint) -> None:
        reporter.say(point.step, point.steps, "steps of the student")

    outcome = train(lesson.student, plan, draft.scratch, report, reporter.should_stop, loss=lesson.loss)
    after = _held_out(lesson, outcome.model)
    save_adapter(outcome.model, draft.folder / ADAPTER)
    shutil.copytree(draft.scratch / TEACHING, draft.folder / TEACHING)
    told = {
        "kept": list(lesson.kept),
        "layers": lesson.layers,
        "parameters": {"student": lesson.parameters[0], "teacher": lesson.parameters[1]},
        "examples": len(plan.train),
        "held_out": len(plan.valid),
        "steps": plan.steps,
        "before": before,
        "after": after,
        "teacher_loss": _last_held_out(inputs["train"].read_json(CURVE)),
        "settings": settings.model_dump(mode="json", exclude={"training"}),
    }
    curve = [{key: value for key, value in asdict(point).items() if key not in MEASURED} for point in outcome.curve]
    draft.write_json(DISTILLATION, {**told, "curve": curve})
    reporter.note(
        f"student of {len(lesson.kept)} of {lesson.layers} layers: held-out loss {before['loss']:.3f} before and "
        f"{after['loss']:.3f} after {plan.steps} steps"
    )
    seconds = {"seconds": round(outcome.seconds, 1), "processor_seconds": round(outcome.work, 1)}
    return {**told, **seconds, "planned": planned, "resumed_from": outcome.resumed_from}


def _lesson(inputs: Mapping[str, Artifact], settings: DistilSettings, scratch: Path, reporter: Reporter) -> _Lesson:
    facts, training = inputs["train"].facts, inputs["train"]
    trained, held_out = learnt_rows(inputs["intake"], inputs["prepare"], training)
    question = Question((*trained, *held_out), settings.top_k, settings.temperature, training.digest)
    how = _how(settings, facts)
    device = pick_device(how.device)
    dtype = compute_dtype(device)
    teacher = _teacher(inputs).to(device)
    lessons = _lessons(teacher, question, scratch / TEACHING, how.batch_size, reporter)
    kept, layers = kept_layers(lessons.influence, settings.layers), len(lessons.influence)
    student = cut(teacher, kept).to(device, dtype)
    # a checkpoint of another student, of another teacher or of another mixture is not taken up
    taught = f"layers {list(kept)} of {training.digest}, {settings.model_dump_json(exclude={'training'})}"
    base = f"{inputs['intake'].digest}: {taught} on {device}, {cpu_capability()}"
    execution = Execution(gradient_checkpointing=how.gradient_checkpointing)
    plan = TrainPlan(trained, held_out, how, how.seed, base, execution)
    sizes = (student.num_parameters(), teacher.num_parameters())
    return _Lesson(student, Distillation(lessons, settings.teacher_share), plan, kept, layers, sizes)


def _how(settings: DistilSettings, facts: Mapping[str, Any]) -> TrainSettings:
    """Return how a step is taken: as in [train], but for what [distil] says itself; in one process, in float32."""
    assert settings.training is not None
    own = {name: getattr(settings, name) for name in ("epochs", "learning_rate", "rank", "alpha")}
    plain = {"method": "lora", "sweep": (), "packing": False, "processes": 1, "dtype": "float32"}
    return settings.training.model_copy(update={**own, **plain, "threads": facts["threads"]})


def _lessons(teacher: Any, question: Question, folder: Path, batch_size: int, reporter: Reporter) -> Lessons:
    """Return what the teacher says, from an earlier attempt where that had asked it."""
    kept = read_lessons(folder, question)
    if kept is not None:
        return kept
    ask(teacher, question, folder, batch_size, lambda done, total: reporter.progress(done, total, "examples asked"))
    asked = read_lessons(folder, question)
    assert asked is not None
    return asked


def _held_out(lesson: _Lesson, model: Any) -> dict[str, float]:
    """Return loss and divergence from the teacher on the rows that are held out, nats a labelled token."""
    rows, size = lesson.plan.valid, lesson.plan.settings.batch_size
    loss, _ = completion_nll(model, rows, size)
    return {"loss": loss, "divergence": lesson.loss.divergence(model, rows, size)}


def _last_held_out(curve: Sequence[Mapping[str, Any]]) -> float | None:
    return next((each["valid_loss"] for each in reversed(curve) if each["valid_loss"] is not None), None)


def _planned(lesson: _Lesson, scratch: Path, reporter: Reporter) -> dict[str, Any]:
    """Tell what the student will need, unless it is taken up again: then it fitted before."""
    if newest_checkpoint(scratch / lesson.plan.fingerprint()[:16]) is not None:
        return {}
    told = forecast(lesson.student, lesson.plan, scratch, loss=lesson.loss)
    refuse_if_too_big(told)
    answers = lesson.loss.lessons.bytes
    reporter.note(
        f"student planned: {told.memory_bytes / 1e9:.1f} of {told.memory_limit_bytes / 1e9:.1f} GB memory, "
        f"{told.duration.seconds:.0f} s, {told.disk_bytes / 1e9:.2f} GB of disk; "
        f"{answers / 1e6:.1f} MB of the teacher's answers are kept"
    )
    seconds = {"seconds": round(told.duration.seconds, 1), "processor_seconds": round(told.duration.work, 1)}
    return {"memory_bytes": told.memory_bytes, **seconds, "disk_bytes": told.disk_bytes, "lessons_bytes": answers}
