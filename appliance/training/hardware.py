"""What the machine says about itself while it trains: memory in use, its peak, memory that is free, temperature.

Covers: Linux, limits of a container (cgroup v2), one GPU. Does not cover: memory that other programs take later.
"""

import resource
from contextlib import suppress
from pathlib import Path

import torch

_MEMINFO = Path("/proc/meminfo")
_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")
_CGROUP = Path("/sys/fs/cgroup")
_SENSORS = ("class/hwmon/hwmon*/temp*_input", "class/thermal/thermal_zone*/temp")


def rss_bytes() -> int:
    """Return the resident memory of this process; Linux counts it in pages."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def reset_peak(device: str) -> None:
    """Let the peaks of memory count from now on; where the kernel forbids that, from the start of the process."""
    with suppress(OSError):  # then `host_peak_bytes` is an upper bound, which is the safe side
        _CLEAR_REFS.write_text("5", encoding="ascii")  # proc(5): resets the peak resident set size
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats(device)


def host_peak_bytes() -> int:
    """Return the largest resident memory since `reset_peak`."""
    return _kilobytes(_STATUS, "VmHWM") * 1024


def peak_bytes(device: str) -> int:
    """Return the largest memory since `reset_peak`, of the GPU or of the host, as the device says."""
    if device.startswith("cuda"):
        return int(torch.cuda.max_memory_reserved(device))
    return host_peak_bytes()


def used_bytes(device: str) -> int:
    """Return the memory that is in use now on the device."""
    if device.startswith("cuda"):
        return int(torch.cuda.memory_allocated(device))
    return rss_bytes()


def free_bytes(device: str, cgroup: Path = _CGROUP) -> int:
    """Return how much more memory this process can take on the device."""
    if device.startswith("cuda"):
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + int(cached)
    free = _kilobytes(_MEMINFO, "MemAvailable") * 1024
    try:
        limit = int((cgroup / "memory.max").read_text(encoding="ascii"))
        taken = int((cgroup / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):  # no cgroup, or its limit is the word "max"
        return free
    return min(free, max(0, limit - taken))


def temperature(device: str, sensors: Path = Path("/sys")) -> float | None:
    """Return the temperature of the device in degrees Celsius, of its hottest sensor; None where none is told."""
    if device.startswith("cuda"):
        try:
            return float(torch.cuda.temperature(device))
        except (ImportError, RuntimeError):  # the driver's library for Python is not installed
            return None
    told = (_millidegrees(file) for pattern in _SENSORS for file in sensors.glob(pattern))
    return max((value / 1000 for value in told if value is not None), default=None)


def _millidegrees(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # a sensor that sleeps answers with an error
        return None


def _kilobytes(file: Path, name: str) -> int:
    line = next(line for line in file.read_text(encoding="ascii").splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])
