"""`runs`, `stop` and the answers of `generate`: text from outside is shown, never obeyed."""

import json

from appliance.core.events import EventLog
from appliance.core.telling import safe_lines
from appliance.core.workspace import Workspace


def failed_run(root, hint):
    run = Workspace(root).run("small-1")
    run.folder.mkdir(parents=True)
    run.settings.write_text("{}", encoding="utf-8")
    log = EventLog(run.events)
    log.append("run_started", name="small", steps=["intake"])
    log.append("failed", code="input", exit_status=3, message="列がない", hint=hint)


def test_a_hint_that_steers_the_terminal_is_shown_as_text(call, tmp_path):
    failed_run(tmp_path, "列 \x1b]52;c;eA==\x07")
    done = call("runs", "--workspace", tmp_path)
    assert "\x1b" not in done.out
    assert "列 ␛]52;c;eA==␇" in done.out


def test_programs_get_the_hint_as_it_is(call, tmp_path):
    failed_run(tmp_path, "列 \x1b")
    assert json.loads(call("runs", "--workspace", tmp_path, "--json").out)["next"] == "列 \x1b"


def test_stopping_a_run_that_does_not_run_is_told_to_programs(call, tmp_path):
    failed_run(tmp_path, "")
    done = call("stop", "small", "--workspace", tmp_path, "--json")
    assert json.loads(done.out) == {"id": "small-1", "asked": False}


def test_stopping_a_run_that_does_not_run_is_told_to_people(call, tmp_path):
    failed_run(tmp_path, "")
    assert call("stop", "small", "--workspace", tmp_path).err == "small-1: is not running\n"


def test_an_answer_keeps_its_lines_and_nothing_that_steers():
    assert safe_lines("ポンプ交換\n\x1b[31mreplace\r\npump\u200b") == "ポンプ交換\n␛[31mreplace␍\npump\ufffd"
