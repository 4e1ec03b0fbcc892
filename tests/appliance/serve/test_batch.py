import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from appliance.__main__ import main
from appliance.core.errors import InputError, IntegrityError, SettingsError
from appliance.serve.batch import run_batch
from appliance.serve.costing import read_cost
from appliance.serve.engine import Engine, load

TEXTS = ["冷却水ポンプの異音", "PH639 RECTIFY", "", "a", "x" * 300, "電話 内線 1234"]


@pytest.fixture(scope="module")
def engine(tiny: Any) -> Engine:
    return load(tiny.home, seats=2)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "in.jsonl"
    lines = [json.dumps({"text": text, "id": f"WO-{at}"}, ensure_ascii=False) for at, text in enumerate(TEXTS)]
    file.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    return file


def answers(target: Path) -> dict[int, Any]:
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert len({line["line"] for line in lines}) == len(lines)
    return {line["line"]: line for line in lines}


def test_every_line_is_answered_as_alone_or_told_why_not(engine: Engine, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    last = list(run_batch(engine, source, target))[-1]
    said = answers(target)
    assert (last.done, last.total, len(said)) == (6, 6, 6)
    for number, text in enumerate(TEXTS, start=1):
        assert said[number]["id"] == f"WO-{number - 1}"
        if text and len(text) < 300:
            assert said[number]["text"] == engine.answer(text).text
    assert said[3]["error"] == "the text is empty"
    assert "200 are allowed" in said[5]["error"]


def test_half_a_line_is_answered_again_and_the_rest_is_kept(engine: Engine, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    list(run_batch(engine, source, target))
    whole = answers(target)
    lines = target.read_bytes().splitlines(keepends=True)
    target.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    progress = list(run_batch(engine, source, target))
    assert (progress[0].done, progress[-1].new) == (3, 3)
    assert answers(target) == whole
    assert target.read_bytes().startswith(b"".join(lines[:3]))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda line: {**line, "model": "tiny 0 0"}, SettingsError),
        (lambda line: {**line, "id": "another"}, SettingsError),
        (lambda line: {**line, "line": 99}, SettingsError),
        (lambda line: [line], IntegrityError),
    ],
)
def test_answers_of_something_else_are_not_mixed_in(
    engine: Engine, source: Path, tmp_path: Path, change: Any, error: type[Exception]
) -> None:
    target = tmp_path / "out.jsonl"
    list(run_batch(engine, source, target))
    first = json.loads(target.read_text().splitlines()[0])
    target.write_text(json.dumps(change(first)) + "\n")
    with pytest.raises(error):
        list(run_batch(engine, source, target))


def test_a_line_that_is_no_question_is_named_and_not_quoted(engine: Engine, source: Path, tmp_path: Path) -> None:
    source.write_text('{"text": "a"}\n{"txt": "秘密"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 2: not a JSON object with a text") as caught:
        list(run_batch(engine, source, tmp_path / "out.jsonl"))
    assert "秘密" not in str(caught.value)


def test_half_a_surrogate_pair_is_told_of_its_line_and_stops_nothing(engine: Engine, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "a\\ud800", "id": 1}\n{"text": "a", "id": "\\udc00ポンプ"}\n', encoding="utf-8")
    list(run_batch(engine, source, target))
    said = answers(target)
    assert said[1]["error"] == "the text is not valid Unicode"
    assert (said[2]["id"], said[2]["text"]) == ("\udc00ポンプ", engine.answer("a").text)
    assert list(run_batch(engine, source, target))[-1].new == 0


@pytest.mark.slow
def test_a_killed_batch_goes_on(tiny: Any, engine: Engine, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    texts = [f"作業 {number} RECTIFY" for number in range(400)]
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    command = [sys.executable, "-m", "appliance", "generate", "--batch", str(source), str(target)]
    command += ["--home", str(tiny.home), "--threads", "1"]
    kills = 0
    for _ in range(3):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            size = target.stat().st_size if target.exists() else 0
            while process.poll() is None and (not target.exists() or target.stat().st_size < size + 1_000):
                time.sleep(0.005)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert kills and "400/400 lines, done" in done.stderr
    said = answers(target)
    assert len(said) == 400
    for number in (1, 57, 400):
        assert said[number]["text"] == engine.answer(texts[number - 1]).text


@pytest.mark.parametrize("as_json", [True, False])
def test_the_cost_of_a_request_is_measured_on_this_machine_and_tells_no_request(tiny, source, capsys, as_json) -> None:
    file = source.with_name("requests.jsonl")
    file.write_text("".join(json.dumps({"text": f"軸受け {number}"}) + "\n" for number in range(6)), encoding="utf-8")
    arguments = ["cost", "--batch", str(file), "--requests", "5", "--home", str(tiny.home)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--json"] if as_json else arguments)
    assert not ended.value.code
    told = capsys.readouterr().out
    assert "軸受け" not in told
    if as_json:
        done = read_cost(told, "cost.json")
        assert (done.seconds.samples, done.model) == (5, "tiny 1 (int4)")
    else:
        assert "tiny 1 (int4) on " in told
        assert "joules a request: " in told


def test_of_fewer_than_five_requests_nothing_is_measured(tiny, tmp_path, capsys) -> None:
    (tmp_path / "few.jsonl").write_text('{"text": "a"}\n' * 4, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["cost", "--batch", str(tmp_path / "few.jsonl"), "--home", str(tiny.home)])
    assert ended.value.code == 3
    assert "holds 4 requests" in capsys.readouterr().err
