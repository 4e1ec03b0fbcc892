import numpy
import pytest

from appliance.training.hardware import free_bytes, host_peak_bytes, reset_peak, rss_bytes, temperature


def test_the_peak_holds_what_was_taken_and_given_back():
    reset_peak("cpu")
    before = host_peak_bytes()
    taken = numpy.ones(8 * 10**6)
    held = rss_bytes()
    del taken
    assert host_peak_bytes() >= before + 60 * 10**6
    assert host_peak_bytes() >= held * 0.99
    reset_peak("cpu")
    assert host_peak_bytes() < before + 30 * 10**6


def test_the_hottest_sensor_tells_the_temperature(tmp_path):
    zone, chip = tmp_path / "class/thermal/thermal_zone0", tmp_path / "class/hwmon/hwmon1"
    for folder, name, told in ((zone, "temp", "48000\n"), (chip, "temp1_input", "61500"), (chip, "temp2_input", "?")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(told, encoding="ascii")
    assert temperature("cpu", tmp_path) == 61.5


def test_a_machine_without_sensors_tells_no_temperature(tmp_path):
    assert temperature("cpu", tmp_path) is None


@pytest.mark.parametrize(("limit", "most"), [("3000000", 2_000_000), ("1000", 0)])
def test_the_limit_of_a_container_counts(tmp_path, limit, most):
    (tmp_path / "memory.max").write_text(limit, encoding="ascii")
    (tmp_path / "memory.current").write_text("1000000", encoding="ascii")
    assert free_bytes("cpu", tmp_path) == most


def test_a_container_without_a_limit_has_the_memory_of_the_machine(tmp_path):
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert free_bytes("cpu", tmp_path) > 10**8
