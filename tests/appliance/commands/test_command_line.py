"""The command line as a person meets it: what it imports, and how it refuses."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.__main__ import COMMANDS, main

HEAVY = ("torch", "transformers", "presidio_analyzer", "spacy", "textual", "onnxruntime", "numpy")
IMPORTED = "import sys; from appliance.__main__ import main\ntry: main({arguments!r})\nexcept SystemExit: pass\n"


def imported_by(arguments: list[str]) -> set[str]:
    code = IMPORTED.format(arguments=arguments) + "print(*sys.modules, sep='\\n', file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stderr.splitlines()}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["runs"], ["run", "none.toml"]])
def test_the_command_line_imports_nothing_heavy(arguments):
    assert imported_by(arguments).isdisjoint(HEAVY)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_help_exists_and_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"Usage: appliance {name}" in capsys.readouterr().out


def test_without_a_terminal_it_prints_its_help_and_ends_with_2(make_small, tmp_path):
    done = make_small(tmp_path).appliance(stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "Commands" in done.stderr


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        (("epochs = 2", "epoch = 2"), 2, "train.epoch is not a known key; did you mean 'epochs'?"),
        (('file = "work_orders.csv"', 'file = "none.csv"'), 3, "none.csv: no such file"),
        (('path = "', 'path = "none'), 3, "no such folder or file"),
    ],
)
def test_a_wrong_setting_is_told_with_its_exit_status(make_small, tmp_path, change, status, says):
    small = make_small(tmp_path)
    small.config.write_text(small.config.read_text().replace(*change))
    done = small.appliance("run", small.config)
    assert done.returncode == status, done.stderr
    assert says in done.stderr
    assert "do: " in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("pytorch_model.bin", b"\x80\x04\x95", "pytorch_model.bin"),
        ("modeling.py", b"open('canary', 'w')", "modeling.py"),
        ("config.json", b'{"auto_map": {"AutoModel": "modeling.Model"}}', "auto_map"),
    ],
)
def test_a_hostile_base_model_is_refused_before_it_is_opened(make_small, tmp_path, name, content, says):
    small = make_small(tmp_path)
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    (hostile / name).write_bytes(content)
    lines = [
        f'path = "{hostile}"' if line.startswith("path") else line for line in small.config.read_text().splitlines()
    ]
    small.config.write_text("\n".join(lines))
    done = small.appliance("run", small.config)
    assert done.returncode == 6
    assert says in done.stderr
    assert not list(tmp_path.rglob("canary"))


@pytest.fixture(scope="module")
def after_intake(make_small, tmp_path_factory):
    """A workspace in which the base model is sealed already."""
    small = make_small(tmp_path_factory.mktemp("intake"))
    small.config.write_text(small.config.read_text().replace('policy = "accept-all"', 'policy = "person"'))
    assert small.appliance("run", small.config).returncode == 10
    return small.workspace


@pytest.fixture
def ready(after_intake, make_small, tmp_path):
    """A small run of its own, waiting for a person, with the base model sealed already."""
    small = make_small(tmp_path)
    small.config.write_text(small.config.read_text().replace('policy = "accept-all"', 'policy = "person"'))
    shutil.copytree(after_intake / "store", small.workspace / "store")
    return small


@pytest.mark.slow
def test_a_column_that_is_not_there_is_told_with_the_nearest_one(ready):
    ready.config.write_text(ready.config.read_text().replace("remark", "remarks"))
    done = ready.appliance("run", ready.config)
    assert done.returncode == 3
    assert "remarks" in done.stderr
    assert "remark," in done.stderr or "'remark'" in done.stderr


@pytest.mark.slow
def test_a_run_that_waits_for_a_person_ends_with_10_and_says_what_to_do(ready):
    done = ready.appliance("run", ready.config)
    assert done.returncode == 10
    assert "findings wait for a reviewer's decisions" in done.stderr
    assert json.loads(ready.appliance("runs", "--json").stdout)["status"] == "waiting"


@pytest.mark.slow
def test_rows_that_cannot_be_decoded_are_counted_and_kept_apart(ready):
    source = ready.folder / "work_orders.csv"
    lines = source.read_bytes().splitlines(keepends=True)
    lines[5] = lines[5].replace(b"WO-", b"WO-\xff\xfe", 1)
    source.write_bytes(b"".join(lines))
    done = ready.appliance("run", ready.config, "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    facts = {event["step"]: event["facts"] for event in events if event["kind"] == "step_finished"}
    assert facts["ingest"] == {"records": 59, "quarantined": 1}
    assert any("1 parts are quarantined" in event.get("message", "") for event in events)


@pytest.mark.slow
def test_a_full_disk_is_told_and_what_was_sealed_stays(make_small, tmp_path):
    small = make_small(tmp_path)
    small.workspace.mkdir()
    mounted = f"mount -t tmpfs -o size=1500k tmpfs {small.workspace}"
    script = f'{mounted} && "$0" -m appliance run {small.config}; echo "status $?"; ls {small.workspace}/store'
    command = ["unshare", "-rm", "sh", "-c", script, sys.executable]
    environment = {"PATH": "/usr/bin:/bin", "APPLIANCE_WORKSPACE": str(small.workspace), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert "status 5" in done.stdout, done.stderr
    assert "the disk is full; nothing that was sealed is lost" in done.stderr
    assert "intake-" in done.stdout
