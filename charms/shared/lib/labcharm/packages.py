"""Packages of a Debian or Ubuntu machine: which are installed, and how to install others."""

from typing import Dict, Iterable, List

from labcharm.machine import Machine

_WAIT_FOR_LOCK = ["-o", "DPkg::Lock::Timeout=120"]
# dpkg must not ask about configuration files that were changed on the machine; it keeps them.
_INSTALL = [
    "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes",
    "--no-install-recommends", "--allow-downgrades", "-o", "Dpkg::Options::=--force-confdef",
    "-o", "Dpkg::Options::=--force-confold", *_WAIT_FOR_LOCK,
]  # fmt: skip


def installed(machine: Machine, names: Iterable[str]) -> Dict[str, str]:
    """Return the versions of those packages that are installed, by name.

    Args:
        machine: The machine.
        names: The packages' names; `*` stands for any characters.
    """
    row_format = "${Package} ${db:Status-Status} ${Version}\n"
    output = machine.run(["dpkg-query", "-W", "-f", row_format, *names]).out
    rows = (line.split() for line in output.splitlines())
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def update(machine: Machine) -> None:
    """Update the package lists.

    Raises:
        CommandError: When apt fails.
    """
    machine.check(["apt-get", "update", *_WAIT_FOR_LOCK])


def install(machine: Machine, names: List[str]) -> None:
    """Install packages, each given as NAME or NAME=VERSION.

    Raises:
        CommandError: When apt fails; the message holds the last line of its output.
    """
    machine.check(_INSTALL + names, timeout=3600)
