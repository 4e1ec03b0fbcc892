import pytest

from appliance.core.energy import EnergyMeter, metered


@pytest.fixture
def make_zone(tmp_path):
    """Return a function that writes a counter as the kernel shows it."""

    def make(zone: str, name: str, microjoules: int, top: int = 262_143_328_850):
        folder = tmp_path / zone
        folder.mkdir(exist_ok=True)
        for file, content in (("name", name), ("energy_uj", microjoules), ("max_energy_range_uj", top)):
            (folder / file).write_text(f"{content}\n", encoding="ascii")

    return make


def test_packages_and_memory_are_added_and_what_they_hold_is_not_counted_twice(make_zone, tmp_path):
    zones = (("intel-rapl:0", "package-0"), ("intel-rapl:0:0", "core"), ("intel-rapl:0:1", "dram"))
    for zone, name in (*zones, ("intel-rapl:1", "psys")):
        make_zone(zone, name, 5_000_000)
    meter = EnergyMeter(tmp_path)
    assert meter.joules() == 0
    for zone, name in (*zones, ("intel-rapl:1", "psys")):
        make_zone(zone, name, 8_000_000)
    assert meter.joules() == pytest.approx(6.0)
    assert meter.told == "measured"


def test_a_counter_that_starts_again_is_followed(make_zone, tmp_path):
    make_zone("intel-rapl:0", "package-0", 9_000_000, top=10_000_000)
    meter = EnergyMeter(tmp_path)
    make_zone("intel-rapl:0", "package-0", 1_500_000, top=10_000_000)
    assert meter.joules() == pytest.approx(2.5)


def test_where_there_is_no_counter_nothing_is_told(tmp_path):
    meter = EnergyMeter(tmp_path / "none")
    assert (meter.joules(), meter.told) == (None, "no counter")


def test_a_counter_that_cannot_be_read_tells_nothing_from_then_on(make_zone, tmp_path):
    make_zone("intel-rapl:0", "package-0", 1)
    meter = EnergyMeter(tmp_path)
    (tmp_path / "intel-rapl:0" / "energy_uj").unlink()
    assert (meter.joules(), meter.told) == (None, "not readable")
    make_zone("intel-rapl:0", "package-0", 9)
    assert meter.joules() is None


def test_a_meter_ends_with_what_it_measures(make_zone, tmp_path):
    make_zone("intel-rapl:0", "package-0", 0)
    with metered(tmp_path) as meter:
        make_zone("intel-rapl:0", "package-0", 7_000_000)
    assert meter.joules() == pytest.approx(7.0)
