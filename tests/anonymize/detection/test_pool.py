import importlib
import itertools
import os
from pathlib import Path
from types import ModuleType

import pytest

from anonymize.detection.pool import Limits, Lost, Pool
from anonymize.errors import DetectionError


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    return importlib.import_module("pool_jobs")


def in_shards(numbers: range) -> list[list[int]]:
    return [list(numbers[start : start + 4]) for start in range(0, len(numbers), 4)]


@pytest.mark.parametrize("processes", [1, 3])
def test_answers_come_in_the_order_of_the_items(jobs: ModuleType, processes: int) -> None:
    with Pool(jobs.Squares(), processes, Limits()) as pool:
        answered = list(pool.answers(in_shards(range(12))))
    assert [shard for shard, _ in answered] == in_shards(range(12))
    assert [answer for _, answers in answered for answer in answers] == [number**2 for number in range(12)]


def test_an_item_that_ends_its_process_is_lost_and_its_neighbours_are_not(jobs: ModuleType) -> None:
    with Pool(jobs.Squares(), 2, Limits()) as pool:
        answers = [answer for _, shard in pool.answers(in_shards(range(12, 20, 2))) for answer in shard]
        assert answers == [144, 196, 256, 324]
        answers = [answer for _, shard in pool.answers([[12, 13, 14]]) for answer in shard]
    assert answers == [144, Lost("a worker process died"), 196]


def test_an_item_that_stalls_is_lost_and_its_neighbours_are_not(jobs: ModuleType) -> None:
    with Pool(jobs.Squares(), 1, Limits(stall_seconds=0.4)) as pool:
        ((_, answers),) = pool.answers([[16, 17, 18]])
    assert answers == [256, Lost("a worker process gave no answer in 0.4 s"), 324]


def test_a_job_that_cannot_be_prepared_stops_the_run_without_telling_more_than_the_type(jobs: ModuleType) -> None:
    with Pool(jobs.NoModel(), 1, Limits()) as pool, pytest.raises(DetectionError) as caught:
        list(pool.answers([[1]]))
    assert caught.value.message == "a worker process cannot start: FileNotFoundError"


def test_processes_are_renewed_after_so_many_items(jobs: ModuleType) -> None:
    with Pool(jobs.ProcessIds(), 1, Limits(renew_after=8)) as pool:
        process_ids = [answers[0] for _, answers in pool.answers(in_shards(range(24)))]
    assert process_ids[0] == process_ids[1]
    assert len(set(process_ids)) == 3


def test_an_endless_stream_is_read_only_a_little_ahead_and_its_processes_end_with_the_reader(jobs: ModuleType) -> None:
    drawn = itertools.count()
    with Pool(jobs.ProcessIds(), 2, Limits()) as pool:
        _, (process_id,) = next(pool.answers([next(drawn)] for _ in itertools.count()))
    assert next(drawn) <= 6
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(process_id)), 0)
