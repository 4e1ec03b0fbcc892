import json
from pathlib import Path

import pytest

from anonymize.decisions import audit_sample
from anonymize.errors import DecisionError, OpenFindings
from anonymize.proof.reviewing import accept_all, read_decisions
from anonymize.records import Decision, Finding, Span

FINDING = Finding("1", "remark", Span(2, 4), "PERSON", 0.85, "ner-ja")
SAME_PLACE = Finding("1", "remark", Span(2, 4), "PERSON", 0.7, "sudachi-names")
LINE = {"record_id": "1", "column": "remark", "start": 2, "end": 4, "kind": "PERSON", "verdict": "accept", "by": "mk"}


def written(folder: Path, *lines: object) -> Path:
    file = folder / "decisions.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return file


def test_the_batch_policy_accepts_every_finding_and_says_so() -> None:
    (decision,) = accept_all([FINDING], "policy")
    assert (decision.verdict, decision.by, decision.reason) == (
        "accept",
        "policy",
        "batch policy: every finding is accepted",
    )


def test_one_line_decides_on_all_findings_of_its_place(tmp_path: Path) -> None:
    file = written(tmp_path, LINE | {"verdict": "reject", "reason": "ポンプの名前"})
    decisions = read_decisions(file, [FINDING, SAME_PLACE])
    assert decisions == tuple(Decision(finding, "reject", "ポンプの名前", "mk") for finding in (FINDING, SAME_PLACE))


def test_a_later_line_replaces_an_earlier_one(tmp_path: Path) -> None:
    (decision,) = read_decisions(written(tmp_path, LINE, LINE | {"verdict": "reject"}), [FINDING])
    assert decision.verdict == "reject"


def test_a_reviewer_adds_a_missed_place(tmp_path: Path) -> None:
    added = read_decisions(written(tmp_path, LINE, LINE | {"start": 7, "end": 9}), [FINDING])[1]
    assert added.finding == Finding("1", "remark", Span(7, 9), "PERSON", 1.0, "reviewer")


def test_open_findings_are_counted(tmp_path: Path) -> None:
    other = Finding("2", "remark", Span(0, 1), "PERSON", 1.0, "title")
    with pytest.raises(OpenFindings) as caught:
        read_decisions(written(tmp_path), [FINDING, other])
    assert caught.value.count == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "maybe"}, "neither accept nor reject"),
        ({"start": "2"}, "'start' is missing or not of type int"),
        ({"start": True}, "'start' is missing"),
        ({"end": 2}, "not a span"),
        ({"by": " "}, "say who decided"),
        ({"start": 9, "end": 11, "verdict": "reject"}, "where nothing was found"),
    ],
)
def test_a_wrong_line_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(DecisionError, match=message):
        read_decisions(written(tmp_path, LINE, LINE | change), [FINDING])


def test_a_line_that_is_no_json_is_refused_without_its_text(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text('{"reason": "Sato', encoding="utf-8")
    with pytest.raises(DecisionError, match="line 1 is not JSON") as caught:
        read_decisions(file, [])
    assert caught.value.__suppress_context__
    with pytest.raises(DecisionError, match="not an object"):
        read_decisions(written(tmp_path, [1]), [])
    with pytest.raises(DecisionError, match="no such file"):
        read_decisions(tmp_path / "none", [])


def test_the_audit_sample_is_reproducible_and_has_no_doubles() -> None:
    ids = [f"WO-{number}" for number in range(500)]
    sample = audit_sample(ids, 100, seed=7)
    assert sample == audit_sample(ids, 100, seed=7)
    assert set(sample) == set(audit_sample(ids[::-1], 100, seed=7))
    assert sample != audit_sample(ids, 100, seed=8)
    assert len(set(sample)) == 100
    assert audit_sample(ids[:3], 100, seed=7) == tuple(ids[:3])


def test_the_audit_sample_is_uniform() -> None:
    ids = [str(number) for number in range(10)]
    counts = dict.fromkeys(ids, 0)
    for seed in range(2000):
        for record_id in audit_sample(ids, 3, seed):
            counts[record_id] += 1
    assert all(520 <= count <= 680 for count in counts.values())  # 600 expected, 4 standard deviations
