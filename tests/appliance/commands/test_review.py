"""A whole review without the terminal UI."""

import json

import pytest

from appliance.core.workspace import Workspace


@pytest.fixture
def reviewing(make_review, call, tmp_path):
    """Return a function: a sub-command of review and its arguments -> its JSON lines."""
    workspace = Workspace(tmp_path / "w")
    make_review(workspace)

    def run(command, *arguments):
        done = call("review", command, "orders", *arguments, "--json", "--workspace", workspace.root)
        assert done.status == 0, done.err
        return [json.loads(line) for line in done.out.splitlines()]

    return run


def test_a_review_is_done_from_the_command_line_alone(reviewing, tmp_path) -> None:
    assert reviewing("decide", "accept", "--declared", "--by", "mk") == [{"decided": 2, "open": 5, "findings": 7}]
    first = reviewing("list")[0]
    assert "text" not in first
    place = [
        f"--{'record' if key == 'record_id' else key}={first[key]}"
        for key in ("record_id", "column", "start", "end", "kind")
    ]
    assert reviewing("decide", "accept", *place, "--equal", "--by", "mk")[0]["open"] == 3
    rest = tmp_path / "rest.jsonl"
    rest.write_text("".join(json.dumps(line) + "\n" for line in reviewing("list")), encoding="utf-8")
    assert reviewing("decide", "reject", "--from", str(rest), "--by", "mk")[0]["open"] == 0
    assert reviewing("undo", "--by", "mk") == [{"undone": True, "open": 3, "findings": 7}]


def test_a_missed_place_is_marked_and_the_risk_is_told_with_its_sample(reviewing) -> None:
    record = reviewing("read")[0]["record_id"]
    told = reviewing(
        "mark", "--record=WO-2", "--column=text", "--start=28", "--end=33", "--kind=EMPLOYEE_ID", "--by=mk"
    )
    assert told == [{"marked": 1, "places": 1, "documents": 1, "open": 7, "findings": 7}]
    missed = reviewing("read", record)[0]
    assert (missed["samples"], missed["drawn"]) == (1, 3)
    assert reviewing("status")[0]["missed"] == missed


def test_text_is_printed_only_where_it_is_asked_for(reviewing) -> None:
    assert [line["text"] for line in reviewing("list", "--text")][:2] == ["田中太郎", "03-1234-5678"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("decide", "orders", "accept"), "record_id is missing"),
        (("mark", "orders", "--record=WO-2", "--column=text", "--start=9", "--end=99", "--kind=X"), "outside"),
        (("read", "orders", "WO-9"), "no document"),
    ],
)
def test_a_wrong_place_is_refused(make_review, call, tmp_path, arguments, told) -> None:
    workspace = Workspace(tmp_path / "w")
    make_review(workspace)
    done = call("review", *arguments, "--workspace", workspace.root)
    assert done.status == 2
    assert told in done.err
