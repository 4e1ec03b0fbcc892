"""Reuse, sealing and custody, with small stages that are plain functions."""

import errno
from collections.abc import Mapping
from pathlib import Path

import pytest

from appliance.core.errors import CustodyError, GateRefused, InputError, IntegrityError, Interrupted, ResourceError
from appliance.core.events import EventLog, read_events
from appliance.core.reporting import Facts, Reporter
from appliance.core.runner import Step, Work, check_custody, run_steps
from appliance.core.store import Artifact, Draft, Store, disk_errors

UPPER = Step("upper", (), "clean")
COUNT = Step("count", ("upper",), "clean")


def upper(inputs: Mapping[str, Artifact], settings: str, draft: Draft, reporter: Reporter) -> Facts:
    draft.write_lines("words", settings.upper().split())
    return {}


def count(inputs: Mapping[str, Artifact], settings: str, draft: Draft, reporter: Reporter) -> Facts:
    draft.write_json("count.json", len(list(inputs["upper"].read_lines("words"))))
    return {}


def works(words: str) -> list[Work]:
    return [Work(UPPER, words, lambda: {"words": words}, lambda: upper), Work(COUNT, "", dict, lambda: count)]


def run(tmp_path: Path, planned: list[Work]) -> tuple[dict[str, Artifact], list[bool]]:
    events = tmp_path / "events"
    offset = read_events(events).offset
    told: list[Artifact] = []
    sealed = run_steps(planned, Store(tmp_path / "workspace"), EventLog(events), lambda: False, told.append)
    finished = [e for e in read_events(events, offset).events if e.kind == "step_finished"]
    return sealed, [e.fields["reused"] for e in finished]


def test_a_second_run_reuses_every_step(tmp_path: Path) -> None:
    first, fresh = run(tmp_path, works("a b"))
    second, reused = run(tmp_path, works("a b"))
    assert (fresh, reused) == ([False, False], [True, True])
    assert [a.digest for a in first.values()] == [a.digest for a in second.values()]


def test_a_changed_setting_that_leaves_the_result_as_it_was_repeats_nothing_after_it(tmp_path: Path) -> None:
    run(tmp_path, works("a b"))
    _, reused = run(tmp_path, works("A b"))
    assert reused == [False, True]


def test_a_stage_that_fails_leaves_no_artifact_and_keeps_its_scratch(tmp_path: Path) -> None:
    def fails(inputs: Mapping[str, Artifact], settings: str, draft: Draft, reporter: Reporter) -> Facts:
        (draft.scratch / "checkpoint").write_text("7")
        raise Interrupted("stopped")

    def goes_on(inputs: Mapping[str, Artifact], settings: str, draft: Draft, reporter: Reporter) -> Facts:
        draft.write_json("from.json", (draft.scratch / "checkpoint").read_text())
        return {}

    with pytest.raises(Interrupted):
        run(tmp_path, [Work(UPPER, "", dict, lambda: fails)])
    sealed, _ = run(tmp_path, [Work(UPPER, "", dict, lambda: goes_on)])
    assert sealed["upper"].read_json("from.json") == "7"
    assert not list((tmp_path / "workspace" / "store").glob(".*"))


def test_a_source_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    digests = iter(["before", "after"])
    with pytest.raises(InputError, match="changed while it was read"):
        run(tmp_path, [Work(UPPER, "a", lambda: {"source": next(digests)}, lambda: upper)])
    assert not list((tmp_path / "workspace" / "store").glob("upper-*"))


def test_a_changed_line_of_our_own_code_is_another_artifact(tmp_path: Path) -> None:
    with_code = Step("upper", (), "clean", code=("appliance.core.hashing",))
    run(tmp_path, [Work(UPPER, "a", dict, lambda: upper)])
    _, reused = run(tmp_path, [Work(with_code, "a", dict, lambda: upper)])
    assert reused == [False]


def test_what_a_killed_worker_left_is_swept_and_an_unfinished_scratch_stays(tmp_path: Path) -> None:
    sealed, _ = run(tmp_path, works("a b"))
    room = tmp_path / "workspace" / "store"
    done = f".scratch-{sealed['upper'].folder.name}"
    for name in (".draft-train-ab", ".scratch-train-ab", done):
        (room / name).mkdir()
    Store(tmp_path / "workspace").sweep()
    assert sorted(folder.name for folder in room.glob(".*")) == [".scratch-train-ab"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), RuntimeError("I/O error: No space left on device")])
def test_a_full_disk_is_told_as_such_whoever_reports_it(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(ResourceError, match="the disk is full"), disk_errors(tmp_path):
        raise error


def test_a_changed_byte_in_a_sealed_artifact_is_refused(tmp_path: Path) -> None:
    sealed, _ = run(tmp_path, works("a b"))
    (sealed["upper"].folder / "words").write_text('"A"\n"C"\n')
    with pytest.raises(IntegrityError, match="words"):
        run(tmp_path, works("a b"))


def test_a_raw_artifact_is_encrypted_and_its_vault_is_closed_to_others(tmp_path: Path) -> None:
    raw = Step("upper", (), "raw")
    sealed, _ = run(tmp_path, [Work(raw, "田中 太郎", dict, lambda: upper)])
    content = b"".join(file.read_bytes() for file in sealed["upper"].folder.iterdir())
    assert "田中".encode() not in content
    assert list(sealed["upper"].read_lines("words")) == ["田中", "太郎"]
    assert (tmp_path / "workspace" / "vault").stat().st_mode & 0o777 == 0o700


def test_only_the_step_that_declassifies_may_carry_raw_data_into_the_clean_room() -> None:
    raw = Step("ingest", (), "raw")
    check_custody([raw, Step("anonymize", ("ingest",), "clean", declassifies=True)])
    with pytest.raises(CustodyError, match="train"):
        check_custody([raw, Step("train", ("ingest",), "clean")])


def test_a_result_that_refuses_the_run_is_sealed_told_and_refuses_again(tmp_path: Path) -> None:
    def refuse(inputs, settings, draft, reporter):
        draft.write_json("report.json", {"passed": False})
        return {"refused": ["too bad", "take another"]}

    step = Work(Step("first", (), "clean"), None, dict, lambda: refuse)
    after = Work(Step("second", ("first",), "clean"), None, dict, lambda: pytest.fail("the run went on"))
    told: list[Artifact] = []
    for _ in range(2):
        with pytest.raises(GateRefused, match="too bad"):
            run_steps([step, after], Store(tmp_path / "w"), EventLog(tmp_path / "events"), lambda: False, told.append)
    assert [artifact.read_json("report.json") for artifact in told] == [{"passed": False}] * 2
