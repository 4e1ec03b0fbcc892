"""The command line speaks the language that was asked for; what programs read is the same in both."""

import json
from dataclasses import replace

import pytest

from appliance.__main__ import main
from appliance.commands import narrating
from appliance.core.events import EventLog
from appliance.core.languages import OWN_VARIABLE
from appliance.core.reasons import OVERRIDE_HINT, reason
from appliance.core.run_state import RunState
from appliance.core.workspace import Workspace

TOLD = {
    "en": ("/x.toml: no such file", "  do: give the path of a run's TOML file"),
    "ja": ("/x.toml: ファイルがありません", "  対処：実行の TOML ファイルのパスを指定してください"),
}


@pytest.fixture(autouse=True)
def no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(OWN_VARIABLE, "")  # what --lang sets is taken back


def called(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_an_error_is_told_in_the_language_of_the_option(lang, capsys) -> None:
    assert called("--lang", lang, "run", "/x.toml") == 2
    told = capsys.readouterr().err
    assert all(sentence in told for sentence in TOLD[lang])


def test_the_locale_chooses_and_the_option_overrides_it(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    called("run", "/x.toml")
    assert TOLD["ja"][0] in capsys.readouterr().err
    called("--lang", "en", "run", "/x.toml")
    assert TOLD["en"][0] in capsys.readouterr().err


def test_what_the_gates_refuse_is_told_in_japanese(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    gates = {"gates": [{"name": "gain", "status": "refused", "reasons": [reason("loss")]}]}
    state = RunState(status="failed", current="bundle", message="english", hint=OVERRIDE_HINT, exit_status=6)
    with pytest.raises(SystemExit) as ended:
        narrating.end(replace(state, facts={"gates": gates}))
    assert ended.value.code == 6
    told = capsys.readouterr().err
    assert "エラー：適応したモデルは出荷できません：gain: 低下" in told
    assert "対処：各ゲートは docs/evidence.md" in told
    with pytest.raises(SystemExit):
        narrating.end(replace(state, facts={"gates": {**gates, "override": {"by": "x"}}}))
    assert "エラー：english" in capsys.readouterr().err


@pytest.mark.parametrize(("lang", "status"), [("en", "failed  "), ("ja", "失敗  ")])
def test_runs_are_listed_in_both_languages_and_their_json_is_english(tmp_path, capsys, lang, status) -> None:
    workspace = Workspace(tmp_path)
    run = workspace.run("tickets-aaaaaaaa")
    run.folder.mkdir(parents=True)
    run.settings.write_text("{}")
    EventLog(run.events).append(
        "failed", code="x", exit_status=5, message="the disk is full", hint="choose another folder"
    )
    called("--lang", lang, "runs", "--workspace", str(tmp_path))
    line = capsys.readouterr().out
    assert status in line
    assert ("choose another folder" in line) == (lang == "en")
    called("--lang", lang, "runs", "--json", "--workspace", str(tmp_path))
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["next"]) == ("failed", "choose another folder")
