"""Labels and names of fields are text of records: they stand in a manifest only where they may."""

import pytest

from appliance.core.sections import BundleSettings
from appliance.core.store import Artifact
from appliance.release.manifest import TaskFacts
from appliance.stages.bundle import told_of
from appliance.stages.train import PRIVACY
from appliance.training.examples import Example
from appliance.training.task import Task

LABELS = ("油漏れ", "worn seal")


@pytest.mark.parametrize(("is_private", "constrained"), [(False, True), (True, True), (False, False)])
def test_labels_are_told_unless_the_training_was_private_or_nobody_wants_it(tmp_path, is_private, constrained):
    if is_private:
        (tmp_path / PRIVACY).write_text("{}", encoding="utf-8")
    trained = Artifact("train", "", "a digest", "clean", tmp_path, {}, None)
    examples = tuple(Example(str(number), "異音", LABELS[number % 2]) for number in range(4))
    told = told_of(Task("Label.", 64, examples, (), "label"), trained, BundleSettings(constrained=constrained))
    assert told == TaskFacts(kind="label", labels=() if is_private or not constrained else tuple(sorted(LABELS)))
