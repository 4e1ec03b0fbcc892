"""Reviewers at work on sealed, encrypted findings."""

import pytest

from anonymize.decisions import decision_lines
from anonymize.proof.reviewing import read_decisions
from anonymize.records import Finding, Span
from appliance import service
from appliance.core.audit_log import AuditLog
from appliance.core.errors import InputError, IntegrityError, SettingsError
from appliance.core.workspace import Workspace
from appliance.reviewing.session import Marked


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "w")


@pytest.fixture
def run(make_review, workspace):
    return make_review(workspace)


def as_findings(session) -> list[Finding]:
    corpus = session.corpus
    return [
        Finding(corpus.documents[i.document].id, i.column, Span(i.start, i.end), i.kind, i.score, i.recognizers)
        for i in corpus.items
    ]


def test_places_that_several_recognizers_found_are_one_item_and_searched_columns_come_first(run, workspace) -> None:
    corpus = service.review(run, workspace, "mk").corpus
    assert [(item.column, corpus.value(n)) for n, item in enumerate(corpus.items)] == [
        ("text", "田中太郎"),
        ("text", "03-1234-5678"),
        ("who", "田中太郎"),
        ("text", "Fairweather"),
        ("text", "田中太郎"),
        ("text", "Fairweather"),
        ("who", "田中太郎"),
    ]
    assert (corpus.items[0].recognizers, corpus.items[0].score) == ("ner-ja + known-value", 0.9)


def test_a_decision_is_on_the_disk_at_once_and_holds_no_text(run, workspace) -> None:
    service.review(run, workspace, "mk").decide([0], "accept")
    (line,) = decision_lines(run.decisions)
    assert (line["record_id"], line["start"], line["end"], line["by"]) == ("WO-1", 8, 12, "mk")
    assert "田中" not in run.decisions.read_text(encoding="utf-8")
    assert run.decisions.stat().st_mode & 0o777 == 0o600


def test_all_equal_values_are_decided_as_one_action_and_undone_as_one_after_a_restart(run, workspace) -> None:
    first = service.review(run, workspace, "mk")
    assert first.decide(first.corpus.equal_items(0), "accept") == 4
    again = service.review(run, workspace, "mk")
    assert again.progress.decided == 4
    assert again.undo() == {0, 2, 4, 6}
    assert again.progress.decided == 0
    assert again.undo() is None


def test_two_reviewers_at_once_see_and_keep_each_other_s_work(run, workspace) -> None:
    one, two = (service.review(run, workspace, by) for by in ("mk", "佐藤"))
    one.decide([0, 3], "accept")
    two.decide([3, 5], "reject")
    assert one.refresh() == {3, 5}
    assert one.verdicts(3) == {"mk": "accept", "佐藤": "reject"}
    assert (one.agreement.places, one.agreement.same) == (1, 0)
    assert one.disputed(-1) == 3
    two.undo()
    one.refresh()
    assert one.line(3)["by"] == "mk"
    assert one.line(5) is None


def test_what_reviewers_wrote_is_what_the_review_step_reads(run, workspace) -> None:
    session = service.review(run, workspace, "mk")
    session.decide(range(7), "accept")
    session.correct(0, Marked("text", 6, 12, "PERSON"))
    session.mark(1, [Marked("text", 28, 33, "EMPLOYEE_ID")])
    session.decide([6], "reject")
    session.undo()
    session.confirm_read(0)
    decided = read_decisions(run.decisions, as_findings(session))
    verdicts = {(d.finding.record_id, d.finding.column, d.finding.span.start): d.verdict for d in decided}
    assert verdicts[("WO-1", "text", 8)] == "reject"
    assert verdicts[("WO-1", "text", 6)] == "accept"
    assert verdicts[("WO-2", "text", 28)] == "accept"
    assert verdicts[("WO-3", "who", 0)] == "accept"
    assert session.progress.marked == 2


def test_only_a_mark_beside_every_finding_counts_as_missed(run, workspace) -> None:
    session = service.review(run, workspace, "mk")
    assert session.residual.bound == 1.0
    session.correct(0, Marked("text", 6, 12, "PERSON"))
    session.mark(1, [Marked("text", 28, 33, "EMPLOYEE_ID")])
    for document in session.audit:
        session.confirm_read(document)
    residual = session.residual
    assert (residual.read, residual.drawn, residual.missed) == (3, 3, 1)
    assert residual.bound == pytest.approx(0.8646, abs=1e-3)


def test_a_marked_text_is_looked_for_in_the_whole_corpus(run, workspace) -> None:
    assert service.review(run, workspace, "mk").corpus.occurrences("Fairweather") == (2, 2)


def test_open_items_are_found_forwards_backwards_and_around_the_end(run, workspace) -> None:
    session = service.review(run, workspace, "mk")
    session.decide([1, 2, 6], "accept")
    assert [session.open_item(0), session.open_item(5), session.open_item(3, -1), session.open_item(0, -1)] == [
        3,
        0,
        0,
        5,
    ]
    session.decide(range(7), "accept")
    assert session.open_item(3) is None


def test_columns_that_the_settings_declare_personal_can_be_decided_in_one_go(run, workspace) -> None:
    session = service.review(run, workspace, "mk")
    assert session.declared() == [2, 6]


def test_an_unfinished_last_line_was_never_made_and_is_cut_off(run, workspace) -> None:
    session = service.review(run, workspace, "mk")
    session.decide([0], "accept")
    with run.decisions.open("ab") as stream:
        stream.write(b'{"record_id": "WO-2", "col')
    session.decide([1], "reject")
    assert [line["verdict"] for line in decision_lines(run.decisions)] == ["accept", "reject"]


def test_a_wrong_line_is_named_by_its_number(run, workspace) -> None:
    run.decisions.write_text('{"verdict": "田中太郎"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 1") as caught:
        service.review(run, workspace, "mk")
    assert "田中" not in caught.value.message


def test_that_originals_were_opened_is_logged_before_they_are_read(run, workspace) -> None:
    service.review(run, workspace, "佐藤")
    (entry,) = AuditLog(workspace.audit_log).entries()
    assert (entry.action, entry.details) == ("review", {"run": "orders-12345678", "by": "佐藤"})


def test_a_changed_artifact_does_not_open(run, workspace) -> None:
    (file,) = workspace.vault.glob("store/detect-*/findings.jsonl")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError):
        service.review(run, workspace, "mk")


def test_a_run_without_findings_or_with_a_batch_policy_has_nothing_to_review(make_review, workspace) -> None:
    run = make_review(workspace, policy="accept-all")
    with pytest.raises(SettingsError, match="batch policy accept-all"):
        service.review(run, workspace, "mk")
    run.events.unlink()
    with pytest.raises(SettingsError, match="no findings yet"):
        service.review(run, workspace, "mk")


def test_documents_far_apart_are_opened_without_reading_those_between(make_review, workspace) -> None:
    documents = [
        (
            f"r{n}",
            {"text": f"person{n % 7} of {n}", "answer": "", "who": ""},
            [("text", f"person{n % 7}", "PERSON", 0.5, "x")],
        )
        for n in range(1600)
    ]
    corpus = service.review(make_review(workspace, documents), workspace, "mk").corpus
    assert [corpus.columns(n)["text"] for n in (0, 511, 512, 1599, 3)] == [
        f"person{n % 7} of {n}" for n in (0, 511, 512, 1599, 3)
    ]
    assert len(corpus.equal_items(6)) == 228
