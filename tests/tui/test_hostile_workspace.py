"""A workspace full of hostile strings, in a real terminal: none of their sequences arrives there."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from appliance.core.sections import IntakeSettings, RunSettings
from appliance.core.settings import ModelSettings
from appliance.core.workspace import RunFolder, Workspace
from appliance.release.publishing import REPORT

# each is a sequence that only the data holds
SEQUENCES = {
    "clipboard": "\x1b]52;c;RVZJTA==\x07",
    "title": "\x1b]0;EVIL\x07",
    "clear": "\x1b[2J\x1b[77;77H",
    "mode": "\x1b[?7777h",
    "c1": "\x9b?7777h",
    "c1-title": "\x9d0;EVIL\x9c",
    "device": "\x1bPEVIL\x1b\\",
    "application": "\x1b_EVIL\x1b\\",
    "link": "\x1b]8;;http://evil.example\x1b\\",
    "order": "\u202eEVIL\u2066",
    "return": "\rEVIL",
    "bell": "EVIL\x07\x08",
}
# what a terminal would obey, as it would arrive
ARRIVING = (
    *("\x1b]52;", "\x1b]0;EVIL", "\x1b[77;77H", "\x1b[?7777h", "\x9b", "\x9d", "\x9c", "\x1bPEVIL", "\x1b_EVIL"),
    *("\x1b]8;", "\u202e", "\u2066", "\rEVIL", "EVIL\x07", "\x08"),
)
MARKUP = "[link=http://evil.example]x[/link][@click=app.quit]y[/][/nope]"
HOSTILE = "".join(SEQUENCES.values()) + MARKUP
NAME = "".join(letter for letter in HOSTILE if letter not in "/\0")[:90]
DOCUMENTS = [
    (f"WO-1{HOSTILE}", {"text": f"担当の田中太郎{HOSTILE}", "who": ""}, [("text", "田中太郎", "PERSON", 0.9, HOSTILE)])
]
COMMANDS = """
import os, sys
from appliance import service
from appliance.__main__ import main
from appliance.core.children import ChildLines
# the real children load the recognizers and a model; these say hostile things at once
says = "import json, sys; h = sys.argv[1]; print(json.dumps(dict(answer=h, step=1, columns=[h], samples={{h: [h]}})))"
service.first_look = service.try_prompt = lambda *_: ChildLines([sys.executable, "-c", says, {hostile!r}])
for arguments in {arguments!r}:
    sys.stdout.flush(); sys.stderr.flush()
    child = os.fork()
    if not child:
        main(arguments)
    os.waitpid(child, 0)
os.write(2, b"\\nall done\\n")
"""


def leaks(written: bytes) -> set[str]:
    """What arrived of the sequences of the data; a line end of the terminal's own is \\r\\n."""
    text = written.decode("utf-8", errors="surrogateescape")
    return {sequence for sequence in ARRIVING if sequence in text}


@pytest.fixture
def hostile(make_review: Any, write_run: Any, workspace: Workspace) -> RunFolder:
    """A review, a model that was refused, and a finished run; each says hostile things wherever it may."""
    run = make_review(workspace, DOCUMENTS)
    writer = write_run("tickets-aaaaaaaa")
    writer.run.settings.write_text(json.dumps({"run": {"name": HOSTILE}}, ensure_ascii=False), encoding="utf-8")
    for level in ("info", HOSTILE):
        writer.log.append("note", level=level, message=f"no such file {HOSTILE}")
    writer.log.append("step_started", step=HOSTILE)
    writer.log.append("progress", step=HOSTILE, done=1, total=2, unit=HOSTILE)
    variant = {"bytes": 1, "retention": 1.0, "passed": False, "reasons": [HOSTILE]}
    facts = {"verify": {"variants": {HOSTILE: variant}, "chosen": HOSTILE}}
    facts["bundle"] = {"name": HOSTILE, "version": HOSTILE, "folder": "x", "bytes": 1, "key_id": HOSTILE}
    for step, told in facts.items():
        writer.log.append("step_finished", step=step, reused=False, seconds=1, digest=HOSTILE, facts=told)
    writer.log.append("failed", code="x", exit_status=5, message=HOSTILE, hint=HOSTILE)
    model = write_run("tiny-bbbbbbbb")
    intake = IntakeSettings(path=f"/models/{NAME}", source=HOSTILE)
    model.run.settings.write_text(ModelSettings(run=RunSettings(name="tiny"), intake=intake).frozen(), encoding="utf-8")
    model.finish("intake")
    check = {"name": HOSTILE, "result": "waived", "found": HOSTILE, "do": HOSTILE}
    report = workspace.models / f"tiny-{'ab' * 4}" / REPORT
    report.parent.mkdir(parents=True)
    told = {"checks": [{**check, "waived_by": HOSTILE, "because": HOSTILE}]}
    report.write_text(json.dumps(told), encoding="utf-8")
    return run


def test_a_careless_program_is_seen_by_the_same_check(terminal: Any, workspace: Workspace) -> None:
    program = [sys.executable, "-c", f"import sys; sys.stdout.write({HOSTILE!r} + ' end')"]
    with terminal(workspace, program=program) as opened:
        opened.wait_for(b" end")
        assert leaks(opened.written) == set(ARRIVING)


@pytest.mark.slow
def test_no_screen_lets_a_sequence_through(hostile: RunFolder, terminal: Any, tmp_path: Path, workspace) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / NAME).write_text("x")
    (folder / f"{NAME[:60]}.toml").write_text("x")
    with terminal(workspace, folder=folder, XDG_CONFIG_HOME=str(tmp_path)) as opened:
        opened.wait_for(b"tiny-bbbbbbbb")
        for keys, text in (
            ("3", "3 Intake"), ("\t", ""), ("\x1b", ""),
            ("4", "4 Review"), ("k", ""), ("\x1b", ""), ("j", ""), ("\r", "5 Train"), ("c", "Configuration"),
            ("\x1b", ""), ("v", "Results"), ("7", "7 Export"), ("\x1b", ""), ("2", "2 New run"),
            ("\r", "take this folder"), ("\x1b", ""), ("\x1b", ""), ("/", "part of a run"),
            (f"{MARKUP}\u202e\x9b2J", ""),
            ("\x1b", ""), ("?", "Keys"), ("\x1b", ""), ("\x10", "What should be done"), ("\x1b", ""), ("8", "8 Doctor"),
        ):  # fmt: skip
            opened.press(keys.encode())
            opened.wait_for((text or " ").encode())
            opened.rest()
        opened.press(b"\x1b")
        opened.rest()
        opened.press(b"q")
        assert opened.end() == 0
    assert "␛]52;c;RVZJTA==␇".encode() in opened.written  # it was shown, as signs
    assert b"[@click=app.quit]" in opened.written
    assert not leaks(opened.written)


@pytest.mark.slow
def test_no_command_lets_a_sequence_through(
    hostile: RunFolder, terminal: Any, tmp_path: Path, workspace: Workspace
) -> None:
    source, settings = tmp_path / f"{NAME[:60]}.csv", tmp_path / f"{NAME[:60]}.toml"
    source.write_text(f"a,{MARKUP}\n{SEQUENCES['c1']},{SEQUENCES['title']}\n", encoding="utf-8")
    settings.write_text(f'[run]\nname = "x"\n[{json.dumps(NAME)}]\n', encoding="utf-8")
    at = ["--workspace", str(workspace.root)]
    commands = [
        ["runs", *at], ["runs", "--json", *at], ["follow", "tickets", *at], ["follow", "tickets", "--json", *at],
        ["follow", HOSTILE.replace("\0", ""), *at], ["review", "list", hostile.id, "--all", "--text", *at],
        ["review", "list", hostile.id, "--all", "--text", "--json", *at], ["review", "read", hostile.id, *at],
        ["review", "status", hostile.id, *at], ["review", "decide", hostile.id, "accept", "--record", NAME, *at],
        ["model", "list", *at], ["model", "list", "--json", *at],
        ["try-prompt", "tickets", "--file", str(settings), *at],
        ["run", str(settings), *at], ["run", NAME, *at], ["plan", str(settings), *at], [NAME], [f"--{NAME}"],
        ["runs", f"--{NAME}"], ["verify", NAME, "--trusted-key", NAME], ["reveal", NAME],
    ]  # fmt: skip
    commands += [["preview", str(source), "--samples"], ["preview", str(source), "--json"]]
    asked = [["--lang", "ja", *command] for command in commands]
    program = [sys.executable, "-c", COMMANDS.format(arguments=asked, hostile=HOSTILE)]
    with terminal(workspace, program=program, HOME=str(tmp_path)) as opened:
        opened.wait_for(b"all done", limit=90.0)
        assert "␛]52;c;RVZJTA==␇".encode() in opened.written
        assert "担当の田中太郎".encode() in opened.written
        assert "対処：".encode() in opened.written
        assert not leaks(opened.written)
