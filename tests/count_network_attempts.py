"""Run a command where the loopback is the only interface, and count what it tries to send elsewhere.

    unshare -rn python tests/count_network_attempts.py COUNT_FILE COMMAND ...

Covers: every connect and every datagram of every process of the command, TCP and UDP, IPv4 and IPv6, questions to a
name server, and attempts whose error was swallowed: the kernel counts packets that have no route.
Does not cover: listening for others; for that strace is asked where it is installed.
"""

import fcntl
import socket
import struct
import subprocess
import sys
from pathlib import Path

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1  # netdevice(7)


def attempts() -> int:
    """Return how many packets of this namespace had no route since it was made."""
    names, values = (line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:"))
    four = int(values[names.index("OutNoRoutes")])
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())["Ip6OutNoRoutes"]
    return four + int(six)


def bring_loopback_up() -> None:
    """Let processes of the namespace speak to each other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        fcntl.ioctl(asking, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


if __name__ == "__main__":
    bring_loopback_up()
    status = subprocess.run(sys.argv[2:], check=False).returncode
    Path(sys.argv[1]).write_text(str(attempts()))
    sys.exit(status)
