"""Signs the chosen variant, with its tokenizer and all reports, as one bundle. Clean. Refuses against the verdict."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.base_model.chat import prompt_text
from appliance.base_model.loading import load_tokenizer
from appliance.base_model.locating import model_folder
from appliance.base_model.received import LEGAL
from appliance.core.errors import GateRefused, InputError
from appliance.core.hashing import content_digest
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import BundleSettings
from appliance.core.store import Artifact, Draft
from appliance.evidence.dossier import CARD
from appliance.release.building import build
from appliance.release.manifest import (
    BaseModelFacts,
    BundleFacts,
    Generation,
    Override,
    Prompt,
    StageDecision,
    TaskFacts,
    Verdict,
    part_of,
)
from appliance.release.publishing import REPORT
from appliance.release.signing import load_private_key
from appliance.serve.grammar import Grammars
from appliance.serve.prompting import TOKENIZER_FILE, Prompter
from appliance.stages import evaluate, gates, verify
from appliance.stages.bundle_index import search_parts
from appliance.stages.gates import check_verdict
from appliance.stages.report import PURPOSE, sealed_files
from appliance.stages.train import PRIVACY
from appliance.training.forms import task_facts
from appliance.training.task import Task, read_task

BUNDLE = "bundle"
MARK = "\x1f"  # stands for the person's text while the template is rendered; no template and no text holds it


def run(inputs: Mapping[str, Artifact], settings: BundleSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the signed bundle.

    Raises:
        GateRefused: the verdict refuses and nobody has overridden it, or no variant keeps its limits.
        InputError: what the factory would send to the model is not what it was trained on, or the form of the task's
            answers cannot be enforced there.
    """
    chosen = _chosen(inputs)
    task = read_task(inputs["prepare"])
    tokenizer = load_tokenizer(model_folder(inputs["intake"]))
    prompt = fixed_prompt(tokenizer, task.instruction)
    tokenizer_file = model_folder(inputs["intake"]) / TOKENIZER_FILE
    _check_prompt(tokenizer, tokenizer_file, prompt, task)
    told = told_of(task, inputs["train"], settings)
    if told.has_form:  # what cannot be enforced there is refused here
        Grammars(tokenizer_file, vocabulary=len(tokenizer), stop_ids=prompt.stop_ids).of_task(told)
    variant = inputs["export"].folder / chosen
    kind = inputs["verify"].read_json(verify.VERDICT)["variants"][chosen]["kind"]
    parts = {file.name: file for file in sorted(variant.iterdir())}
    parts |= sealed_files(inputs) | _report(inputs["report"])
    model = model_folder(inputs["intake"])  # its licence and notice go wherever its weights go
    parts |= {f"base_model/{name}": model / name for name in LEGAL if (model / name).exists()}
    if settings.index_columns:
        parts |= search_parts(inputs["anonymize"], settings.index_columns, draft.scratch, reporter)
    assert settings.signing_key
    folder = draft.folder / BUNDLE
    folder.mkdir()
    facts = _facts(inputs, settings, kind, prompt).model_copy(update={"task": told})
    verified = build(folder, parts, facts, load_private_key(settings.signing_key))
    reporter.note(f"signed {settings.name} {settings.version} with the key {verified.key_id[:12]}")
    return {
        "name": settings.name,
        "folder": settings.folder,
        "version": settings.version,
        "variant": chosen,
        "bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        "digest": verified.digest,
        "key_id": verified.key_id,
    }


def _report(report: Artifact) -> dict[str, Path]:
    """Return what people read, by its name in the bundle; the purpose stands beside the facts."""
    names = (name for name in report.facts["files"] if name != PURPOSE)
    return {f"report/{name}": report.folder / name for name in names} | {CARD: report.folder / PURPOSE}


def _chosen(inputs: Mapping[str, Artifact]) -> str:
    check_verdict(inputs["gates"].read_json(gates.VERDICT))
    chosen = inputs["verify"].read_json(verify.VERDICT)["chosen"]
    if chosen is None:  # an approver can accept a risk, not a model that is not there
        raise GateRefused("no variant keeps its limits, and none can be signed", hint="see the limits in [verify]")
    return str(chosen)


def told_of(task: Task, trained: Artifact, settings: BundleSettings) -> TaskFacts:
    """Return what the manifest tells of a task: of a private training, or where it is not wished, the kind alone.

    A label, or the name of a field, may stand in one example only: no epsilon would bound that it is told.
    """
    is_private = (trained.folder / PRIVACY).exists()
    answers = [example.completion for example in task.train]
    return task_facts(task.kind, answers, with_form=settings.constrained and not is_private)


def fixed_prompt(tokenizer: Any, instruction: str) -> Prompt:
    """Render the chat template once, around a mark: the factory needs no template engine."""
    prefix, suffix = prompt_text(tokenizer, instruction, MARK).split(MARK)
    return Prompt(prefix=prefix, suffix=suffix, stop_ids=(tokenizer.eos_token_id,), add_special_tokens=False)


def _check_prompt(tokenizer: Any, tokenizer_file: Path, prompt: Prompt, task: Task) -> None:
    """Every held-out prompt must become the very tokens that the model was trained and measured on."""
    prompter = Prompter(tokenizer_file, prompt, limit=task.max_tokens)
    for example in task.test:
        text = prompt_text(tokenizer, task.instruction, example.prompt)
        if prompter.tokens(example.prompt) != tokenizer(text, add_special_tokens=False)["input_ids"]:
            raise InputError(
                f"example {example.id}: the factory's tokens differ from those of training",
                hint="this base model's tokenizer joins the prompt with its frame: choose another base model",
            )


def _base_digest(received: Mapping[str, str]) -> str:
    """Return the digest of the one file that was received, or one over all of them."""
    return next(iter(received.values())) if len(received) == 1 else content_digest(received)


def _verdict(judged: Mapping[str, Any]) -> Verdict:
    override = judged["override"]
    return Verdict(
        passed=judged["passed"],
        refused=tuple(gate["name"] for gate in judged["gates"] if gate["status"] == "refused"),
        not_tested=tuple(gate["name"] for gate in judged["gates"] if gate["status"] == "not tested"),
        digest=judged["digest"],
        override=part_of(Override, override) if override else None,
    )


def _facts(inputs: Mapping[str, Artifact], settings: BundleSettings, kind: str, prompt: Prompt) -> BundleFacts:
    report = inputs["intake"].read_json(REPORT)
    received: dict[str, str] = report["received"]
    name = next(name for name in received if name.endswith((".gguf", ".safetensors")))
    stage = inputs["gates"].read_json(gates.DECISIONS)
    limit = inputs["evaluate"].read_json(evaluate.GENERATION)["max_new_tokens"]
    base = BaseModelFacts(name=name, sha256=_base_digest(received), licence=report["licence"]["accepted"])
    return BundleFacts(
        name=settings.name,
        version=settings.version,
        variant=kind,  # type: ignore[arg-type]  # one of the three, checked by pydantic
        licence=report["licence"]["accepted"],
        base_model=base,
        prompt=prompt,
        generation=Generation(max_new_tokens=limit),
        verdict=_verdict(inputs["gates"].read_json(gates.VERDICT)),
        stage=stage["stage"],
        project=inputs["report"].read_json(PURPOSE)["name"],
        decisions=tuple(part_of(StageDecision, each["decision"]) for each in stage["decisions"]),
    )
