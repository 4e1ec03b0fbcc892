"""The whole path, from a CSV to an answer of an installed bundle, without any network."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anonymize.matching.folding import canonical
from appliance.core.hashing import file_digest
from appliance.core.locking import lock_holder
from appliance.core.settings import load_settings
from appliance.core.workspace import Workspace
from appliance.pipeline import STEPS
from appliance.release.building import build
from appliance.release.manifest import BundleFacts
from appliance.release.signing import generate_key, load_private_key
from appliance.service import find_run, run_of
from appliance.stages.embedding_model import SOURCES

pytestmark = pytest.mark.slow

NO_NETWORK = ("unshare", "-rn")
COUNTING = str(Path(__file__).parents[1] / "count_network_attempts.py")
CONNECT = "import socket; socket.create_connection(('{host}', {port}), timeout=3)"


@pytest.fixture(scope="module")
def finished(make_small, tmp_path_factory):
    """A small run that went through its whole path inside a network namespace with no way out."""
    small = make_small(tmp_path_factory.mktemp("path"))
    done = small.appliance("run", small.config, before=(*NO_NETWORK, sys.executable, COUNTING, str(small.attempts)))
    assert done.returncode == 0, done.stderr
    return small, done


@pytest.fixture(scope="module")
def installed(finished):
    small, _ = finished
    key = small.workspace / "keys" / "trusted-key.pem"
    home = small.folder / "home"
    done = small.appliance("install", small.workspace / "bundles" / "small-1", "--trusted-key", key, "--home", home)
    assert done.returncode == 0, done.stderr
    return small, home


def test_the_namespace_has_no_way_out_and_this_machine_answers_outside_of_it():
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect = [sys.executable, "-c", CONNECT.format(host="127.0.0.1", port=server.getsockname()[1])]
        assert subprocess.run(connect, check=False).returncode == 0
        assert subprocess.run([*NO_NETWORK, *connect], stderr=subprocess.DEVNULL, check=False).returncode != 0


def test_nothing_of_a_whole_run_tries_to_reach_a_network(finished):
    small, _ = finished
    assert int(small.attempts.read_text()) == 0


def test_the_summary_tells_records_scores_variants_and_the_next_command(finished):
    _, done = finished
    for words in ("60 read, 0 quarantined", "exact match", "word error rate", "int4", "retention", "appliance install"):
        assert words in done.stdout


def test_every_step_is_sealed_raw_ones_in_the_vault(finished):
    small, _ = finished
    assert set(small.digests()) == set(STEPS)
    raw = {file.parent.name.split("-")[0] for file in (small.workspace / "vault").rglob("artifact.json")}
    assert raw == {"ingest", "detect", "review"}


def test_no_planted_identity_is_found_in_anything_that_is_not_encrypted(finished):
    small, _ = finished
    planted = json.loads((Path(__file__).parents[1] / "data" / "planted_identities.json").read_text(encoding="utf-8"))
    source = (small.folder / "work_orders.csv").read_text(encoding="utf-8-sig")
    values = {canonical(entry["value"]) for entry in planted}
    assert sum(value in canonical(source) for value in values) > 50  # the control: found where they are
    public = {digest for _, _, digest in SOURCES.values()}  # a published vocabulary knows first names, too
    kept = [file for file in small.workspace.rglob("*") if file.is_file() and file_digest(file) not in public]
    assert len(kept) > 40
    for file in kept:
        text = file.read_bytes().decode("utf-8", errors="ignore")
        told = canonical(re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text))
        found = [value for value in values if value in told]
        assert not found, f"{len(found)} planted values in {file.relative_to(small.workspace)}"


def test_a_second_run_reuses_everything(finished):
    small, _ = finished
    done = small.appliance("run", small.config, "--json")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["reused"] for event in events if event["kind"] == "step_finished"] == [True] * len(STEPS)


def test_the_nightly_script_does_what_the_command_does(finished):
    small, _ = finished
    script = Path(__file__).parents[2] / "scripts" / "anonymize_train_export.py"
    environment = {**os.environ, "APPLIANCE_WORKSPACE": str(small.workspace), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, script, small.config], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(b"reused") == len(STEPS)


def test_a_run_without_a_proven_gain_shows_its_table_and_ends_with_6_unsigned(finished):
    small, _ = finished
    strict = small.folder / "strict.toml"
    settings = small.config.read_text().replace('name = "small"', 'name = "strict"')
    strict.write_text(settings.replace("min_gain = -1", "min_gain = 0"))
    done = small.appliance("run", strict)
    assert done.returncode == 6, done.stderr
    assert "the adapted model may not ship" in done.stderr
    folder = find_run(Workspace(small.workspace), "strict").report
    assert f"report   {folder}" in done.stdout
    assert {"report.en.html", "report.ja.html", "model_card.md"} <= {file.name for file in folder.iterdir()}
    assert "exact match" in done.stdout
    assert not (small.workspace / "bundles" / "strict-1").exists()


def test_an_approver_overrides_the_refusal_with_a_second_key_and_it_stays_visible(finished, tmp_path):
    small, _ = finished
    approver = generate_key(small.folder / "approver")
    own = small.workspace / "keys" / "signing-key.pem"
    config = small.folder / "overridden.toml"
    settings = small.config.read_text().replace('name = "small"', 'name = "overridden"').replace("min_gain = -1", "")
    config.write_text(settings.replace("[gates]", '[gates]\napprover_key = "approver/trusted-key.pem"'))
    assert small.appliance("run", config).returncode == 6
    word = ("--by", "M. Sato", "--reason", "one line, for a week")
    assert small.appliance("approve", "overridden", "--key", own, *word).returncode == 2
    approved = small.appliance("approve", "overridden", "--key", approver.private, *word)
    assert approved.returncode == 0, approved.stderr
    done = small.appliance("run", config)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((small.workspace / "bundles" / "overridden-1" / "manifest.json").read_text())
    assert (manifest["verdict"]["passed"], manifest["verdict"]["refused"]) == (False, ["gain"])
    assert manifest["verdict"]["override"]["reason"] == "one line, for a week"
    assert manifest["verdict"]["override"]["key_id"] == approver.id
    key, bundle = small.workspace / "keys" / "trusted-key.pem", small.workspace / "bundles" / "overridden-1"
    told = small.appliance("verify", bundle, "--trusted-key", key).stdout
    assert "REFUSED by its gates: gain" in told
    assert "overridden by M. Sato" in told
    assert '"action": "approve"' in (small.workspace / "vault" / "audit.jsonl").read_text()
    audit = ("audit", bundle, "--trusted-key", key)
    assert f"cannot   override of the verdict: signed with the key {approver.id}" in small.appliance(*audit).stdout
    told = small.appliance(*audit, "--approver-key", approver.public)
    assert (told.returncode, "same     override of the verdict" in told.stdout) == (0, True), told.stdout
    taken = ("install", bundle, "--trusted-key", key, "--home", tmp_path / "home", "--approver-key")
    assert small.appliance(*taken, key).returncode == 7  # the maker's own key is not the approver's
    assert small.appliance(*taken, approver.public).returncode == 0


def test_an_evaluation_begins_after_the_approvers_word_on_the_poc_and_its_bundle_carries_it(finished, tmp_path):
    small, _ = finished
    approver = generate_key(small.folder / "stage-approver")
    config, trusted = small.folder / "evaluation.toml", small.workspace / "keys" / "trusted-key.pem"
    settings = small.config.read_text().replace("[gates]", '[gates]\napprover_key = "stage-approver/trusted-key.pem"')
    settings = settings.replace("[bundle]", '[purpose]\nstage = "evaluation"\n[bundle]\nversion = "2"')
    config.write_text(settings)
    early = small.appliance("run", config)
    assert (early.returncode, "the stage evaluation is not open" in early.stderr) == (6, True)
    word = ("--key", approver.private, "--by", "佐藤", "--reason", "計画係が使いたい", "--json")
    poc = run_of(load_settings(small.config), Workspace(small.workspace)).id
    decided = small.appliance("decide", poc, "go-on", *word)
    assert decided.returncode == 0, decided.stderr
    assert json.loads(decided.stdout)["opened"] == "evaluation"
    done = small.appliance("run", config)
    assert done.returncode == 0, done.stderr
    bundle = small.workspace / "bundles" / "small-2"
    assert "poc: go-on, decided by 佐藤" in small.appliance("verify", bundle, "--trusted-key", trusted).stdout
    assert "計画係が使いたい" in (bundle / "report" / "report.ja.html").read_text(encoding="utf-8")
    demanded = ("--trusted-key", trusted, "--home", tmp_path / "home", "--stage", "roll-out")
    assert small.appliance("install", bundle, *demanded).returncode == 6
    told = small.appliance("audit", bundle, "--trusted-key", trusted)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "same     stage and decisions" in told.stdout
    assert "same     manifest" in told.stdout


def test_an_adapter_that_was_trained_on_int4_ships_beside_its_base_and_answers(finished, tmp_path):
    small, _ = finished
    beside = small.folder / "beside.toml"
    settings = small.config.read_text().replace('name = "small"', 'name = "beside"')
    settings = settings.replace("rank = 4", 'rank = 4\ngrid = "int4"')
    beside.write_text(settings + '[export]\nvariants = ["float", "int4"]\n')
    done = small.appliance("run", beside)
    assert done.returncode == 0, done.stderr
    bundle = small.workspace / "bundles" / "beside-1"
    assert (bundle / "adapter.data").stat().st_size > 10_000
    key, home = small.workspace / "keys" / "trusted-key.pem", tmp_path / "home"
    assert small.appliance("install", bundle, "--trusted-key", key, "--home", home).returncode == 0
    answered = small.appliance("generate", "PH639 REPL HYD HOSE", "--home", home, "--json", before=NO_NETWORK)
    assert answered.returncode == 0, answered.stderr


def test_an_audit_finds_a_changed_number_in_a_bundle_that_was_signed_anew(finished, tmp_path):
    small, _ = finished
    key = small.workspace / "keys" / "trusted-key.pem"
    original = small.workspace / "bundles" / "small-1"
    told = small.appliance("audit", original, "--trusted-key", key)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.count("same     ") == 17
    bundle = tmp_path / "small"
    parts = {file.relative_to(original).as_posix(): file for file in original.rglob("*") if file.is_file()}
    manifest = json.loads(parts.pop("manifest.json").read_text())
    facts = BundleFacts(**{key: value for key, value in manifest.items() if key not in ("files", "format")})
    assert parts.pop("model.sig")
    changed = tmp_path / "safety.json"
    text = parts["reports/safety.json"].read_text()
    area = json.loads(text)["membership"][0]["auc"]["value"]
    changed.write_text(text.replace(f'"value": {area}', '"value": 0.5', 1))
    bundle.mkdir()
    signer = load_private_key(small.workspace / "keys" / "signing-key.pem")
    build(bundle, {**parts, "reports/safety.json": changed}, facts, signer)
    told = small.appliance("audit", bundle, "--trusted-key", key)
    assert told.returncode == 7
    assert "DIFFERS  membership attacks" in told.stdout
    assert "DIFFERS  pages and cards" in told.stdout


@pytest.mark.parametrize("text", ["PH639 REPL HYD HOSE", "①号機 軸受け 異音"])
def test_the_installed_model_answers_without_a_network(installed, text):
    small, home = installed
    done = small.appliance("generate", text, "--home", home, "--json", before=NO_NETWORK)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["new_tokens"] <= 4


def test_one_flipped_byte_is_refused_with_exit_status_7(finished, tmp_path):
    small, _ = finished
    bundle = tmp_path / "bundle"
    shutil.copytree(small.workspace / "bundles" / "small-1", bundle)
    content = bytearray((bundle / "model.onnx.data").read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / "model.onnx.data").write_bytes(content)
    key = small.workspace / "keys" / "trusted-key.pem"
    done = small.appliance("install", bundle, "--trusted-key", key, "--home", tmp_path / "home")
    assert done.returncode == 7
    assert "model.onnx.data" in done.stderr
    assert not list((tmp_path / "home").rglob("model.onnx"))


def test_an_installed_model_that_was_changed_is_not_loaded(installed):
    small, home = installed
    file = next(home.rglob("tokenizer.json"))
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"im_end", b"im_eno", 1))
    done = small.appliance("generate", "PH639", "--home", home)
    file.write_bytes(whole)
    assert done.returncode == 7


def test_the_serving_environment_has_no_torch_and_no_http_client_and_answers(installed, tmp_path):
    small, home = installed
    root = Path(__file__).parents[2]
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(tmp_path / "serve"), "UV_OFFLINE": "1"}
    sync = ["uv", "sync", "--locked", "--no-dev", "--extra", "serve", "--no-editable", "--project", str(root)]
    subprocess.run(sync, env=environment, check=True, capture_output=True)
    packages = {path.name.split("-")[0].lower() for path in (tmp_path / "serve").rglob("*.dist-info")}
    assert packages.isdisjoint({"torch", "transformers", "presidio_analyzer", "httpx", "httpx2", "requests", "urllib3"})
    command = [*NO_NETWORK, tmp_path / "serve" / "bin" / "appliance", "generate", "PH639", "--home", home]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    again = small.appliance("generate", "PH639", "--home", home)
    assert done.stdout == again.stdout


def test_a_run_that_is_killed_in_every_step_ends_with_the_same_digests(finished, make_small, tmp_path):
    undisturbed, _ = finished
    small = make_small(tmp_path)
    (small.workspace / "vault").mkdir(parents=True, mode=0o700)
    shutil.copytree(undisturbed.workspace / "keys", small.workspace / "keys")
    for key in ("key", "pseudonym-key"):
        shutil.copy2(undisturbed.workspace / "vault" / key, small.workspace / "vault" / key)
    for step in STEPS:
        _kill_in(small, step)
    done = small.appliance("run", small.config)
    assert done.returncode == 0, done.stderr
    assert small.digests() == undisturbed.digests()


def _kill_in(small, step: str) -> None:
    """Start the run and kill its worker with SIGKILL while a step is at work; training after its first steps."""
    done = small.appliance("run", small.config, "--detach")
    assert done.returncode == 0, done.stderr
    run = find_run(Workspace(small.workspace), "small")
    moment = '"kind": "trained"' if step == "train" else f'"kind": "step_started", "step": "{step}"'
    deadline = time.monotonic() + 120
    while moment not in run.events.read_text(encoding="utf-8").rsplit('"run_started"', 1)[-1]:
        assert time.monotonic() < deadline, f"{step} did not begin"
        time.sleep(0.02)
    os.kill(int(run.lock.read_text()), signal.SIGKILL)
    while lock_holder(Workspace(small.workspace).lock) is not None:
        time.sleep(0.05)
