"""A blind comparison before several people: what is on the disk, and what nobody may see too early."""

import json

import pytest

from appliance import service
from appliance.core.errors import Busy, InputError, SettingsError
from appliance.core.locking import locked
from appliance.core.workspace import Workspace
from appliance.reviewing.appending import append_durably


@pytest.fixture
def run(make_compared, tmp_path):
    return make_compared(Workspace(tmp_path / "w"))


@pytest.fixture
def opened(run, tmp_path):
    return lambda by="佐藤": service.compare(run, Workspace(tmp_path / "w"), by)


def test_choices_lie_in_the_run_s_folder_where_the_settings_name_no_file(run, opened):
    opened("  mk ").choose(1, "tie")
    assert json.loads(run.choices.read_text()) == {"pair": "p1", "by": "mk", "choice": "tie"}


def test_the_result_opens_with_the_last_choice_and_then_nothing_changes(run, opened):
    comparison, other = opened(), opened("mk")
    for place, choice in ((0, "A"), (2, "B")):
        comparison.choose(place, choice)
        assert comparison.result() is None
    other.choose(1, "A")
    comparison.refresh()
    assert comparison.result() == other.result()
    assert (comparison.result()["wins"], comparison.result()["losses"]) == (2, 1)
    assert comparison.result()["win_rate"]["low"] == pytest.approx(0.2077, abs=1e-4)  # Wilson, 2 of 3
    written = run.choices.read_text()
    for act in (lambda: comparison.choose(0, "B"), comparison.undo):
        with pytest.raises(SettingsError, match="the choices stand"):
            act()
    assert run.choices.read_text() == written


def test_each_person_takes_back_their_own_newest_choice_also_after_a_restart(opened):
    opened().choose(0, "A")
    opened("mk").choose(2, "B")
    assert opened().undo() == 0
    assert opened().undo() is None
    assert opened().judged == 1


def test_the_next_open_pair_is_looked_for_around_the_end(opened):
    comparison = opened()
    comparison.choose(1, "A")
    assert [comparison.open_pair(after) for after in (-1, 0, 2)] == [0, 2, 0]


def test_a_choice_that_cannot_be_written_or_read_is_not_made(run, opened):
    comparison = opened()
    with locked(run.folder / ".choices.jsonl.lock", "test"), pytest.raises(Busy):
        comparison.choose(0, "A")
    assert comparison.judged == 0
    run.choices.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        comparison.choose(0, "A")
    with pytest.raises(InputError, match="the decision was not made"):
        append_durably(run.choices, b"{}")


def test_what_a_power_cut_left_unfinished_is_cut_off_before_the_next_line(tmp_path):
    file = tmp_path / "choices.jsonl"
    file.write_bytes(b'{"a": 1}\n{"b": ')
    append_durably(file, b'{"c": 2}\n')
    assert file.read_bytes() == b'{"a": 1}\n{"c": 2}\n'


def test_an_unfinished_choice_is_open(run, opened):
    run.choices.write_text('{"pair": "p0", "by": "x", "choice": "A"}\n{"pair": "p1", "b')
    comparison = opened()
    assert comparison.judged == 1
    comparison.choose(1, "A")
    assert comparison.judged == 2
