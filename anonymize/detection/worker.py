"""The other side of pool.py: a process that takes a job once, then answers one shard of records after another.

It ends when its parent does (the pipe closes). Torch is never imported here: see recognizers/loading.py.
"""

import signal
from multiprocessing.connection import Connection
from typing import Any

READY, DONE, FAILED = "ready", "done", "failed"


def main(read_handle: int, write_handle: int) -> None:
    """Answer until the parent closes its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    with Connection(read_handle, writable=False) as questions, Connection(write_handle, readable=False) as answers:
        try:
            _answer_all(questions, answers)
        except (EOFError, BrokenPipeError):
            return


def _answer_all(questions: "Connection[Any, Any]", answers: "Connection[Any, Any]") -> None:
    try:
        work = questions.recv().prepare()
    except (EOFError, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - the outermost frame of the process: the type is told, the text is not
        answers.send((FAILED, type(error).__name__))
        return
    answers.send((READY, ""))
    while True:
        items = questions.recv()
        try:
            answers.send((DONE, work(items)))
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            answers.send((FAILED, type(error).__name__))
