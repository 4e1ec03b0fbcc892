"""Lines of a child process, and its end."""

import sys
import threading

import pytest

from appliance.core.children import ChildLines
from appliance.core.errors import ApplianceError, InputError


def child(code: str) -> ChildLines:
    return ChildLines([sys.executable, "-c", code])


def test_lines_come_as_they_are_printed() -> None:
    assert list(child('print(\'{"a": 1}\'); print(\'{"b": "二"}\')')) == [{"a": 1}, {"b": "二"}]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ('print(\'{"error": "no", "hint": "h"}\')', InputError),
        ("import sys; sys.exit(3)", ApplianceError),
        ("print('田中')", ApplianceError),
    ],
)
def test_what_goes_wrong_is_an_error_without_what_was_printed(code: str, kind: type[ApplianceError]) -> None:
    with pytest.raises(kind) as caught:
        list(child(code))
    assert "田中" not in caught.value.message


def test_a_child_that_is_waited_for_is_ended_from_another_thread() -> None:
    lines = child("import time; time.sleep(60)")
    waiting = threading.Thread(target=lambda: list(lines))
    waiting.start()
    lines.close()
    waiting.join(5)
    assert not waiting.is_alive()
