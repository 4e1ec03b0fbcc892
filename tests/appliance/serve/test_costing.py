import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as some

from appliance.core.errors import InputError
from appliance.serve.costing import WARM_UP, mean, measure_requests, processor, read_cost


def test_every_request_is_answered_once_after_a_few_that_warm_up():
    asked: list[str] = []
    done = measure_requests(asked.append, ["軸受け", "pump", "hose", "valve", "belt"], "orders 1 (int8)")
    assert asked == ["軸受け", "pump", "軸受け", "pump", "hose", "valve", "belt"]
    assert (done.seconds.samples, len(asked) - 5) == (5, WARM_UP)
    assert 0 <= done.seconds.low <= done.seconds.value <= done.seconds.high
    assert done.joules is None or done.energy == "measured"


@given(some.lists(some.floats(0, 1e6), min_size=1, max_size=6))
def test_a_mean_lies_within_its_interval_and_that_within_the_values(values):
    told = mean(values)
    assert told.low <= told.value <= told.high
    assert told.value == pytest.approx(statistics.fmean(values))
    assert min(values) - 1e-6 <= told.low
    assert told.high <= max(values) * (1 + 1e-9) + 1e-6


def test_a_measurement_comes_back_from_the_target_as_it_was_printed():
    done = measure_requests(len, ["a"] * 5, "orders 1 (int8)")
    assert read_cost(done.model_dump_json(), "cost.json") == done


@pytest.mark.parametrize("content", ["", "{}", '{"seconds": 3}', "[" * 9000])
def test_what_is_no_measurement_is_refused_with_what_to_do(content):
    with pytest.raises(InputError, match=r"cost\.json: is not what appliance cost prints") as refused:
        read_cost(content, "cost.json")
    assert "appliance cost --batch" in refused.value.hint


def test_the_processor_is_named_and_the_machine_is_not(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: A processor @ 2 GHz\n", encoding="utf-8")
    assert processor(str(tmp_path / "cpuinfo")) == "A processor @ 2 GHz"
    assert processor(str(tmp_path / "none"))
