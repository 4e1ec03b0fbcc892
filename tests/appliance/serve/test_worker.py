"""The thread of an engine: whoever was taken hears an end."""

import threading
from typing import Any

import pytest

from appliance.serve.engine import load
from appliance.serve.jobs import Done, Event
from appliance.serve.worker import Overloaded, Retired, Worker


class Heard:
    """The events of one answer, and when it has ended."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.has_ended = threading.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Done):
            self.has_ended.set()


def test_when_the_engine_fails_everybody_who_waits_is_told(
    tiny: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = load(tiny.home)
    worker = Worker(engine, queue_limit=8)
    good = engine.order(engine.prompter.tokens("pump 3 leaks"))
    bad = engine.order([])  # no prompter gives an empty prompt: the graph has nothing to read
    told = [Heard() for _ in range(5)]
    for order, heard in zip((bad, *[good] * 4), told, strict=True):
        worker.submit(order, heard)
    assert all(heard.has_ended.wait(20) for heard in told)
    worker.join(20)
    assert not worker.is_alive and worker.has_failed
    assert worker.open_jobs == 0
    assert [line for line in caplog.messages if line.startswith("the engine failed: ")]
    assert "Traceback" not in caplog.text + capfd.readouterr().err
    with pytest.raises(Overloaded):
        worker.submit(good, Heard())


@pytest.mark.parametrize("place", ["clear_desk", "read", "take_seat", "advance_each"])
def test_the_job_that_the_engine_failed_over_is_told_once(
    tiny: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    engine = load(tiny.home)

    def fail(*_: Any) -> None:
        raise RuntimeError("a text")

    monkeypatch.setattr(engine._slots, place, fail)
    worker, heard = Worker(engine, queue_limit=8), Heard()
    worker.submit(engine.order(engine.prompter.tokens("pump 3 leaks")), heard)
    worker.join(20)
    assert [type(event) for event in heard.events].count(Done) == 1
    assert worker.has_failed and worker.open_jobs == 0


def test_a_retired_worker_writes_what_it_took_and_takes_nothing_new(tiny: Any) -> None:
    engine = load(tiny.home)
    worker = Worker(engine, queue_limit=8)
    order = engine.order(engine.prompter.tokens("ポンプ3 漏れ"))
    told = [Heard() for _ in range(3)]
    for heard in told:
        worker.submit(order, heard)
    worker.retire()
    assert all(heard.has_ended.wait(20) for heard in told)
    assert {heard.events[-1].reason for heard in told if isinstance(heard.events[-1], Done)} <= {"stop", "length"}
    worker.join(20)
    with pytest.raises(Retired):
        worker.submit(order, Heard())
