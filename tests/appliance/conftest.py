"""Whole runs, small: the demo's first work orders through the whole path on a tiny model."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from appliance.core.settings import load_settings
from appliance.core.workspace import Workspace
from appliance.service import run_of

ROWS = 60
SETTINGS = """
[run]
name = "small"

[intake]
path = "{model}"
waivers = [
  {{ check = "provenance.origin", by = "tests", reason = "random weights that the tests made" }},
  {{ check = "licence.text", by = "tests", reason = "random weights that the tests made" }},
]

[ingest]
file = "work_orders.csv"
id_column = "work_order"

[ingest.columns]
description = {{ role = "text" }}
normalised = {{ role = "text" }}
remark = {{ role = "text" }}
reporter = {{ role = "identifier", kind = "PERSON" }}
phone = {{ role = "identifier", kind = "PHONE_NUMBER" }}
email = {{ role = "identifier", kind = "EMAIL_ADDRESS" }}

[detect]
vocabulary_column = "normalised"

[review]
policy = "accept-all"

[prepare]
input = "description"
output = "normalised"
instruction = "Normalise."
max_tokens = 256

[train]
epochs = 2
batch_size = 8
checkpoint_every = 2
evaluate_every = 3
rank = 4

[evaluate]
max_new_tokens = 4
min_gain = -1           # random weights gain nothing: the path is tested here, not the gate

[gates]
max_membership_auc = 1  # twelve held-out lines tell nothing

[verify]
min_retention_int8 = -1e9
min_retention_int4 = -1e9
max_score_loss = 1
max_general_perplexity = 1e9
parity_prompts = 4

[bundle]
index_columns = ["description", "remark"]
"""


@dataclass(frozen=True, slots=True)
class Small:
    """A folder with settings and source, and a command line that works in it."""

    folder: Path

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "run.toml"

    @property
    def workspace(self) -> Path:
        """Where runs and artifacts go."""
        return self.folder / "workspace"

    @property
    def attempts(self) -> Path:
        """Where a run that is watched leaves how often it tried to reach a network."""
        return self.folder / "attempts"

    def appliance(self, *arguments: str | Path, before: tuple[str, ...] = (), **options: object):
        """Run the command line in a process of its own; `before` is put in front of the command."""
        command = [*before, sys.executable, "-m", "appliance", *map(str, arguments)]
        environment = {**os.environ, "APPLIANCE_WORKSPACE": str(self.workspace), "OMP_NUM_THREADS": "1"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, **options)

    def digests(self) -> dict[str, str]:
        """Return the content digest of what each step of this run gave; other runs share its workspace."""
        events = (
            run_of(load_settings(self.config), Workspace(self.workspace))
            .events.read_text(encoding="utf-8")
            .splitlines()
        )
        finished = [event for event in map(json.loads, events) if event["kind"] == "step_finished"]
        return {event["step"]: event["digest"] for event in finished}


@pytest.fixture(scope="session")
def make_small(tiny_folder: Path):
    """Return a function that sets up a small run in a folder."""

    def make(folder: Path) -> Small:
        lines = files("appliance.demo").joinpath("work_orders.csv").read_text(encoding="utf-8-sig").splitlines(True)
        (folder / "work_orders.csv").write_text("".join(lines[: ROWS + 1]), encoding="utf-8-sig")
        (folder / "run.toml").write_text(SETTINGS.format(model=tiny_folder), encoding="utf-8")
        return Small(folder)

    return make
