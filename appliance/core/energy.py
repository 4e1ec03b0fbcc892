"""The joules that the processor's own counters tell (RAPL, through Linux' powercap); nothing is estimated.

https://docs.kernel.org/power/powercap/powercap.html
Covers: packages and memory of this machine, by whatever ran on it meanwhile, idle power included; counters that start
again from zero.
Does not cover: accelerators, disks, fans, the loss of the power supply. Where the kernel shows no counter (a virtual
machine), or not to this user, nothing is told.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

POWERCAP = Path("/sys/class/powercap")
EVERY = 30.0  # seconds; a counter of 262 kJ starts again after 20 minutes at 200 W
Told = Literal["measured", "no counter", "not readable"]


class EnergyMeter:
    """Adds up what was used since it was made."""

    def __init__(self, root: Path = POWERCAP) -> None:
        self._zones = [_Zone(folder) for folder in sorted(root.glob("intel-rapl:*")) if _is_counted(folder)]
        self._joules = 0.0
        self._lock = threading.Lock()
        self.told: Told = "measured" if self._zones else "no counter"
        self.joules()

    def joules(self) -> float | None:
        """Return the joules since the meter was made, or None where nothing is told."""
        with self._lock:
            try:
                self._joules += sum(zone.used() for zone in self._zones) / 1e6
            except (OSError, ValueError):  # root alone may read them, since CVE-2020-8694
                self._zones, self.told = [], "not readable"
            return self._joules if self.told == "measured" else None


@contextmanager
def metered(root: Path = POWERCAP) -> Iterator[EnergyMeter]:
    """Yield a meter that looks often enough to see every counter that starts again."""
    meter, ended = EnergyMeter(root), threading.Event()

    def look() -> None:
        while not ended.wait(EVERY):
            meter.joules()

    thread = threading.Thread(target=look, name="energy", daemon=True)
    thread.start()
    try:
        yield meter
    finally:
        ended.set()
        thread.join()


class _Zone:
    """One counter, in microjoules."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: int | None = None  # None: not read yet

    def used(self) -> int:
        now = int((self._folder / "energy_uj").read_text(encoding="ascii"))
        last, self._last = self._last, now
        if last is None:
            return 0
        if now >= last:
            return now - last
        return now - last + int((self._folder / "max_energy_range_uj").read_text(encoding="ascii"))


def _is_counted(folder: Path) -> bool:
    """Packages hold their cores; memory is counted apart. A platform's counter would count both again."""
    try:
        name = (folder / "name").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return False
    return name.startswith("package") or name == "dram"
