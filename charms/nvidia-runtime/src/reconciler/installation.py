"""The installations of containerd that the charm configures."""

import shlex
from typing import Dict, List, Mapping, NamedTuple

from labcharm.machine import Machine
from reconciler.command_line import flags_of, read_unit

_CONFIG = "/etc/containerd/config.toml"
_ADDRESS = "/run/containerd/containerd.sock"


class Installation(NamedTuple):
    """An installation of containerd.

    Attributes:
        name: Its name for the program that systemd runs.
        service: Its systemd unit.
        programs: The directory of containerd and ctr; empty where they are on the PATH.
        args_file: The file with the arguments of its command line; empty where the unit has them.
    """

    name: str
    service: str
    programs: str = ""
    args_file: str = ""

    def config_file(self, machine: Machine, environment: Mapping[str, str]) -> str:
        """Return the path of its configuration.

        Args:
            machine: The machine.
            environment: The variables that systemd passes to the unit's programs.
        """
        flags = self._flags(machine, environment)
        return (flags.get("config") or flags.get("c") or [_CONFIG])[-1]

    def address(self, machine: Machine) -> str:
        """Return the path of its socket."""
        flags = self._flags(machine, {})
        return (flags.get("address") or flags.get("a") or [_ADDRESS])[-1]

    def program(self, name: str) -> str:
        """Return the path of one of its programs, or the name where it is on the PATH."""
        return f"{self.programs}/{name}" if self.programs else name

    def _flags(self, machine: Machine, environment: Mapping[str, str]) -> Dict[str, List[str]]:
        if self.args_file:
            return file_flags(machine, self.args_file)
        return flags_of(read_unit(machine, self.service, environment).args)


def file_flags(machine: Machine, path: str) -> Dict[str, List[str]]:
    """Return the flags in a snap's file of arguments; none when the file does not exist."""
    text = machine.read(path) or ""
    try:
        words = shlex.split(text)
    except ValueError:  # a quote without its end
        words = text.split()
    return flags_of(["", *words])


DISTRIBUTION = Installation("containerd", "containerd.service")
# The snap `k8s` of Canonical Kubernetes (k8s-snap, pkg/k8sd/setup/containerd.go).
K8S_SNAP = Installation(
    "k8s-containerd",
    "snap.k8s.containerd.service",
    "/snap/k8s/current/bin",
    "/var/snap/k8s/common/args/containerd",
)
