import re
import threading
import time

import pytest

from anonymize.detection.limits import cpu_limit, seconds_for
from anonymize.errors import DetectionError

SLOW = re.compile(r"(?:a|aa|aaa)+b")


def test_a_pattern_of_the_standard_library_is_interrupted() -> None:
    with pytest.raises(DetectionError, match=r"took more than 0\.02 s"), cpu_limit(0.02):
        SLOW.match("a" * 60)


def test_a_library_that_swallows_the_first_alarm_gets_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anonymize.detection.limits.AGAIN_SECONDS", 0.02)
    alarms = 0

    def swallow() -> None:
        nonlocal alarms
        try:
            SLOW.match("a" * 60)
        except DetectionError:
            alarms += 1
            SLOW.match("a" * 60)

    with pytest.raises(DetectionError), cpu_limit(0.02):
        swallow()
    assert alarms == 1


def test_work_in_time_is_left_alone_and_waiting_is_no_work() -> None:
    with cpu_limit(0.02):
        time.sleep(0.1)


def test_outside_of_the_main_thread_the_limit_is_refused_instead_of_ignored() -> None:
    refused: list[str] = []

    def work() -> None:
        try:
            with cpu_limit(1.0):
                refused.append("ran without a limit")
        except RuntimeError as error:
            refused.append(type(error).__name__)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert refused == ["RuntimeError"]


def test_a_longer_text_may_take_longer() -> None:
    assert seconds_for(4_000, 5.0) == 9.0
