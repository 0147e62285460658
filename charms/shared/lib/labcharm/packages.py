"""Packages of a Debian or Ubuntu machine: what is installed, and how it comes there."""

from typing import Dict, Iterable, List

from .machine import Machine

_WAIT = ["-o", "DPkg::Lock::Timeout=120"]
# dpkg must not ask about a changed file of the machine's, and keeps the one that is there.
_INSTALL = [
    "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes",
    "--no-install-recommends", "--allow-downgrades", "-o", "Dpkg::Options::=--force-confdef",
    "-o", "Dpkg::Options::=--force-confold", *_WAIT,
]  # fmt: skip


def installed(machine: Machine, names: Iterable[str]) -> Dict[str, str]:
    """Return the versions of those packages that are installed; a name may hold `*`."""
    form = "${Package} ${db:Status-Status} ${Version}\n"
    out = machine.run(["dpkg-query", "-W", "-f", form, *names]).out
    rows = (line.split() for line in out.splitlines())
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def update(machine: Machine) -> None:
    """Read the package lists anew.

    Raises:
        CommandError: When apt cannot.
    """
    machine.check(["apt-get", "update", *_WAIT])


def install(machine: Machine, names: List[str]) -> None:
    """Install packages, each as NAME or NAME=VERSION.

    Raises:
        CommandError: When apt cannot; its last words are the text.
    """
    machine.check(_INSTALL + names, timeout=3600)
