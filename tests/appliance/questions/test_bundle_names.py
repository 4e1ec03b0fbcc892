"""A name and version that another bundle bears: refused before a worker starts, not at the end of its work."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance import service
from appliance.core.cipher import load_key
from appliance.core.errors import SettingsError
from appliance.core.events import EventLog
from appliance.core.hashing import folder_digests
from appliance.core.runner import recipe_of
from appliance.core.settings import Settings, parse_settings
from appliance.core.store import Store
from appliance.core.workspace import RunFolder, Workspace
from appliance.pipeline import works_of
from appliance.questions.bundle_names import LATE
from appliance.release.building import build
from appliance.release.manifest import BaseModelFacts, BundleFacts, Prompt
from appliance.release.publishing import own_keys, publish, published_digest
from appliance.release.signing import load_private_key
from appliance.release.verifying import verify


@dataclass(frozen=True)
class Project:
    """A run that could start, in a workspace where a bundle of its name and version lies already."""

    settings: Settings
    workspace: Workspace
    other: str  # digest of that bundle

    @property
    def run(self) -> RunFolder:
        return service.run_of(self.settings, self.workspace)

    def seal(self, *, without: frozenset[str] = frozenset(), digest: str = "") -> None:
        """Seal the steps of the run, as an earlier run with the same of them did."""
        store, digests = Store(self.workspace.root), {}
        for work in works_of(self.settings, self.workspace, self.run):
            if work.step.name in without or not set(work.step.inputs) <= digests.keys():
                continue
            recipe = recipe_of(work, digests)
            draft = store.draft(recipe)
            draft.write_json("result.json", work.step.name)
            digests[work.step.name] = store.seal(recipe, draft, {"digest": digest or self.other}).digest


def signed(folder: Path, source: str, workspace: Workspace) -> Path:
    """Sign a bundle `orders` 1 of one file."""
    file = folder.with_suffix(".txt")
    file.write_text(source, encoding="utf-8")
    facts = BundleFacts(
        name="orders",
        version="1",
        variant="int8",
        licence="Apache-2.0",
        base_model=BaseModelFacts(name="tiny", sha256="ab" * 32, licence="Apache-2.0"),
        prompt=Prompt(prefix="", suffix="\n", stop_ids=(2,)),
    )
    folder.mkdir()
    build(folder, {"model.onnx": file}, facts, load_private_key(own_keys(workspace.keys)[0]))
    return folder


@pytest.fixture
def project(tmp_path) -> Project:
    (tmp_path / "orders.jsonl").write_text(json.dumps({"text": "軸受け", "answer": "bearing"}), encoding="utf-8")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"weights")
    raw = {
        "run": {"name": "orders"},
        "intake": {"path": "model"},
        "ingest": {"file": "orders.jsonl", "columns": {"text": {"role": "text"}, "answer": {"role": "text"}}},
        "prepare": {"input": "text", "output": "answer"},
    }
    workspace = Workspace(tmp_path / "w")
    Store(workspace.root)
    load_key(workspace.pseudonym_key)
    settings = parse_settings(raw, where="test", folder=tmp_path)
    target = workspace.bundles / settings.bundle.folder
    publish(signed(tmp_path / "other", "another model", workspace), target)
    return Project(settings, workspace, published_digest(target))


def test_the_digest_of_a_published_bundle_is_the_one_that_its_run_sealed(tmp_path):
    workspace = Workspace(tmp_path / "w")
    bundle = signed(tmp_path / "bundle", "軸受け", workspace)
    own = load_private_key(own_keys(workspace.keys)[0])
    assert published_digest(bundle) == verify(bundle, own.public_key()).digest
    (bundle / "manifest.json").write_text("{", encoding="utf-8")
    assert published_digest(bundle) == ""


def test_plan_outlook_and_start_refuse_a_taken_name_as_the_end_of_the_run_would(project, tmp_path):
    with pytest.raises(SettingsError) as at_the_end:
        publish(signed(tmp_path / "ours", "our model", project.workspace), project.workspace.bundles / "orders-1")
    before = folder_digests(project.workspace.bundles)
    for ask in (service.plan, service.look_ahead):
        with pytest.raises(SettingsError) as refused:
            ask(project.settings, project.workspace)
        told = (refused.value.code, refused.value.message, refused.value.hint)
        assert told == (at_the_end.value.code, at_the_end.value.message, at_the_end.value.hint)
    assert not project.run.folder.exists()
    project.run.folder.mkdir(parents=True)
    project.run.settings.write_text(project.settings.frozen(), encoding="utf-8")
    with pytest.raises(SettingsError, match="another content is there already"):
        service.start(project.run, project.workspace)
    assert not project.run.log.exists()
    assert folder_digests(project.workspace.bundles) == before


def test_another_version_is_free(project):
    newer = project.settings.bundle.model_copy(update={"version": "2"})
    settings = project.settings.model_copy(update={"bundle": newer})
    assert service.plan(settings, project.workspace).settings.exists()


def test_a_run_may_go_on_to_the_bundle_that_it_made_itself(project):
    project.run.folder.mkdir(parents=True)
    log = EventLog(project.run.events)
    finished = {"step": "bundle", "reused": False, "seconds": 1.0, "digest": "c" * 64}
    log.append("step_finished", **finished, facts={"digest": project.other})
    log.append("run_started", name="orders", steps=["intake"])  # a later attempt that was killed
    log.close()
    assert service.plan(project.settings, project.workspace) == project.run


@pytest.mark.parametrize(("digest", "is_free"), [("", True), ("d" * 64, False)])
def test_a_run_whose_steps_are_all_sealed_is_held_against_the_bundle_that_they_give(project, digest, is_free):
    project.seal(digest=digest)
    assert _is_free(project) == is_free


@pytest.mark.parametrize(("left", "is_free"), [(LATE, True), (frozenset({"train"}), False)])
def test_what_people_change_later_may_give_the_same_bundle_and_another_training_does_not(project, left, is_free):
    project.seal(without=left)
    assert _is_free(project) == is_free


def _is_free(project: Project) -> bool:
    try:
        service.plan(project.settings, project.workspace)
    except SettingsError:
        return False
    return True
