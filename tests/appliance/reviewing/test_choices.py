import json

import pytest

from appliance.core.errors import InputError
from appliance.reviewing.choices import read_choices, standing_choices, tally


def _line(pair, choice, by="mk"):
    return json.dumps({"pair": pair, "by": by, "choice": choice})


def test_wins_losses_and_ties_are_counted_by_the_key():
    found = tally({"p0": "A", "p1": "A", "p2": "tie", "p3": "B"}, {"p0": "A", "p1": "B", "p2": "A", "p3": "B"})
    assert (found["wins"], found["losses"], found["ties"]) == (2, 1, 1)
    assert (found["win_rate"]["value"], found["win_rate"]["samples"]) == (pytest.approx(2 / 3), 3)
    assert tally({}, {})["win_rate"]["samples"] == 0


def test_the_later_choice_on_a_pair_holds():
    assert read_choices(f"{_line('p0', 'A')}\n\n{_line('p0', 'tie')}\n", {"p0": "A"}, "x") == {"p0": "tie"}


@pytest.mark.parametrize("line", [_line("p9", "A"), _line("p0", "C"), _line("p0", "A", " "), "{}", "[]", "{佐藤"])
def test_a_line_that_is_no_choice_is_refused_without_its_text(line):
    with pytest.raises(InputError, match="line 1") as caught:
        read_choices(line, {"p0": "A"}, "choices.jsonl")
    assert "佐藤" not in str(caught.value)


def test_a_choice_can_be_taken_back_and_the_newest_stands_last():
    lines = [_line("p0", "A"), _line("p1", "B", "佐"), _line("p0", "undo"), _line("p0", "tie")]
    assert list(standing_choices("\n".join(lines), {"p0", "p1"}, "x").items()) == [
        ("p1", ("B", "佐")),
        ("p0", ("tie", "mk")),
    ]
    assert read_choices("\n".join(lines[:3]), {"p0", "p1"}, "x") == {"p1": "B"}
